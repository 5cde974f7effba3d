"""Whom and what a diagnosis is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

OCCASIONS = {
    "SignUp": ("SignUp", None),
    "ResendCode": ("ResendCode", None),
    "ForgotPassword": ("ForgotPassword", None),
    "VerifyUserAttribute": ("VerifyUserAttribute", None),
    "UpdateUserAttribute": ("UpdateUserAttribute", None),
    "Authentication": ("Authentication", None),
    "SmsMfa": ("Authentication", "SmsMfa"),
    "SmsOtp": ("Authentication", "SmsOtp"),
    "AdminCreateUser": ("AdminCreateUser", None),
}
"""What a person can ask about, with the trigger source's flow and the occasion."""


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

    @classmethod
    def of(cls, user_name: str | None, phone_number: str | None, asked: str | None, since: timedelta) -> Self:
        """`asked` is one of `OCCASIONS`."""
        flow, occasion = OCCASIONS[asked] if asked else (None, None)
        return cls(user_name, phone_number, flow, occasion, since)

    @property
    def names_a_user(self) -> bool:
        return bool(self.user_name or self.phone_number)

    def __str__(self) -> str:
        """As in `SignUp SMS for user alice`."""
        whom = f"user {self.user_name}" if self.user_name else self.phone_number
        return f"{self.occasion or self.flow or ''} SMS{f' for {whom}' if whom else ''}".strip()
