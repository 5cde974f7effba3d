"""/oauth2/token, /oauth2/userInfo and /oauth2/revoke: what an app exchanges for tokens, and tokens for."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import resource_servers
from sms_redirect.sandbox.cognito.flows.sign_in.refresh import rotates
from sms_redirect.sandbox.cognito.flows.token_generation import issue
from sms_redirect.sandbox.cognito.pages.authorization import OPENID, Authorization, allows, granted
from sms_redirect.sandbox.cognito.rules import scopes
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

CODE = "AUTHORIZATION_CODE"
SOURCE = "HostedAuth"


class GrantError(Exception):
    """An error of RFC 6749 as JSON: `code` is its name."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def client_of(context: Context, form: Mapping[str, str], authorization: str | None) -> tuple[Pool, Client]:
    """The app client, by HTTP Basic or in the form; one with a secret must prove it.

    Raises:
        GrantError: invalid_client.
    """
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if authorization:
        client_id, secret = _basic(authorization)
    client = context.store.clients.get(client_id or "")
    pool = context.store.pools.get(client.pool_id) if client else None
    if client is None or pool is None:
        raise GrantError("invalid_client")
    right = [each.value for each in client.secrets]
    if right and not any(hmac.compare_digest(each.encode(), (secret or "").encode()) for each in right):
        raise GrantError("invalid_client")
    return pool, client


async def tokens(context: Context, pool: Pool, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
    """The response to a request for tokens. Raises GrantError."""
    try:
        match form.get("grant_type"):
            case "authorization_code":
                return await _by_code(context, pool, client, form)
            case "refresh_token":
                return await _by_refresh_token(context, pool, client, form)
            case "client_credentials":
                return _for_a_machine(context, pool, client, form)
            case None:
                raise GrantError("invalid_request")
            case _:
                raise GrantError("unsupported_grant_type")
    except CognitoError as error:
        raise GrantError("invalid_grant") from error


async def for_user(context: Context, pool: Pool, client: Client, sub: str, asked: Authorization) -> dict[str, Any]:
    """Tokens for a person who has signed in on the page.

    Raises:
        GrantError: the user is gone or disabled by now.
    """
    user = context.store.users.get((pool.id, sub))
    if user is None or not user.enabled:
        raise GrantError("invalid_grant")
    grant, refresh = context.tokens.grant(client, user, scopes=asked.scopes)
    result = await issue(context, pool, client, user, grant, SOURCE, {}, nonce=asked.nonce)
    return _response(result, asked.scopes, refresh if asked.response_type == "code" else None)


async def _by_code(context: Context, pool: Pool, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
    session = context.sessions.find(form.get("code"), CODE, client)
    context.sessions.close(session)
    asked = Authorization.of_state(session.state)
    if form.get("redirect_uri", asked.redirect_uri) != asked.redirect_uri or not _verifies(asked, form):
        raise GrantError("invalid_grant")
    return await for_user(context, pool, client, session.sub, asked)


def _verifies(asked: Authorization, form: Mapping[str, str]) -> bool:
    """PKCE, RFC 7636."""
    if asked.code_challenge is None:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), asked.code_challenge)


async def _by_refresh_token(context: Context, pool: Pool, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
    grant = context.tokens.by_refresh_token(client, form.get("refresh_token", ""))
    user = context.store.users.get((pool.id, grant.sub))
    if user is None or not user.enabled:
        raise GrantError("invalid_grant")
    result = await issue(context, pool, client, user, grant, "RefreshTokens", {})
    settings = client.settings.get("RefreshTokenRotation") or {}
    refresh = context.tokens.rotate(grant, settings.get("RetryGracePeriodSeconds") or 0) if rotates(client) else None
    return _response(result, grant.scopes, refresh)


def _for_a_machine(context: Context, pool: Pool, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
    if not allows(client, "client_credentials") or not client.secrets:
        raise GrantError("unauthorized_client")
    custom = [scope for scope in granted(client) if scope in resource_servers.scopes(context, pool)]
    asked = (form.get("scope") or "").split() or custom
    if not asked or not set(asked) <= set(custom):
        raise GrantError("invalid_scope")
    return context.tokens.for_machine(pool, client, asked)


def _response(result: Mapping[str, Any], granted_: tuple[str, ...], refresh: str | None) -> dict[str, Any]:
    given = {
        "id_token": result["IdToken"] if OPENID in granted_ else None,
        "access_token": result["AccessToken"],
        "refresh_token": refresh,
        "expires_in": result["ExpiresIn"],
        "token_type": "Bearer",
    }
    return {name: value for name, value in given.items() if value is not None}


def user_info(context: Context, access_token: str) -> dict[str, str]:
    """The claims of an access token's user, by the token's scopes.

    Raises:
        GrantError: invalid_token, or insufficient_scope without `openid`.
    """
    try:
        signed = context.tokens.signed_in(access_token, scope=OPENID)
    except CognitoError as error:
        raise GrantError("invalid_token", 401) from error
    user = signed.user
    readable = {
        name: value
        for name, value in user.attributes.items()
        if signed.client.readable is None or name in signed.client.readable
    }
    wanted = scopes.claims_of(str(signed.claims.get("scope", "")).split())
    shown = readable if wanted is None else {name: value for name, value in readable.items() if name in wanted}
    return {"sub": user.sub, **shown, "username": user.name}


def revoke(context: Context, client: Client, form: Mapping[str, str]) -> None:
    """Raises GrantError."""
    if not form.get("token"):
        raise GrantError("invalid_request")
    if not client.revokes_tokens:
        raise GrantError("unsupported_token_type")
    try:
        for grant in context.tokens.of_refresh_token(client, form["token"]):
            context.tokens.revoke(grant)
    except CognitoError as error:
        unsupported = error.code == "UnsupportedTokenTypeException"
        raise GrantError("unsupported_token_type" if unsupported else "invalid_client") from error


def _basic(authorization: str) -> tuple[str | None, str | None]:
    scheme, _, credentials = authorization.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return (client_id, secret) if scheme.lower() == "basic" else (None, None)
