"""A user pool's settings as a value, wherever they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SENDER, CUSTOM_MESSAGE = "CustomSMSSender", "CustomMessage"


@dataclass(frozen=True, slots=True)
class Factors:
    """Second factors: whether SMS is one, and whether there are others (an authenticator app, email)."""

    sms: bool
    others: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """`settings` are named and nested as DescribeUserPool's, which a template's properties are too.

    `id` is None for a pool that does not exist yet; `origin` says in words where all this was read.
    """

    settings: Mapping[str, Any]
    factors: Factors
    id: str | None
    name: str
    region: str
    origin: str

    def get(self, *path: str) -> Any:
        """The setting at a path, None where it is unset or empty."""
        return at(self.settings, *path) or None

    def names(self, *path: str) -> list[str]:
        """A setting that is a list of names."""
        value = self.get(*path)
        return [str(each) for each in value] if isinstance(value, list) else []

    def is_on(self, *path: str) -> bool:
        """A setting that is a boolean; templates may write it as a text."""
        return str(self.get(*path)).lower() == "true"

    def number(self, *path: str, default: int) -> int:
        """A setting that is a whole number; templates may write it as a text."""
        value = str(self.get(*path))
        return int(value) if value.isdecimal() else default

    @property
    def mfa(self) -> str:
        """OFF, ON or OPTIONAL."""
        return str(self.get("MfaConfiguration") or "OFF")

    @property
    def can_send_sms(self) -> bool:
        return self.get("SmsConfiguration") is not None

    @property
    def sender(self) -> str | None:
        """The function that gets the codes in place of phones."""
        arn = self.get("LambdaConfig", SENDER, "LambdaArn")
        return None if arn is None else str(arn)

    @property
    def custom_message(self) -> str | None:
        """The function that makes the texts in production."""
        arn = self.get("LambdaConfig", CUSTOM_MESSAGE)
        return None if arn is None else str(arn)

    @property
    def generates_user_names(self) -> bool:
        """Users sign in with an address or a number, and their user name is their sub."""
        return bool(self.names("UsernameAttributes"))


def at(value: Any, *path: str) -> Any:
    """What is at a path of names, None where it leads nowhere."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
