"""REFRESH_TOKEN_AUTH and GetTokensFromRefreshToken: new tokens without signing in again."""

from __future__ import annotations

from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import devices, steps
from sms_redirect.sandbox.cognito.flows.sign_in import parameters
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.flows.token_generation import issue
from sms_redirect.sandbox.cognito.state.tokens import INVALID_REFRESH
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Grant
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError


async def start(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    given = parameters.of_start(call)
    grant, user = _grant(context, pool, client, parameters.required(given, "REFRESH_TOKEN"), given.get("DEVICE_KEY"))
    if rotates(client):
        text = "Refresh token rotation is enabled for the client: use GetTokensFromRefreshToken."
        raise CognitoError("UnsupportedOperationException", text)
    # The hash is made of the user name or, in pools where attributes are names, of the sub.
    parameters.check_secret_hash_of_any(client, [user.name, user.sub], given.get("SECRET_HASH"))
    result = await issue(context, pool, client, user, grant, "RefreshTokens", {})
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


async def get_tokens_from_refresh_token(context: Context, call: Call) -> dict[str, Any]:
    pool, client = steps.client_of(context, call)
    check_secret(client, call.get("ClientSecret"))
    grant, user = _grant(context, pool, client, call.request["RefreshToken"], call.get("DeviceKey"))
    result = await issue(context, pool, client, user, grant, "RefreshTokens", call.client_metadata)
    if rotates(client):
        grace = client.settings["RefreshTokenRotation"].get("RetryGracePeriodSeconds") or 0
        result["RefreshToken"] = context.tokens.rotate(grant, grace)
    return {"AuthenticationResult": result}


def revoke_token(context: Context, call: Call) -> dict[str, Any]:
    _, client = steps.client_of(context, call)
    check_secret(client, call.get("ClientSecret"))
    if not client.revokes_tokens:
        raise CognitoError("UnsupportedOperationException", "Token revocation is not enabled for this client")
    for grant in context.tokens.of_refresh_token(client, call.request["Token"]):
        context.tokens.revoke(grant)
    return {}


def global_sign_out(context: Context, call: Call) -> dict[str, Any]:
    context.tokens.revoke_all(steps.signed_in(context, call).user)
    return {}


def admin_user_global_sign_out(context: Context, call: Call) -> dict[str, Any]:
    context.tokens.revoke_all(steps.user_of(context, call)[1])
    return {}


def rotates(client: Client) -> bool:
    return (client.settings.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED"


def check_secret(client: Client, given: str | None) -> None:
    """Raises CognitoError unless a client with a secret gives it, as it is."""
    if client.secrets and given not in [secret.value for secret in client.secrets]:
        raise CognitoError("NotAuthorizedException", "Invalid client secret.")


def _grant(
    context: Context, pool: Pool, client: Client, refresh_token: str, device_key: str | None
) -> tuple[Grant, User]:
    """In a pool that tracks devices, a refresh needs the device key of the sign-in (API GetTokensFromRefreshToken)."""
    grant = context.tokens.by_refresh_token(client, refresh_token)
    if devices.tracked(pool) and grant.device_key is not None and device_key != grant.device_key:
        raise CognitoError(*INVALID_REFRESH)
    user = context.store.users.get((pool.id, grant.sub))
    if user is None:
        raise CognitoError(*INVALID_REFRESH)
    if not user.enabled:
        raise CognitoError(*steps.DISABLED)
    return grant, user
