r"""The model's regular expressions in Python, which knows no Unicode classes such as `\p{L}`.

A character outside ASCII is replaced by one private character that stands for its class, and the classes in the
pattern by the ASCII characters that are in them plus that stand-in. So no table of all of Unicode is needed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# One private use character for each major class of Unicode. Private use itself is of class C, and so its stand-in.
STAND_INS = {major: chr(0xE000 + number) for number, major in enumerate("LMNPSZC")}
UNICODE_CLASS = re.compile(r"\\p\{([LMNPSZC])\}")


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value matches, as the service's own (Java) expressions would."""
    return _compiled(pattern).fullmatch(_with_stand_ins(value) if r"\p{" in pattern else value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # \w and \d are ASCII in Java unless asked otherwise; there is no other use of flags in the model.
    return re.compile(UNICODE_CLASS.sub(lambda found: _members(found.group(1)), pattern), re.ASCII)


def _members(major: str) -> str:
    ascii_members = (chr(code) for code in range(128) if unicodedata.category(chr(code)).startswith(major))
    return "".join(re.escape(character) for character in ascii_members) + STAND_INS[major]


def _with_stand_ins(value: str) -> str:
    if value.isascii():
        return value
    return "".join(
        character if character.isascii() else STAND_INS[unicodedata.category(character)[0]] for character in value
    )
