"""What is under way: codes that are out, sessions between two steps of a sign-in, grants of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent, as a salted hash. `purpose` says what for, down to the address that it was sent to."""

    purpose: tuple[str, ...]
    salt: str = field(repr=False)
    digest: str = field(repr=False)
    expires: float


@dataclass(frozen=True, slots=True)
class Session:
    """A challenge that waits for its answer. `id` is the hash of the token that the app holds.

    `user_name` and `sub` are those of the user; for a user who does not exist (`PreventUserExistenceErrors`), `sub` is
    empty. `state` is what the next step needs to know, and `metadata` what triggers are told.
    """

    id: str = field(repr=False)
    challenge: str
    pool_id: str
    client_id: str
    user_name: str
    sub: str
    expires: float
    wrong_answers: int = 0
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """The tokens of one sign-in: alive until they expire or are revoked. `id` is their `event_id`.

    `refresh` is the hash of the refresh token that is good now; `former` that of the one before it, and until when a
    rotated token may still be used.
    """

    id: str
    pool_id: str
    client_id: str
    sub: str
    origin_jti: str
    auth_time: int
    expires: float
    scopes: tuple[str, ...] = ("aws.cognito.signin.user.admin",)
    refresh: str | None = field(default=None, repr=False)
    former: str | None = field(default=None, repr=False)
    former_until: float | None = None
    device_key: str | None = None
    revoked: bool = False
