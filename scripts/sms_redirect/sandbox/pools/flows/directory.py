"""Pools, app clients and users, as views of the emulator's records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Pool:
    """A user pool."""

    record: dict[str, Any]

    @classmethod
    def by_id(cls, pool_id: str) -> Self:
        record = emulator_cognito.pool_record(pool_id)
        if record is None:
            raise CognitoError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        return cls(record)

    @classmethod
    def by_client(cls, client_id: str) -> Self:
        record = emulator_cognito.pool_record_of_client(client_id)
        if record is None:
            raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
        return cls(record)

    @property
    def id(self) -> str:
        return str(self.record["Id"])

    @property
    def arn(self) -> str:
        return str(self.record["Arn"])

    @property
    def region(self) -> str:
        return self.id.partition("_")[0]

    def get(self, *path: str) -> Any:
        """A setting by its path, or None where any part of it is unset."""
        value: Any = self.record
        for name in path:
            value = (value or {}).get(name)
        return value

    def client(self, client_id: str) -> dict[str, Any]:
        client: dict[str, Any] = self.record["_clients"].get(client_id, {})
        return client

    def user(self, username: str | None) -> User | None:
        record = emulator_cognito.user_record(self.record, username) if username else None
        return User(self, record) if record is not None else None

    def existing_user(self, username: str | None) -> User:
        user = self.user(username)
        if user is None:
            raise CognitoError("UserNotFoundException", "User does not exist.")
        return user


@dataclass(frozen=True, slots=True)
class User:
    """A user of a pool. `set` writes through; everything else reads what is there now."""

    pool: Pool
    record: dict[str, Any]

    @classmethod
    def by_token(cls, access_token: str) -> Self:
        found = emulator_cognito.records_of_token(access_token)
        if found is None:
            raise CognitoError("NotAuthorizedException", "Invalid Access Token")
        pool, user = found
        return cls(Pool(pool), user)

    @property
    def name(self) -> str:
        return str(self.record["Username"])

    @property
    def key(self) -> tuple[str, str]:
        """What codes and limits are kept by. The sub, so that a new user of an old name inherits nothing."""
        return self.pool.id, self.attributes.get("sub", self.name)

    @property
    def status(self) -> str:
        return str(self.record["UserStatus"])

    @property
    def enabled(self) -> bool:
        return bool(self.record.get("Enabled", True))

    @property
    def attributes(self) -> Attributes:
        return {attribute["Name"]: str(attribute.get("Value", "")) for attribute in self.record.get("Attributes", [])}

    @property
    def phone_number(self) -> str | None:
        return self.attributes.get("phone_number") or None

    @property
    def mfa_methods(self) -> list[str]:
        return list(self.record.get("_mfa_enabled", []))

    @property
    def preferred_mfa(self) -> str | None:
        return self.record.get("_preferred_mfa") or None

    def verified(self, attribute: str) -> bool:
        return self.attributes.get(f"{attribute}_verified", "").lower() == "true"

    def set(self, **changes: str) -> None:
        attributes = self.attributes | changes
        self.record["Attributes"] = [{"Name": name, "Value": value} for name, value in attributes.items()]
