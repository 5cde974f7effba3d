"""The attributes that the scopes of OpenID Connect open (DG/cognito-user-pools-define-resource-servers)."""

from __future__ import annotations

from collections.abc import Iterable

CLAIMS_OF = {
    "phone": ("phone_number", "phone_number_verified"),
    "email": ("email", "email_verified"),
    "profile": (
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
        "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ),
}  # fmt: skip


def claims_of(scopes: Iterable[str]) -> frozenset[str] | None:
    """None for all of them: that is what `openid` alone opens, and a sign-in by the API."""
    chosen = [scope for scope in scopes if scope in CLAIMS_OF]
    return frozenset(name for scope in chosen for name in CLAIMS_OF[scope]) if chosen else None
