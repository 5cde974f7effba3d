"""A user pool's settings as a value, wherever they were read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.gallery.place import Place
from sms_redirect.pool_rules.violation import Path, Unknown

SENDER, CUSTOM_MESSAGE = "CustomSMSSender", "CustomMessage"


@dataclass(frozen=True, slots=True)
class Factors:
    """Second factors: whether SMS is one, and whether there are others (an authenticator app, email)."""

    sms: bool
    others: bool


def _nowhere(_path: Path) -> None:
    """A pool that was not read from a file."""


@dataclass(frozen=True, slots=True)
class Pool:
    """`settings` are named and nested as DescribeUserPool's, which a template's properties are too.

    A setting that only a deployment knows is an `Unknown`. `id` is None for a pool that does not exist yet; `origin`
    says in words where all this was read, `place` where in a file a setting stands. `assumed` are, by setting, the
    values that nobody gave (a stack's name); `notes` are about the template.
    """

    settings: Mapping[str, Any]
    factors: Factors
    id: str | None
    name: str
    region: str
    origin: str
    place: Callable[[Path], Place | None] = _nowhere
    assumed: Mapping[str, tuple[str, ...]] | None = None
    notes: tuple[str, ...] = ()

    def get(self, *path: str) -> Any:
        """The setting at a path, None if it is unset, empty or not known."""
        found = at(self.settings, *path)
        return None if isinstance(found, Unknown) else found or None

    def has(self, *path: str) -> bool:
        """Whether there is a setting at a path, known or not."""
        return bool(at(self.settings, *path))

    def unknown(self, *path: str) -> Unknown | None:
        """Why the setting at a path is not known, None if it is known or unset."""
        value: Any = self.settings
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
            if isinstance(value, Unknown):
                return value
        members = [inner for each in value for inner in (each, *_values(each))] if isinstance(value, list) else []
        return next((each for each in members if isinstance(each, Unknown)), None)

    def names(self, *path: str) -> list[str]:
        """A setting that is a list of names; without those that are not known."""
        value = self.get(*path)
        return [str(each) for each in value if not isinstance(each, Unknown)] if isinstance(value, list) else []

    def is_on(self, *path: str) -> bool:
        """A setting that is a boolean; templates may write it as a text."""
        return str(self.get(*path)).lower() == "true"

    def number(self, *path: str, default: int) -> int:
        """A setting that is a whole number; templates may write it as a text."""
        value = str(self.get(*path))
        return int(value) if value.isdecimal() and len(value) < 6 else default  # noqa: PLR2004 - no setting is larger

    @property
    def mfa(self) -> str:
        """OFF, ON or OPTIONAL; also OPTIONAL if it is not known."""
        value = at(self.settings, "MfaConfiguration")
        if isinstance(value, Unknown):
            return "OPTIONAL"
        # What YAML makes of an unquoted ON or OFF. Cognito refuses it (see lint), but what was meant is clear.
        return {"true": "ON", "false": "OFF"}.get(str(value).lower(), str(value or "OFF"))

    @property
    def can_send_sms(self) -> bool:
        return self.get("SmsConfiguration") is not None

    @property
    def sender(self) -> str | None:
        """The function that gets the codes in place of phones."""
        arn = at(self.settings, "LambdaConfig", SENDER, "LambdaArn")
        return str(arn) if arn else None

    @property
    def custom_message(self) -> str | None:
        """The function that makes the texts in production."""
        arn = at(self.settings, "LambdaConfig", CUSTOM_MESSAGE)
        return str(arn) if arn else None

    @property
    def generates_user_names(self) -> bool:
        """Users sign in with an address or a number, and their user name is their sub."""
        return bool(self.names("UsernameAttributes"))

    @property
    def is_passwordless(self) -> bool:
        """Users can do without a password, so that an invitation needs none."""
        return not {"PASSWORD"}.issuperset(self.names("Policies", "SignInPolicy", "AllowedFirstAuthFactors"))


def _values(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else ()


def at(value: Any, *path: str) -> Any:
    """What is at a path of names, None if there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
