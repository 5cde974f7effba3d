"""A trap in an SMS, or a doubt about how true its preview is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caution:
    """`code` is for programs and stays; `text` is for people."""

    code: str
    text: str
