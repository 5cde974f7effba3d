"""What forces a text out of GSM-7, and what a writer can type instead."""

# ruff: noqa: RUF001 - characters that look alike are what this is about

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sms_sender.encoding import GSM_7

# Typographic characters that word processors put in place of plain ones. Others are found by decomposition.
_REPLACEMENTS = MappingProxyType(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\u3000\t", " "),
        **dict.fromkeys("\v\x85\u2028\u2029", "\n"),
        **dict.fromkeys("•●", "*"),
        "·": ".",
        "ŀ": "l.",  # Catalan: l·l
        "Ŀ": "L.",
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
        **dict(zip("łŁđĐıħĦŧŦŋŊəƏƒ", "lLdDihHtTnNeEf", strict=True)),
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "TH",
        "œ": "oe",
        "Œ": "OE",
        "™": "TM",
        "©": "(c)",
        "®": "(R)",
    }
)

_COMBINING = frozenset({"Mn", "Mc", "Me"})
_ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = frozenset({"\u200c", _ZERO_WIDTH_JOINER})
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
# Nothing is seen where these are left out: control and format characters, and marks that only select a form. Some
# format characters are visible (Unicode: Prepended_Concatenation_Mark).
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_INVISIBLE_MARKS = frozenset(
    [0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)
# Unicode gives control characters no names.
_CONTROL_NAMES = MappingProxyType(
    {"\0": "NULL", "\b": "BACKSPACE", "\t": "TAB", "\v": "LINE TABULATION", "\x1b": "ESCAPE"}
)


@dataclass(frozen=True, slots=True)
class Forced:
    """A piece of text that GSM-7 lacks: a character, with the marks that combine with it.

    `position` is that of its first character, from 1. `replacement` is the nearest GSM-7 text: "" if nothing is seen of
    the piece, None if nothing is near.
    """

    piece: str
    position: int
    replacement: str | None

    @property
    def composed(self) -> str | None:
        """The piece as one character of GSM-7, if that is what its base and marks are together."""
        together = unicodedata.normalize("NFC", self.piece)
        return together if self.piece[1:] and together in GSM_7 else None


def forced(text: str) -> list[Forced]:
    """Every piece that forces UCS-2, in the order of the text."""
    return [Forced(piece, position, replacement(piece)) for piece, position in _pieces(text)]


def replaced(text: str) -> str:
    """The text with each piece that GSM-7 lacks replaced by the nearest one, if there is any."""
    parts, end = [], 0
    for each in forced(text):
        start = each.position - 1
        parts += [text[end:start], each.piece if each.replacement is None else each.replacement]
        end = start + len(each.piece)
    return "".join(parts) + text[end:]


@lru_cache  # a text has few different pieces, and is looked at from several sides
def replacement(piece: str) -> str | None:
    """The nearest GSM-7 text for a piece that GSM-7 lacks; "" if it is invisible, None if nothing is near."""
    if all(_is_invisible(each) for each in piece):
        return "".join(_REPLACEMENTS.get(each, "") for each in piece)
    piece = unicodedata.normalize("NFC", piece)
    # In this order: an accent more is less far away than the other case, which Greek small letters need.
    for form in (piece, piece.upper()):
        plain = "".join(map(_plain, form))
        if plain and GSM_7.issuperset(plain):
            return plain
    return None


def name(character: str) -> str:
    """Unicode's name of a character; control characters and unassigned ones have none there."""
    if unicodedata.category(character) == "Cc":
        return _CONTROL_NAMES.get(character, "CONTROL CHARACTER")
    return unicodedata.name(character, "UNNAMED CHARACTER")


def script(piece: str) -> str | None:
    """The script of a letter or sign, as its Unicode name begins ("Hiragana", "CJK"); None for what is not a letter."""
    first = unicodedata.normalize("NFKC", piece)[0]
    if unicodedata.category(first)[0] not in "LM":
        return None
    word = re.split("[ -]", name(first))[0]
    return word if word == "CJK" else word.capitalize()


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Pieces with their positions. A mark belongs to the character before it, joined emoji belong together."""
    start = 0
    while start < len(text):
        end = start + 1
        if text[start] in GSM_7:
            while end < len(text) and unicodedata.category(text[end]) in _COMBINING:
                end += 1
            marks = text[start + 1 : end]
            if marks:
                # A letter that only carries invisible marks is as it should be.
                first = start + 1 if all(_is_invisible(mark) for mark in marks) else start
                yield text[first:end], first + 1
        else:
            while end < len(text) and _joins(text[start], text[end - 1], text[end]):
                end += 1
            yield text[start:end], start + 1
        start = end


def _joins(base: str, before: str, character: str) -> bool:
    if _is_invisible(base):
        return False
    if unicodedata.category(character) in _COMBINING or character in _JOINERS or character in _SKIN_TONES:
        return True
    return before == _ZERO_WIDTH_JOINER and unicodedata.category(character) == "So"


def _is_invisible(character: str) -> bool:
    category = unicodedata.category(character)
    return (category in {"Cf", "Cc"} and character not in _VISIBLE_FORMAT) or ord(character) in _INVISIBLE_MARKS


def _plain(character: str) -> str:
    """Without accents, and in the plain one of several forms of a character (full width, superscript, ligature)."""
    if character in GSM_7:
        return character
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    decomposed = unicodedata.normalize("NFKD", _REPLACEMENTS.get(character) or character)
    kept = (each for each in decomposed if each in GSM_7 or not (_is_accent(each) or _is_invisible(each)))
    return "".join(_REPLACEMENTS.get(each, each) for each in kept)


def _is_accent(mark: str) -> bool:
    """What a reader can do without. A vowel sign is no accent: its name begins with its script."""
    return unicodedata.category(mark) in _COMBINING and unicodedata.name(mark, "").startswith("COMBINING ")
