"""Who sent a request, as the door has verified it: what is behind the door asks for nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

CALLER = "sms_redirect.caller"
"""The key of an ASGI scope that has the caller; None for a request that needs no signature."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`region` is that of the signature; the oldest kind has none. `service` is the one that the request is for."""

    access_key_id: str
    region: str | None
    service: str


def caller(scope: Scope) -> Caller | None:
    found: Caller | None = scope.get(CALLER)
    return found
