"""Whom and what a diagnosis is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Subject:
    """`flow` is a trigger source's, such as SignUp; `occasion` tells SmsMfa and SmsOtp apart, which share one.

    `since` bounds the events that are looked at: log lines and messages in the failure queue.
    """

    user_name: str | None = None
    phone_number: str | None = None
    flow: str | None = None
    occasion: str | None = None
    since: timedelta = timedelta(minutes=15)

    @property
    def names_a_user(self) -> bool:
        return bool(self.user_name or self.phone_number)

    def __str__(self) -> str:
        """As in `SignUp SMS for user alice`."""
        whom = f"user {self.user_name}" if self.user_name else self.phone_number
        return f"{self.occasion or self.flow or ''} SMS{f' for {whom}' if whom else ''}".strip()
