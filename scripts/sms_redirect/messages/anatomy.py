"""Takes a text apart for the tester: its parts, the characters that make it dearer, what it would be with others."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sms_sender.encoding import Encoded, encode, replacement

if TYPE_CHECKING:
    from sms_redirect.messages.sms import Sms

KINDS = ("gsm", "extended", "other")
GSM, EXTENDED, OTHER = KINDS


def of(text: str) -> dict[str, Any]:
    """The anatomy of a text, as the API answers it; of an empty one there is none."""
    encoded = encode(text)
    parts = encoded.parts if text else ()
    return {
        "parts": [_runs(part, encoded) for part in parts],
        "price_factor": len(parts),
        "replaced": _replaced(text),
    }


def with_placeholders(sms: Sms) -> str | None:
    """The text with `{####}` and `{username}` back in, where each can have come from one place only."""
    if not sms.code or sms.text.count(sms.code) != 1:
        return None
    text = sms.text.replace(sms.code, "{####}")
    if sms.template == "invitation" and sms.user_name and text.count(sms.user_name) == 1:
        text = text.replace(sms.user_name, "{username}")
    return text


def _runs(part: str, encoded: Encoded) -> list[dict[str, Any]]:
    """Consecutive characters of one kind; each that is not in GSM-7 on its own."""
    runs: list[dict[str, Any]] = []
    for kind, characters in groupby(part, key=lambda character: _kind(character, encoded.encoding)):
        if kind == OTHER:
            runs += [_other(character) for character in characters]
        else:
            plain = {"kind": kind, "name": None, "code_point": None, "replacement": None}
            runs.append({"text": "".join(characters), **plain})
    return runs


def _other(character: str) -> dict[str, Any]:
    return {
        "text": character,
        "kind": OTHER,
        "name": unicodedata.name(character, "UNNAMED CHARACTER"),
        "code_point": f"U+{ord(character):04X}",
        "replacement": replacement(character),
    }


@lru_cache(maxsize=4096)
def _kind(character: str, encoding: str) -> str:
    alone = encode(character)
    if alone.encoding != "GSM-7":
        return OTHER
    # In UCS-2 a character of the extension table counts one, as any other.
    return EXTENDED if alone.characters > 1 and encoding == "GSM-7" else GSM


def _replaced(text: str) -> dict[str, Any] | None:
    changed = "".join(_instead(character) for character in text)
    if changed == text:
        return None
    encoded = encode(changed)
    return {"text": changed, "encoding": encoded.encoding, "segments": encoded.segments}


def _instead(character: str) -> str:
    if _kind(character, "UCS-2") != OTHER:
        return character
    nearest = replacement(character)
    return character if nearest is None else nearest
