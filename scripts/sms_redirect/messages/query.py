"""Conditions on messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sms_redirect.messages.sms import Sms

UNKNOWN = "unknown"  # matches messages without a phone number or user name


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that all must hold; None allows anything.

    `phone_number` ignores punctuation, `user_name` also matches the user's `sub`, `text` is searched for in everything
    that the tester can see of a message, ignoring case.
    """

    phone_number: str | None = None
    flow: str | None = None
    user_name: str | None = None
    text: str | None = None
    failed: bool | None = None

    def matches(self, sms: Sms) -> bool:
        return (
            (self.failed is None or self.failed == (sms.failure is not None))
            and (self.flow is None or self.flow.casefold() in {sms.flow.casefold(), sms.trigger_source.casefold()})
            and _is_to(self.phone_number, sms)
            and _is_user(self.user_name, sms)
            and _contains(self.text, sms)
        )


def _is_to(phone_number: str | None, sms: Sms) -> bool:
    if phone_number is None:
        return True
    if sms.phone_number is None:
        return phone_number == UNKNOWN
    return phone_number == sms.phone_number or _digits(phone_number) == _digits(sms.phone_number)


def _is_user(user_name: str | None, sms: Sms) -> bool:
    if user_name is None:
        return True
    names = {name.casefold() for name in (sms.user_name, sms.user_sub) if name is not None}
    return user_name.casefold() in names or (sms.user_name is None and user_name == UNKNOWN)


def _contains(text: str | None, sms: Sms) -> bool:
    if text is None:
        return True
    failure = (sms.failure.reason, sms.failure.hint) if sms.failure else ()
    seen = (sms.text, sms.code, sms.phone_number, sms.user_name, sms.flow, sms.trigger_source, *failure)
    wanted = text.casefold()
    if wanted == sms.id or any(wanted in part.casefold() for part in seen if part):
        return True
    number = _digits(text) if re.fullmatch(r"[\d\s()+./-]+", text) else ""
    return bool(number) and number in _digits(sms.phone_number or "")


@lru_cache(maxsize=16_384)
def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
