"""How a text travels as SMS: GSM 03.38 seven-bit characters or UCS-2, and how many parts that takes.

Tables: 3GPP TS 23.038, default alphabet and its extension. Part sizes: AWS End User Messaging, "SMS character limits".
"""

# ruff: noqa: RUF001 - characters that look alike are what this is about

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape and a character: two units

# units in a lone message, and in each part of a longer one (a header takes the rest)
_SIZES: MappingProxyType[Encoding, tuple[int, int]] = MappingProxyType({"GSM-7": (160, 153), "UCS-2": (70, 67)})
# what AWS takes in one message, in units
LIMITS: MappingProxyType[Encoding, int] = MappingProxyType({"GSM-7": 1530, "UCS-2": 630})

# Typographic characters that word processors put in place of plain ones. Others are found by decomposition.
_REPLACEMENTS = MappingProxyType(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\u3000\t", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("•·●", "*"),
        "…": "...",
        "⁄": "/",
        "ẞ": "ß",
        "₤": "£",
        "µ": "u",
        "‹": "<",
        "›": ">",
        # Greek capitals that look Latin: GSM-7 has the others only.
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        "×": "x",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "œ": "oe",
        "Œ": "OE",
        "™": "TM",
        "©": "(c)",
        "®": "(R)",
    }
)

# Accents of their own, variation selectors, marks of direction: nothing is seen where they are left out.
_INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cc"})


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as it travels.

    `characters` are units, as carriers count them: an extension character is two in GSM-7, one beyond the Basic
    Multilingual Plane (most emoji) is two in UCS-2. `parts` are the texts of the parts; joined, they are the text.
    """

    encoding: Encoding
    characters: int
    parts: tuple[str, ...] = field(repr=False)

    @property
    def segments(self) -> int:
        return len(self.parts)


@dataclass(frozen=True, slots=True)
class Forced:
    """A character that GSM-7 lacks: `position` counts from 1; `replacement` is the nearest text that it has, if any."""

    character: str
    position: int
    replacement: str | None


def encode(text: str) -> Encoded:
    """The cheapest encoding of a text, which is GSM-7 if every character is in it."""
    encoding: Encoding = (
        "GSM-7" if all(character in _BASIC or character in _EXTENSION for character in text) else "UCS-2"
    )
    characters = sum(_units(character, encoding) for character in text)
    return Encoded(encoding, characters, _split(text, encoding, characters))


def split(text: str) -> tuple[str, ...]:
    """The texts of the parts that a phone puts together again."""
    return encode(text).parts


def non_gsm_characters(text: str) -> list[Forced]:
    """Every character that forces UCS-2, in the order of the text."""
    return [
        Forced(character, position, replacement(character))
        for position, character in enumerate(text, 1)
        if character not in _BASIC and character not in _EXTENSION
    ]


def replacement(character: str) -> str | None:
    """The nearest GSM-7 text for a character that GSM-7 lacks; "" for an invisible one, None where nothing is near."""
    if character in _REPLACEMENTS:
        return _REPLACEMENTS[character]
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    # In this order: an accent more is less far away than the other case, which Greek small letters need.
    for form in (character, character.upper()):
        plain = "".join(map(_plain, form))
        if all(each in _BASIC or each in _EXTENSION for each in plain):
            return plain
    return None


def _plain(character: str) -> str:
    """Without accents, and in the plain one of several forms of a character (full width, superscript, ligature)."""
    if character in _BASIC or character in _EXTENSION:
        return character
    decomposed = unicodedata.normalize("NFKD", _REPLACEMENTS.get(character) or character)
    kept = (each for each in decomposed if unicodedata.category(each) not in _INVISIBLE)
    return "".join(_REPLACEMENTS.get(each, each) for each in kept)


def _units(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in _EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - the last of the Basic Multilingual Plane


def _split(text: str, encoding: Encoding, characters: int) -> tuple[str, ...]:
    lone, in_parts = _SIZES[encoding]
    if characters <= lone:
        return (text,)
    parts, start, filled = [], 0, 0
    for index, character in enumerate(text):
        units = _units(character, encoding)
        if filled + units > in_parts:  # neither an escape nor half a surrogate pair ends a part
            parts.append(text[start:index])
            start, filled = index, 0
        filled += units
    return (*parts, text[start:])
