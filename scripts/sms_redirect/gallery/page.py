"""The gallery as one HTML file: no script, no request, its styles inside and named by their hash."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from sms_redirect.gallery.comparison import Comparison
from sms_redirect.gallery.compose import Gallery, Picture
from sms_redirect.gallery.plain import code_point, visible
from sms_redirect.messages import anatomy
from sms_sender.autofill import LABELS

_BLANK = re.compile(r"[\s\u00ad\u200c\u200d]+")

_SENT = {True: "Sent", False: "Not sent", None: "Not known"}
# What the figures and the table of characters say already.
_SAID_BETTER = frozenset({"not-gsm-7", "several-parts"})
_SOURCES = {
    "pool": "a setting of the pool",
    "cached": "a setting of the pool",
    "default": "Cognito's default, because the pool sets none",
    "custom-message": "the pool's CustomMessage function",
}

Sheet = tuple[tuple[Picture, ...], ...]
"""One text of the page: the SMS that show it, each in every locale."""


def render(*galleries: Gallery) -> str:
    """The page; several galleries differ in locale only, and are shown side by side. Every text in it is escaped."""
    return _rendered("gallery.html", galleries=galleries, gallery=galleries[0], sheets=_sheets(galleries))


def render_comparison(comparison: Comparison) -> str:
    """What changed between two galleries."""
    return _rendered("comparison.html", comparison=comparison)


def _sheets(galleries: Sequence[Gallery]) -> list[Sheet]:
    """The SMS in groups that have the same text in every locale."""
    sheets: dict[object, list[tuple[Picture, ...]]] = {}
    for pictures in zip(*(gallery.pictures for gallery in galleries), strict=True):
        sheets.setdefault(tuple(picture.copy for picture in pictures), []).append(pictures)
    return [tuple(sheet) for sheet in sheets.values()]


def _rendered(name: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sms_redirect.gallery"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"visible": visible, "character": _character, "counted": _counted}
    style = _style()
    return environment.get_template(name).render(
        style=Markup(style),  # noqa: S704 - this package's own files
        style_hash=_hash(style),
        icon=Markup(_file("inbox", "static", "icon.svg")),  # noqa: S704 - this package's own file
        anatomy=anatomy.of,
        sent=_SENT,
        sources=_SOURCES,
        said_better=_SAID_BETTER,
        autofill_labels=LABELS,
        **values,
    )


def _character(text: str) -> str:
    """A character by itself, named if it would not be seen."""
    return code_point(text) if _BLANK.fullmatch(text) else visible(text)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _style() -> str:
    names = (("inbox", "static", "base.css"), ("inbox", "static", "detail.css"), ("gallery", "gallery.css"))
    return "\n".join(_file(*name) for name in names)


def _hash(style: str) -> str:
    """As a Content-Security-Policy names an inline style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


def _file(*name: str) -> str:
    return files("sms_redirect").joinpath(*name).read_text(encoding="utf-8")
