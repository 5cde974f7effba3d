r"""The model's regular expressions, as the service's Java would match them.

Python knows no Unicode classes such as `\p{L}`. So a character outside ASCII is replaced by one private character that
stands for its class, and a class in a pattern by its ASCII characters and that stand-in: no table of all of Unicode is
needed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# One private use character for each major class of Unicode. Private use itself is of class C, and so its stand-in.
STAND_INS = {major: chr(0xE000 + number) for number, major in enumerate("LMNPSZC")}
UNICODE_CLASS = re.compile(r"\\p\{([LMNPSZC])\}")
# A dot matches no line terminator (java.util.regex.Pattern).
ANY_BUT_LINE_ENDS = "[^\n\r\u0085\u2028\u2029]"
DOT = re.compile(r"\\.|\[[^\]]*\]|\.")


def matches(pattern: str, value: str) -> bool:
    """Whether a whole value matches a pattern of the model."""
    return _compiled(pattern).fullmatch(_with_stand_ins(value) if r"\p{" in pattern else value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Java's \w, \d and \s are ASCII.
    pattern = UNICODE_CLASS.sub(lambda found: _members(found[1]), pattern)
    if not pattern.startswith("(?s)"):
        pattern = DOT.sub(lambda found: ANY_BUT_LINE_ENDS if found[0] == "." else found[0], pattern)
    return re.compile(pattern, re.ASCII)


def _members(major: str) -> str:
    ascii_members = (chr(code) for code in range(128) if unicodedata.category(chr(code)).startswith(major))
    return "".join(re.escape(character) for character in ascii_members) + STAND_INS[major]


def _with_stand_ins(value: str) -> str:
    if value.isascii():
        return value
    return "".join(
        character if character.isascii() else STAND_INS[unicodedata.category(character)[0]] for character in value
    )
