"""The last step before tokens: what a PreTokenGeneration trigger makes of them.

Versions 1 to 3 of its event: DG/user-pool-lambda-pre-token-generation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.state.tokens import Overrides
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Grant
from sms_redirect.sandbox.cognito.values.user import User, public

VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}


async def issue(  # noqa: PLR0917 - whose tokens, and what the trigger is told
    context: Context,
    pool: Pool,
    client: Client,
    user: User,
    grant: Grant,
    source: str,
    metadata: Mapping[str, str],
    *,
    nonce: str | None = None,
) -> dict[str, Any]:
    """ID and access token, as the pool's trigger wants them.

    `source` is the trigger source without `TokenGeneration_`; `nonce` is what an app gave the hosted page for them.
    """
    overrides = await _overrides(context, pool, client, user, grant, source, metadata)
    return context.tokens.issue(pool, client, user, grant, overrides, nonce=nonce)


async def _overrides(  # noqa: PLR0917 - as above
    context: Context, pool: Pool, client: Client, user: User, grant: Grant, source: str, metadata: Mapping[str, str]
) -> Overrides:
    trigger = "PreTokenGenerationConfig" if pool.trigger("PreTokenGenerationConfig") else "PreTokenGeneration"
    version = VERSIONS.get(pool.get("LambdaConfig", "PreTokenGenerationConfig", "LambdaVersion") or "V1_0", "1")
    request: dict[str, Any] = {
        "userAttributes": dict(public(user)),
        "groupConfiguration": {
            "groupsToOverride": list(user.groups),
            "iamRolesToOverride": list(context.tokens.roles(user)),
            "preferredRole": context.tokens.preferred_role(user),
        },
        "clientMetadata": dict(metadata),
    }
    member = "claimsOverrideDetails"
    if version != "1":
        request["scopes"] = list(grant.scopes)
        member = "claimsAndScopeOverrideDetails"
    response = await context.triggers.call(
        pool, trigger, f"TokenGeneration_{source}", user.name, client.id, request, {member: None}, version=version
    )
    details = (response or {}).get(member) or {}
    return _of_version_1(details) if version == "1" else _of_version_2(details)


def _of_version_1(details: Mapping[str, Any]) -> Overrides:
    return Overrides(
        id_claims=details.get("claimsToAddOrOverride") or {},
        id_suppressed=tuple(details.get("claimsToSuppress") or ()),
        **_groups(details),
    )


def _of_version_2(details: Mapping[str, Any]) -> Overrides:
    id_token, access_token = details.get("idTokenGeneration") or {}, details.get("accessTokenGeneration") or {}
    return Overrides(
        id_claims=id_token.get("claimsToAddOrOverride") or {},
        id_suppressed=tuple(id_token.get("claimsToSuppress") or ()),
        access_claims=access_token.get("claimsToAddOrOverride") or {},
        access_suppressed=tuple(access_token.get("claimsToSuppress") or ()),
        scopes_added=tuple(access_token.get("scopesToAdd") or ()),
        scopes_suppressed=tuple(access_token.get("scopesToSuppress") or ()),
        **_groups(details),
    )


def _groups(details: Mapping[str, Any]) -> dict[str, Any]:
    groups = details.get("groupOverrideDetails") or {}
    given = {name: groups.get(name) for name in ("groupsToOverride", "iamRolesToOverride")}
    return {
        "groups": None if given["groupsToOverride"] is None else tuple(given["groupsToOverride"]),
        "roles": None if given["iamRolesToOverride"] is None else tuple(given["iamRolesToOverride"]),
        "preferred_role": groups.get("preferredRole"),
    }
