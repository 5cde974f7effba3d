"""User pools: settings, schema, and what was fixed when the pool was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a pool's schema, by its full name (`custom:tier`, `dev:custom:tier`).

    Lengths are those of a String, values those of a Number; None is no limit. They are kept as the API has them: text.
    """

    name: str
    type: str = "String"
    mutable: bool = True
    required: bool = False
    developer_only: bool = False
    min_length: str | None = None
    max_length: str | None = None
    min_value: str | None = None
    max_value: str | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """A pool's second factors as SetUserPoolMfaConfig sets them. The SMS role and text are settings of the pool."""

    sms: bool = False
    software_token: bool | None = None  # None: never set, and so not shown
    email: Mapping[str, str] = field(default_factory=dict)
    web_authn: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pool:
    """`settings` are those of UpdateUserPool, complete (see `rules.pool_settings`). Times are epoch seconds."""

    id: str
    name: str
    region: str
    account: str
    created: float
    modified: float
    settings: Settings = field(repr=False)
    schema: Mapping[str, Attribute] = field(repr=False)
    username_attributes: tuple[str, ...] = ()
    alias_attributes: tuple[str, ...] = ()
    username_configuration: Mapping[str, bool] | None = None
    factors: Factors = Factors()

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-idp:{self.region}:{self.account}:userpool/{self.id}"

    @property
    def case_sensitive(self) -> bool:
        return (self.username_configuration or {}).get("CaseSensitive", True)

    @property
    def mfa(self) -> str:
        """OFF, OPTIONAL or ON."""
        return str(self.settings.get("MfaConfiguration", "OFF"))

    @property
    def auto_verified(self) -> tuple[str, ...]:
        return tuple(self.settings.get("AutoVerifiedAttributes", ()))

    @property
    def first_factors(self) -> tuple[str, ...]:
        """`AllowedFirstAuthFactors`: PASSWORD where nothing is set."""
        return tuple(self.get("Policies", "SignInPolicy", "AllowedFirstAuthFactors") or ("PASSWORD",))

    @property
    def passwordless(self) -> bool:
        return any(factor != "PASSWORD" for factor in self.first_factors)

    @property
    def sign_in_attributes(self) -> tuple[str, ...]:
        """The attributes that stand for a user name, by either of the two settings for it."""
        return self.username_attributes or self.alias_attributes

    def get(self, *path: str) -> Any:
        """A setting by its path, or None if any part of it is unset."""
        value: Any = self.settings
        for name in path:
            value = (value or {}).get(name)
        return value

    def trigger(self, name: str) -> str | None:
        """The ARN of the function of a trigger, for example `PreSignUp` or `CustomSMSSender`."""
        value = self.get("LambdaConfig", name)
        arn = value.get("LambdaArn") if isinstance(value, Mapping) else value
        return arn or None

    def folded(self, name: str) -> str:
        """A user name or alias as it is compared."""
        return name if self.case_sensitive else name.casefold()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key that a pool signs its tokens with, in PEM."""

    pool_id: str
    kid: str
    pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of a pool's hosted pages: a prefix, or a domain of the owner's."""

    name: str
    pool_id: str
    certificate_arn: str | None = None
    managed_login_version: int | None = None


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """`scopes` are the API's `ScopeName` and `ScopeDescription`."""

    pool_id: str
    identifier: str
    name: str
    scopes: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    pool_id: str
    name: str
    created: float
    modified: float
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None
