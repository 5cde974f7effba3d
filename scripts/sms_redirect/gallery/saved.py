"""Reads a gallery that was saved with --json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sms_redirect.gallery import template_file
from sms_redirect.gallery.document import SCHEMA
from sms_redirect.gallery.errors import SavedGalleryError

_MESSAGE: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "title": (str,),
    "locale": (str, type(None)),
    "sent": (bool, type(None)),
    "text": (str,),
    "template_text": (str, type(None)),
    "encoding": (str,),
    "characters": (int,),
    "segments": (int,),
    "warnings": (list,),
}
_WARNING: Mapping[str, tuple[type, ...]] = {"code": (str,), "text": (str,)}
_ERROR: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("code", "text", "setting", "source"), (str,)),
    "file": (str, type(None)),
    "line": (int, type(None)),
    "column": (int, type(None)),
}


def is_saved_gallery(content: Any) -> bool:
    return isinstance(content, Mapping) and str(content.get("schema", "")).startswith("sms-redirect-gallery/")


def load(path: Path) -> dict[str, Any] | None:
    """The document in a file, None if it holds something else (a template).

    Raises:
        SavedGalleryError: it is a gallery of another version, or one that was changed by hand.
        TemplateError: it cannot be read.
    """
    text = template_file.read_text(path)
    if not text.lstrip().startswith("{"):
        return None
    content = template_file.parsed(text, path)
    if not is_saved_gallery(content):
        return None
    if content["schema"] != SCHEMA:
        raise SavedGalleryError(
            f"{path} has the schema {content['schema']}; this version reads {SCHEMA}. Save it anew."
        )
    return _checked(content, path)


def _checked(content: dict[str, Any], path: Path) -> dict[str, Any]:
    pool = content.get("pool")
    if not isinstance(pool, Mapping) or not isinstance(pool.get("origin"), str):
        raise _malformed(path, "pool")
    messages = _list(content, "messages", path)
    for number, message in enumerate(messages, 1):
        _check(message, _MESSAGE, path, f"messages, entry {number}")
        message["errors"] = _errors(message, path)
        for warning in message["warnings"]:
            _check(warning, _WARNING, path, f"the warnings of messages, entry {number}")
    return content | {"errors": _errors(content, path), "messages": messages}


def _errors(owner: Mapping[str, Any], path: Path) -> list[Any]:
    """Galleries of the first version have none."""
    errors = _list(owner, "errors", path) if "errors" in owner else []
    for each in errors:
        _check(each, _ERROR, path, "errors")
    return errors


def _list(owner: Mapping[str, Any], name: str, path: Path) -> list[Any]:
    found = owner.get(name)
    if not isinstance(found, list):
        raise _malformed(path, name)
    return found


def _check(value: Any, members: Mapping[str, tuple[type, ...]], path: Path, where: str) -> None:
    if not isinstance(value, dict):
        raise _malformed(path, where)
    for name, kinds in members.items():
        found = value.setdefault(name, None)
        # bool is a kind of int to Python
        if not isinstance(found, kinds) or (isinstance(found, bool) and bool not in kinds):
            raise _malformed(path, f"{name} of {where}")


def _malformed(path: Path, what: str) -> SavedGalleryError:
    return SavedGalleryError(f"{path} is not a gallery as --json saves it: {what} is missing or malformed.")
