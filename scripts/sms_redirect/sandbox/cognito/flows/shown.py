"""Users as responses show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sms_redirect.sandbox.cognito.rules import schema
from sms_redirect.sandbox.cognito.values.user import User


def attributes(user: User) -> dict[str, str]:
    return {"sub": user.sub, **user.attributes}


def user(user: User, names: Iterable[str] | None = None) -> dict[str, Any]:
    """`UserType`, with these attributes only where `names` are given."""
    wanted = None if names is None else set(names)
    kept = {name: value for name, value in attributes(user).items() if wanted is None or name in wanted}
    return {
        "Username": user.name,
        "Attributes": schema.shown(kept),
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
        "MFAOptions": list(user.mfa_options) or None,
    }


def factors(user: User) -> dict[str, Any]:
    """The members about second factors of GetUser and AdminGetUser."""
    return {
        "MFAOptions": list(user.mfa_options) or None,
        "PreferredMfaSetting": user.preferred_factor,
        "UserMFASettingList": list(user.factors) or None,
    }
