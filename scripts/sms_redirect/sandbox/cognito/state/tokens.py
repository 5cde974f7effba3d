"""ID, access and refresh tokens.

Claims: DG/amazon-cognito-user-pools-using-the-id-token, -access-token, -refresh-token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.rules import client_settings, scopes
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Grant
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

if TYPE_CHECKING:
    from sms_redirect.sandbox.cognito.state.signing import Signer

SWEEP_EVERY = 1000
ADMIN_SCOPE = "aws.cognito.signin.user.admin"
# The first part of every refresh token of AWS's, which is an encrypted JWT that only Cognito can read.
REFRESH_HEADER = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ"
INVALID = ("NotAuthorizedException", "Invalid Access Token")
FORGED = ("NotAuthorizedException", "Could not verify signature for Access Token")
EXPIRED = ("NotAuthorizedException", "Access Token has expired")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
INVALID_REFRESH = ("NotAuthorizedException", "Invalid Refresh Token")
REVOKED_REFRESH = ("NotAuthorizedException", "Refresh Token has been revoked")
EXPIRED_REFRESH = ("NotAuthorizedException", "Refresh Token has expired")
# What a PreTokenGeneration trigger must leave as it is (DG/user-pool-lambda-pre-token-generation).
FIXED_CLAIMS = frozenset(
    {
        "acr", "amr", "at_hash", "auth_time", "azp", "cognito:default_role", "cognito:username", "exp", "iat",
        "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use", "client_id", "aud", "event_id",
        "device_key", "username", "version",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a PreTokenGeneration trigger changes. None: as it is."""

    id_claims: Mapping[str, Any] = field(default_factory=dict)
    id_suppressed: tuple[str, ...] = ()
    access_claims: Mapping[str, Any] = field(default_factory=dict)
    access_suppressed: tuple[str, ...] = ()
    scopes_added: tuple[str, ...] = ()
    scopes_suppressed: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    preferred_role: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who an access token speaks for."""

    pool: Pool
    client: Client
    user: User
    grant: Grant
    claims: Mapping[str, Any] = field(repr=False)


class Tokens:
    """`local_issuer` is the sandbox's own address if tokens shall name that; else they name AWS's, as real ones do."""

    def __init__(self, store: Store, clock: Clock, local_issuer: str | None = None) -> None:
        self._store = store
        self._clock = clock
        self._local_issuer = local_issuer
        self._signers: dict[str, Signer] = {}
        self._granted = 0

    # ---- keys ----

    def issuer(self, pool: Pool) -> str:
        base = self._local_issuer or f"https://cognito-idp.{pool.region}.amazonaws.com"
        return f"{base}/{pool.id}"

    def jwks(self, pool: Pool) -> dict[str, Any]:
        return self._signer(pool).jwks()

    def _signer(self, pool: Pool) -> Signer:
        """Made when it is first needed: that takes a while."""
        from sms_redirect.sandbox.cognito.state import signing  # noqa: PLC0415 - see there

        signer = self._signers.get(pool.id)
        if signer is None:
            with self._store.transaction():
                kept = self._store.keys.get(pool.id) or self._store.keys.add(signing.new_key(pool))
                signer = self._signers[pool.id] = signing.Signer(kept)
        return signer

    # ---- issuing ----

    def grant(
        self, client: Client, user: User, *, scopes: tuple[str, ...] = (ADMIN_SCOPE,), device_key: str | None = None
    ) -> tuple[Grant, str]:
        """Begin the life of a sign-in's tokens. Returns the grant and its refresh token."""
        now = self._clock.now()
        refresh = _new_refresh_token()
        grant = Grant(
            id=str(uuid.uuid4()),
            pool_id=user.pool_id,
            client_id=client.id,
            sub=user.sub,
            origin_jti=str(uuid.uuid4()),
            auth_time=int(now),
            expires=now + client_settings.validity_seconds(client, "RefreshToken"),
            scopes=scopes,
            refresh=_hash(refresh),
            device_key=device_key,
        )
        self._granted += 1
        if self._granted % SWEEP_EVERY == 0:
            self._store.grants.remove_if(lambda each: now >= each.expires)
        return self._store.grants.add(grant), refresh

    def issue(
        self,
        pool: Pool,
        client: Client,
        user: User,
        grant: Grant,
        overrides: Overrides | None = None,
        *,
        nonce: str | None = None,
    ) -> dict[str, Any]:
        """`AccessToken`, `IdToken`, `ExpiresIn` and `TokenType` of an AuthenticationResult."""
        overrides = overrides or Overrides()
        access = self._access_claims(pool, client, user, grant, overrides)
        identity = self._id_claims(pool, client, user, grant, overrides)
        if nonce is not None:
            identity["nonce"] = nonce
        return {
            "AccessToken": self._signer(pool).sign(access),
            "IdToken": self._signer(pool).sign(identity),
            "ExpiresIn": client_settings.validity_seconds(client, "AccessToken"),
            "TokenType": "Bearer",
        }

    def for_machine(self, pool: Pool, client: Client, scopes: list[str]) -> dict[str, Any]:
        """The response to a client_credentials grant: an access token of an app, without a user."""
        now, seconds = int(self._clock.now()), client_settings.validity_seconds(client, "AccessToken")
        claims = {
            "sub": client.id,
            "token_use": "access",
            "scope": " ".join(scopes),
            "auth_time": now,
            "iss": self.issuer(pool),
            "exp": now + seconds,
            "iat": now,
            "version": 2,
            "jti": str(uuid.uuid4()),
            "client_id": client.id,
        }
        return {"access_token": self._signer(pool).sign(claims), "expires_in": seconds, "token_type": "Bearer"}

    def _common(self, pool: Pool, client: Client, user: User, grant: Grant, use: str) -> dict[str, Any]:
        now = int(self._clock.now())
        claims = {
            "sub": user.sub,
            "iss": self.issuer(pool),
            "event_id": grant.id,
            "token_use": use,
            "auth_time": grant.auth_time,
            "iat": now,
            "exp": now + client_settings.validity_seconds(client, "AccessToken" if use == "access" else "IdToken"),
            "jti": str(uuid.uuid4()),
        }
        return {**claims, "origin_jti": grant.origin_jti} if client.revokes_tokens else claims

    def _access_claims(
        self, pool: Pool, client: Client, user: User, grant: Grant, overrides: Overrides
    ) -> dict[str, Any]:
        scopes = [scope for scope in grant.scopes if scope not in overrides.scopes_suppressed]
        claims = {
            **self._common(pool, client, user, grant, "access"),
            "client_id": client.id,
            "username": user.name,
            "scope": " ".join([*scopes, *(added for added in overrides.scopes_added if added not in scopes)]),
        }
        groups = user.groups if overrides.groups is None else overrides.groups
        if groups:
            claims["cognito:groups"] = list(groups)
        if grant.device_key:
            claims["device_key"] = grant.device_key
        return _overridden(claims, overrides.access_claims, overrides.access_suppressed)

    def _id_claims(self, pool: Pool, client: Client, user: User, grant: Grant, overrides: Overrides) -> dict[str, Any]:
        claims = {
            **self._common(pool, client, user, grant, "id"),
            "aud": client.id,
            "cognito:username": user.name,
            **_attribute_claims(pool, client, user, grant),
            **self._group_claims(user, overrides),
        }
        return _overridden(claims, overrides.id_claims, overrides.id_suppressed)

    def _group_claims(self, user: User, overrides: Overrides) -> dict[str, Any]:
        groups = user.groups if overrides.groups is None else overrides.groups
        roles = self.roles(user) if overrides.roles is None else overrides.roles
        preferred = self.preferred_role(user) if overrides.preferred_role is None else overrides.preferred_role
        claims = {"cognito:groups": list(groups), "cognito:roles": list(roles), "cognito:preferred_role": preferred}
        return {name: value for name, value in claims.items() if value}

    def roles(self, user: User) -> tuple[str, ...]:
        """The IAM roles of a user's groups."""
        groups = (self._store.groups.get((user.pool_id, name)) for name in user.groups)
        return tuple(dict.fromkeys(group.role_arn for group in groups if group is not None and group.role_arn))

    def preferred_role(self, user: User) -> str | None:
        """The role of the group that comes first; none where two groups of that rank have different ones."""
        groups = [self._store.groups.get((user.pool_id, name)) for name in user.groups]
        ranked = [group for group in groups if group is not None and group.role_arn and group.precedence is not None]
        if not ranked:
            return None
        first = min(group.precedence for group in ranked if group.precedence is not None)
        roles = {group.role_arn for group in ranked if group.precedence == first}
        return roles.pop() if len(roles) == 1 else None

    # ---- checking ----

    def signed_in(self, access_token: str, *, scope: str = ADMIN_SCOPE) -> Signed:
        """Who a call speaks for that brings an access token with this scope.

        Raises:
            CognitoError: NotAuthorizedException. The token is no access token of a pool here, has expired, was revoked,
                or lacks the scope for the user's own operations.
        """
        pool, claims = self._verified(access_token)
        if claims.get("token_use") != "access":
            raise CognitoError(*INVALID)
        if self._clock.now() >= claims["exp"]:
            raise CognitoError(*EXPIRED)
        client = self._store.clients.get(claims["client_id"])
        user = self._store.users.get((pool.id, claims["sub"]))
        grant = self._store.grants.get(claims.get("event_id"))
        if user is None:
            raise CognitoError("UserNotFoundException", "User does not exist.")
        if client is None or grant is None or grant.revoked:
            raise CognitoError(*REVOKED)
        if scope not in str(claims.get("scope", "")).split():
            raise CognitoError("NotAuthorizedException", "Access Token does not have required scopes")
        if not user.enabled:
            raise CognitoError("NotAuthorizedException", "User is disabled.")
        return Signed(pool, client, user, grant, claims)

    def _verified(self, token: str) -> tuple[Pool, dict[str, Any]]:
        pool = self._store.pools.get(_unverified(token).get("iss", "").rpartition("/")[2])
        if pool is None:
            raise CognitoError(*INVALID)
        from sms_redirect.sandbox.cognito.state.signing import ForgedError  # noqa: PLC0415 - see there

        try:
            return pool, self._signer(pool).verified(token)
        except ForgedError:
            raise CognitoError(*FORGED) from None

    # ---- refreshing and revoking ----

    def by_refresh_token(self, client: Client, refresh_token: str) -> Grant:
        """The grant that a refresh token is good for.

        Raises:
            CognitoError: NotAuthorizedException; RefreshTokenReuseException for one that was rotated long ago.
        """
        hashed = _hash(refresh_token)
        grant = next(iter(self._store.grants.where("refresh", hashed)), None)
        if grant is None or grant.client_id != client.id:
            raise CognitoError(*INVALID_REFRESH)
        if grant.revoked:
            raise CognitoError(*REVOKED_REFRESH)
        if self._clock.now() >= grant.expires:
            raise CognitoError(*EXPIRED_REFRESH)
        if grant.former == hashed and self._clock.now() >= (grant.former_until or 0):
            raise CognitoError("RefreshTokenReuseException", "Refresh token has been reused.")
        return grant

    def of_refresh_token(self, client: Client, refresh_token: str) -> list[Grant]:
        """What RevokeToken ends; nothing if the token is unknown, which is no error (RFC 7009).

        Raises:
            CognitoError: the token is another client's, or no refresh token.
        """
        if not refresh_token.startswith(REFRESH_HEADER):
            raise CognitoError("UnsupportedTokenTypeException", "Unsupported token type")
        grants = self._store.grants.where("refresh", _hash(refresh_token))
        if any(grant.client_id != client.id for grant in grants):
            raise CognitoError("UnauthorizedException", "The token was not issued to this client")
        return grants

    def rotate(self, grant: Grant, grace_seconds: float) -> str:
        """Another refresh token in the place of the one that is good now, which lasts for the grace period only."""
        refresh = _new_refresh_token()
        until = self._clock.now() + grace_seconds
        self._store.grants.change(
            grant.id,
            lambda current: replace(current, refresh=_hash(refresh), former=current.refresh, former_until=until),
        )
        return refresh

    def revoke(self, grant: Grant) -> None:
        """The refresh token and every access token of the sign-in are worth nothing any more."""
        self._store.grants.change(grant.id, lambda current: replace(current, revoked=True))

    def revoke_all(self, user: User) -> None:
        with self._store.transaction():
            for grant in self._store.grants.where("user", user.key):
                self.revoke(grant)


def _new_refresh_token() -> str:
    return f"{REFRESH_HEADER}.{secrets.token_urlsafe(256)}.{secrets.token_urlsafe(12)}.{secrets.token_urlsafe(96)}"


def _hash(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def _unverified(token: str) -> dict[str, Any]:
    """The claims of a token before its signature was checked: to find the key only."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        raise CognitoError(*INVALID) from None
    if not isinstance(claims, dict) or not isinstance(claims.get("iss", ""), str):
        raise CognitoError(*INVALID)
    return claims


def _attribute_claims(pool: Pool, client: Client, user: User, grant: Grant) -> dict[str, Any]:
    """The attributes that the client may read and the scopes open: text, but for whether an address is verified."""
    claims: dict[str, Any] = {}
    opened = scopes.claims_of(grant.scopes)
    for name, value in user.attributes.items():
        attribute = pool.schema.get(name)
        if opened is not None and name not in opened:
            continue
        if name == "sub" or (client.readable is not None and name not in client.readable):
            continue
        if attribute is not None and attribute.developer_only:
            continue
        claims[name] = value == "true" if name in ("email_verified", "phone_number_verified") else value
    return claims


def _overridden(claims: dict[str, Any], added: Mapping[str, Any], suppressed: tuple[str, ...]) -> dict[str, Any]:
    changed = {**claims, **{name: value for name, value in added.items() if name not in FIXED_CLAIMS}}
    for name in suppressed:
        if name not in FIXED_CLAIMS:
            changed.pop(name, None)
    return changed
