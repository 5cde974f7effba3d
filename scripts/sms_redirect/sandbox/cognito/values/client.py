"""App clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Of a client without ExplicitAuthFlows (API CreateUserPoolClient).
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret. There may be two while an app moves from one to the other."""

    id: str
    value: str = field(repr=False)
    created: float


@dataclass(frozen=True, slots=True)
class Client:
    """`settings` are those of UpdateUserPoolClient, complete (see `rules.client_settings`)."""

    id: str
    pool_id: str
    name: str
    created: float
    modified: float
    settings: Mapping[str, Any] = field(repr=False)
    secrets: tuple[Secret, ...] = ()

    @property
    def flows(self) -> frozenset[str]:
        """The flows that `ExplicitAuthFlows` allows, in its own words (`ALLOW_USER_SRP_AUTH`)."""
        return frozenset(self.settings.get("ExplicitAuthFlows") or DEFAULT_FLOWS)

    @property
    def hides_unknown_users(self) -> bool:
        """`PreventUserExistenceErrors`."""
        return bool(self.settings.get("PreventUserExistenceErrors") == "ENABLED")

    @property
    def session_minutes(self) -> int:
        return int(self.settings.get("AuthSessionValidity") or 3)

    @property
    def revokes_tokens(self) -> bool:
        return bool(self.settings.get("EnableTokenRevocation", True))

    @property
    def readable(self) -> frozenset[str] | None:
        """`ReadAttributes`; None: all of them."""
        names = self.settings.get("ReadAttributes")
        return frozenset(names) if names else None

    @property
    def writable(self) -> frozenset[str] | None:
        """`WriteAttributes`; None: all of them."""
        names = self.settings.get("WriteAttributes")
        return frozenset(names) if names else None
