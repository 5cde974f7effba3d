"""Takes a text apart for the tester: its parts, what makes it more expensive, what it would be without that."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Any

from sms_sender.encoding import Encoded, encode
from sms_sender.replacements import forced, name, replaced

KINDS = ("gsm", "extended", "other")
GSM, EXTENDED, OTHER = KINDS


def of(text: str) -> dict[str, Any]:
    """The anatomy of a text, as the API returns it; an empty text has no parts."""
    encoded = encode(text)
    parts = encoded.parts if text else ()
    return {
        "parts": [_runs(part, encoded) for part in parts],
        "price_factor": len(parts),
        "replaced": _replaced(text),
    }


def _runs(part: str, encoded: Encoded) -> list[dict[str, Any]]:
    """Consecutive characters of one kind; each piece that is not in GSM-7 on its own."""
    runs: list[dict[str, Any]] = []
    end = 0
    for each in forced(part):
        start = each.position - 1
        runs += _plain_runs(part[end:start], encoded)
        runs.append(
            {
                "text": each.piece,
                "kind": OTHER,
                "name": " + ".join(map(name, each.piece)),
                "code_point": " ".join(f"U+{ord(character):04X}" for character in each.piece),
                "replacement": each.replacement,
            }
        )
        end = start + len(each.piece)
    return runs + _plain_runs(part[end:], encoded)


def _plain_runs(text: str, encoded: Encoded) -> list[dict[str, Any]]:
    return [
        {"text": "".join(characters), "kind": kind, "name": None, "code_point": None, "replacement": None}
        for kind, characters in groupby(text, key=lambda character: _kind(character, encoded.encoding))
    ]


@lru_cache(maxsize=4096)
def _kind(character: str, encoding: str) -> str:
    # In UCS-2 a character of the extension table counts one, as any other.
    return EXTENDED if encode(character).characters > 1 and encoding == "GSM-7" else GSM


def _replaced(text: str) -> dict[str, Any] | None:
    changed = replaced(text)
    if changed == text:
        return None
    encoded = encode(changed)
    return {"text": changed, "encoding": encoded.encoding, "segments": encoded.segments}
