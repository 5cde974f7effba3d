"""How a text travels as SMS: GSM 03.38 seven-bit characters or UCS-2, and how many parts that takes.

Tables: 3GPP TS 23.038, default alphabet and its extension. Part sizes: AWS End User Messaging, "SMS character limits".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape and a character: two units
GSM_7 = _BASIC | _EXTENSION

# units in a lone message, and in each part of a longer one (a header takes the rest)
PART_SIZES: Mapping[Encoding, tuple[int, int]] = MappingProxyType({"GSM-7": (160, 153), "UCS-2": (70, 67)})
# what AWS takes in one message, in units
LIMITS: Mapping[Encoding, int] = MappingProxyType({"GSM-7": 1530, "UCS-2": 630})


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


def encode(text: str) -> Encoded:
    """The cheapest encoding of a text, which is GSM-7 if every character is in it."""
    encoding: Encoding = "GSM-7" if GSM_7.issuperset(text) else "UCS-2"
    characters = sum(_units(character, encoding) for character in text)
    return Encoded(encoding, characters, _split(text, encoding, characters))


def split(text: str) -> tuple[str, ...]:
    """The texts of the parts that a phone puts together again."""
    return encode(text).parts


def _units(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in _EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - the last of the Basic Multilingual Plane


def _split(text: str, encoding: Encoding, characters: int) -> tuple[str, ...]:
    lone, in_parts = PART_SIZES[encoding]
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
