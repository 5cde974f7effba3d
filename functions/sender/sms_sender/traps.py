"""Traps in an SMS text: what makes it cost more than it must, or not arrive at all. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from sms_sender.encoding import GSM_7, LIMITS, PART_SIZES, Encoded, encode
from sms_sender.findings import SmsWarning
from sms_sender.replacements import Forced, forced, name, script

LONGEST_TEXT = 140  # characters that Cognito allows in an SMS, the code included
MOST_NAMED = 5  # pieces that get a warning of their own
FOREIGN_LETTERS = 3  # a text with fewer is taken for a GSM-7 text with a slip in it; accented ones are counted once
_LONE_UCS_2, _PART_UCS_2 = PART_SIZES["UCS-2"]


def traps(text: str) -> Iterator[SmsWarning]:
    """Everything that the text alone tells."""
    encoded = encode(text)
    if encoded.encoding != "GSM-7":
        yield from _about_encoding(text, encoded)
    if encoded.parts[1:]:
        several = f"{encoded.segments} parts: this SMS costs as much as {encoded.segments}."
        yield SmsWarning("several-parts", several)
    if len(text) > LONGEST_TEXT:
        longer = f"{len(text)} characters: Cognito allows {LONGEST_TEXT} in an SMS, the code included."
        yield SmsWarning("over-140-characters", longer)
    limit = LIMITS[encoded.encoding]
    if encoded.characters > limit:
        over = f"{encoded.characters} {encoded.encoding} characters: AWS sends at most {limit} in one message."
        yield SmsWarning("over-aws-limit", over)


def _about_encoding(text: str, encoded: Encoded) -> Iterator[SmsWarning]:
    pieces = forced(text)
    foreign = [each for each in pieces if each.replacement is None and script(each.piece)]
    if foreign and len(foreign) >= min(FOREIGN_LETTERS, _gsm_letters(text)):
        yield SmsWarning("not-gsm-7", _another_script(foreign, encoded))
        return
    groups: dict[str, list[Forced]] = {}
    for each in pieces:
        groups.setdefault(each.piece, []).append(each)
    if len(groups) > MOST_NAMED or sum(map(_is_accented, groups)) >= FOREIGN_LETTERS:
        yield SmsWarning("not-gsm-7", _many(list(groups.values()), encoded))
    else:
        yield from (SmsWarning("not-gsm-7", _one(same)) for same in groups.values())


def _is_accented(piece: str) -> bool:
    """A Latin letter of some language outside GSM-7, such as Vietnamese. It has no composed form in GSM-7."""
    letter = unicodedata.normalize("NFC", piece)[0]
    return unicodedata.category(letter) in {"Ll", "Lu"} and letter not in GSM_7 and script(letter) == "Latin"


def _gsm_letters(text: str) -> int:
    return sum(character in GSM_7 and character.isalpha() for character in text)


def _another_script(foreign: list[Forced], encoded: Encoded) -> str:
    """One warning for the whole text: it cannot become GSM-7, so what counts is how much room there is."""
    scripts = list(dict.fromkeys(script(each.piece) for each in foreign))
    where = f" (at {_positions(foreign)})" if len(foreign) <= MOST_NAMED else ""
    return f"GSM-7 has no {_listed(scripts)} letters{where}, so this text travels as UCS-2: {_budget(encoded)}."


def _budget(encoded: Encoded) -> str:
    parts = f"{encoded.segments} parts" if encoded.parts[1:] else "1 part"
    return (
        f"{_LONE_UCS_2} characters in one part, or {_PART_UCS_2} in each of several. "
        f"It has {encoded.characters} in {parts}"
    )


def _many(groups: list[list[Forced]], encoded: Encoded) -> str:
    instead = ", ".join(_pair(same[0]) for same in groups)
    return f"{len(groups)} different characters force UCS-2: {_budget(encoded)}. Instead of each, write: {instead}."


def _pair(each: Forced) -> str:
    nearest = {None: "(nothing is near it)", "": "(leave it out)"}.get(each.replacement, each.replacement)
    return f"{_shown(each.piece)} {nearest}"


def _one(same: Sequence[Forced]) -> str:
    first = same[0]
    points = " ".join(f"U+{ord(character):04X}" for character in first.piece)
    return (
        f"{_shown(first.piece)} ({points}) at {_positions(same)} forces UCS-2, "
        f"{_LONE_UCS_2} characters a part instead of {PART_SIZES['GSM-7'][0]}: {_advice(first)}."
    )


def _advice(each: Forced) -> str:
    if each.composed:
        return f"compose it into the one character {each.composed} (U+{ord(each.composed):04X}), which GSM-7 has"
    if each.replacement is None:
        return "nothing in GSM-7 is near it"
    return f"write {each.replacement} instead" if each.replacement.strip() else _in_words(each.replacement)


def _in_words(replacement: str) -> str:
    return {"": "leave it out", "\n": "write a line break instead"}.get(replacement, "write a space instead")


def _shown(piece: str) -> str:
    return piece if piece.isprintable() else f"{name(piece[0])} character"


def _positions(pieces: Sequence[Forced]) -> str:
    first = ", ".join(str(each.position) for each in pieces[:MOST_NAMED])
    more = f" and {len(pieces) - MOST_NAMED} more" if len(pieces) > MOST_NAMED else ""
    return f"position{'s' if pieces[1:] else ''} {first}{more}"


def _listed(names: Sequence[str | None]) -> str:
    return " or ".join(str(each) for each in names)
