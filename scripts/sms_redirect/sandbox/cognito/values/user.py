"""Users and their devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

Status = Literal[
    "UNCONFIRMED",
    "CONFIRMED",
    "RESET_REQUIRED",
    "FORCE_CHANGE_PASSWORD",
    "EXTERNAL_PROVIDER",
]
Factor = Literal["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]


@dataclass(frozen=True, slots=True)
class Password:
    """A password as SRP knows it: a salt and the private value that is derived from it, both hexadecimal.

    A sign-in with the password itself derives the value again; SRP makes its verifier of it (see `rules.srp`).
    """

    salt: str = field(repr=False)
    private: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """`name` is what the user was created with, or a generated UUID where attributes are the user names.

    `pending` are new values of attributes that wait for their code (`AttributesRequireVerificationBeforeUpdate`).
    `factors` are the second factors that are switched on. Times are epoch seconds.
    """

    pool_id: str
    sub: str
    name: str
    status: Status
    created: float
    modified: float
    enabled: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    pending: Mapping[str, str] = field(default_factory=dict, repr=False)
    password: Password | None = None
    former_passwords: tuple[Password, ...] = ()
    temporary_password_at: float | None = None
    factors: tuple[Factor, ...] = ()
    preferred_factor: Factor | None = None
    totp_secret: str | None = field(default=None, repr=False)
    totp_unproven: str | None = field(default=None, repr=False)
    totp_last_step: int | None = None
    mfa_options: tuple[Mapping[str, str], ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What codes, limits and devices are kept by. With the sub: a new user of an old name inherits nothing."""
        return self.pool_id, self.sub

    @property
    def phone_number(self) -> str | None:
        return self.attributes.get("phone_number") or None

    @property
    def email(self) -> str | None:
        return self.attributes.get("email") or None

    def verified(self, attribute: str) -> bool:
        return self.attributes.get(f"{attribute}_verified") == "true"

    def with_attributes(self, changes: Mapping[str, str | None]) -> Self:
        """With these attributes set; None removes one."""
        attributes = {**self.attributes, **{name: value for name, value in changes.items() if value is not None}}
        for name in [name for name, value in changes.items() if value is None]:
            attributes.pop(name, None)
        return replace(self, attributes=attributes)

    def without_pending(self, *names: str) -> Self:
        return replace(self, pending={name: value for name, value in self.pending.items() if name not in names})


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a user. `verifier` and `salt` are what ConfirmDevice brought, in base64."""

    pool_id: str
    sub: str
    key: str
    group_key: str
    created: float
    modified: float
    last_authenticated: float
    confirmed: bool = False
    remembered: bool = False
    name: str | None = None
    ip_address: str | None = None
    verifier: str | None = field(default=None, repr=False)
    salt: str | None = field(default=None, repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict)


def public(user: User) -> Mapping[str, Any]:
    """The attributes that triggers and senders are told: with the status, never with pending values."""
    return {"sub": user.sub, "cognito:user_status": user.status, **user.attributes}
