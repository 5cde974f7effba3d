"""User names of pools that do not tell upper from lower case (`UsernameConfiguration.CaseSensitive` false)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.emulator import cognito as emulator_cognito

PARAMETERS = ("AuthParameters", "ChallengeResponses")


def as_stored(request: dict[str, Any]) -> dict[str, Any]:
    """The request with the name of its user as it was when the user was made, where only its case differs.

    A client with a secret sends a hash over the name as it was typed: such a request stays as it is.
    """
    pool = _pool(request)
    if pool is None or (pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True):
        return request
    if pool["_clients"].get(request.get("ClientId"), {}).get("ClientSecret"):
        return request
    renamed = dict(request)
    if "Username" in request:
        renamed["Username"] = _stored(pool, request["Username"])
    for parameters in PARAMETERS:
        if "USERNAME" in request.get(parameters, {}):
            given = request[parameters]
            renamed[parameters] = {**given, "USERNAME": _stored(pool, given["USERNAME"])}
    return renamed


def _pool(request: Mapping[str, Any]) -> dict[str, Any] | None:
    if pool_id := request.get("UserPoolId"):
        return emulator_cognito.pool_record(pool_id)
    client_id = request.get("ClientId")
    return emulator_cognito.pool_record_of_client(client_id) if client_id else None


def _stored(pool: Mapping[str, Any], name: str) -> str:
    if name in pool["_users"]:
        return name
    folded = name.casefold()
    return next((stored for stored in pool["_users"] if stored.casefold() == folded), name)
