"""Conditions on messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from sms_redirect.messages.flows import NOT_SMS

if TYPE_CHECKING:
    from sms_redirect.messages.document import Message

UNKNOWN = "unknown"  # matches messages without a phone number or user name


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that all must hold; None allows anything.

    `kind` "sms" leaves out notices and probes, unless `flow` names them. `phone_number` ignores punctuation,
    `user_name` also matches the user's `sub`, `text` is searched for in everything that the tester can see of a
    message, ignoring case. `email` ignores case, and only emails have one.
    """

    phone_number: str | None = None
    flow: str | None = None
    user_name: str | None = None
    text: str | None = None
    failed: bool | None = None
    email: str | None = None
    kind: Literal["sms", "email"] | None = None
    id: str | None = None

    def matches(self, message: Message) -> bool:
        names = {message.flow.casefold(), message.trigger_source.casefold()}
        return (
            (self.id is None or self.id == message.id)
            and (self.kind is None or self.kind == message.kind)
            and not (self.kind == "sms" and self.flow is None and message.flow in NOT_SMS)
            and (self.failed is None or self.failed == (message.failure is not None))
            and (self.flow is None or self.flow.casefold() in names)
            and _is_to(self.phone_number, message)
            and (self.email is None or (message.kind == "email" and self.email.casefold() == message.email.casefold()))
            and _is_user(self.user_name, message)
            and _contains(self.text, message)
        )


def _is_to(phone_number: str | None, message: Message) -> bool:
    if phone_number is None:
        return True
    if message.kind == "email":
        return False
    if message.phone_number is None:
        return phone_number == UNKNOWN
    return phone_number == message.phone_number or _digits(phone_number) == _digits(message.phone_number)


def _is_user(user_name: str | None, message: Message) -> bool:
    if user_name is None:
        return True
    names = {name.casefold() for name in (message.user_name, message.user_sub) if name is not None}
    return user_name.casefold() in names or (message.user_name is None and user_name == UNKNOWN)


def _contains(text: str | None, message: Message) -> bool:
    if text is None:
        return True
    wanted = text.casefold()
    if wanted == message.id or any(wanted in part.casefold() for part in _seen(message) if part):
        return True
    if message.kind == "email":
        return False
    number = _digits(text) if re.fullmatch(r"[\d\s()+./-]+", text) else ""
    return bool(number) and number in _digits(message.phone_number or "")


def _seen(message: Message) -> tuple[str | None, ...]:
    """What the tester can see of it."""
    failure = (message.failure.reason, message.failure.hint) if message.failure else ()
    to = (message.email, message.subject) if message.kind == "email" else (message.phone_number,)
    return (message.text, message.code, *to, message.user_name, message.flow, message.trigger_source, *failure)


@lru_cache(maxsize=16_384)
def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
