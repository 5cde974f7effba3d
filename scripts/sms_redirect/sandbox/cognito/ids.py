"""Ids of pools and app clients, in AWS's form.

Those of a stack's resources follow from account, region, stack and logical id: an app's settings survive a restart of
the sandbox.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Callable, Iterator

POOL_LETTERS = string.ascii_letters + string.digits
CLIENT_LETTERS = string.ascii_lowercase + string.digits
POOL_LENGTH = 9
CLIENT_LENGTH = 26

Origin = tuple[str, ...]
"""What a stable id follows from: account, region, stack name, logical id."""


def new_pool_id(region: str, origin: Origin | None, is_taken: Callable[[str], bool]) -> str:
    names = _candidates(POOL_LETTERS, POOL_LENGTH, origin and ("pool", *origin))
    return next(id_ for name in names if not is_taken(id_ := f"{region}_{name}"))


def new_client_id(origin: Origin | None, is_taken: Callable[[str], bool]) -> str:
    return next(
        id_ for id_ in _candidates(CLIENT_LETTERS, CLIENT_LENGTH, origin and ("client", *origin)) if not is_taken(id_)
    )


def stable_pool_id(region: str, origin: Origin) -> str:
    """The id of a stack's pool, the first time that it is made."""
    return new_pool_id(region, origin, lambda _id: False)


def stable_client_id(origin: Origin) -> str:
    return new_client_id(origin, lambda _id: False)


def new_client_secret() -> str:
    return "".join(secrets.choice(CLIENT_LETTERS) for _ in range(51))


def _candidates(letters: str, length: int, origin: Origin | None) -> Iterator[str]:
    """Random ones, or those that follow from an origin: the second if the first is in use, and so on."""
    number = 0
    while True:
        if origin is None:
            yield "".join(secrets.choice(letters) for _ in range(length))
        else:
            digest = int.from_bytes(hashlib.sha256("\0".join((*origin, str(number))).encode()).digest())
            yield "".join(letters[digest // len(letters) ** place % len(letters)] for place in range(length))
        number += 1
