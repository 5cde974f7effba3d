"""Where something stands in a file, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """`line` and `column` count from 1; `file` is the name that the caller gave."""

    file: str
    line: int
    column: int
