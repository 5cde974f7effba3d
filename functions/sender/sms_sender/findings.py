"""What the sender has to say about an SMS: a trap in it, a doubt about its preview, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmsWarning:
    """A trap in the SMS, or a doubt about its preview. `code` is for programs and stays; `text` is for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no SMS to show (what happened and the likely cause), and what to do about it."""

    reason: str
    hint: str
