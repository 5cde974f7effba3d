"""App clients: what their settings must have in common, and what becomes of those left out.

Source: API CreateUserPoolClient. Texts are AWS's where users published them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.cognito.rules import schema
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

NOT_SETTINGS = (
    "UserPoolId",
    "ClientId",
    "ClientName",
    "GenerateSecret",
    "ClientSecret",
    "PublishSecretsInAWSSecretsManager",
)
OLD_FLOWS = frozenset({"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"})
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# Default validity in seconds and unit, by the kind of token.
VALIDITY = {"AccessToken": (3600, "hours"), "IdToken": (3600, "hours"), "RefreshToken": (30 * 86400, "days")}
SHORTEST = {"AccessToken": 300, "IdToken": 300, "RefreshToken": 3600}
LONGEST = {"AccessToken": 86400, "IdToken": 86400, "RefreshToken": 10 * 365 * 86400}


def settled(request: Mapping[str, Any]) -> dict[str, Any]:
    """A client's settings after a request: what it leaves out is at its default, or gone if that is unset."""
    given = {name: value for name, value in request.items() if name not in NOT_SETTINGS and value not in ({}, [])}
    return {
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
        **given,
        # 0 stands for the default (API).
        **({"RefreshTokenValidity": 30} if given.get("RefreshTokenValidity") == 0 else {}),
    }


def check(pool: Pool, request: Mapping[str, Any]) -> None:
    """Raises CognitoError for the first contradiction."""
    if request.get("PublishSecretsInAWSSecretsManager"):
        raise _invalid("The sandbox does not publish client secrets in AWS Secrets Manager.")
    flows = set(request.get("ExplicitAuthFlows", ()))
    if flows & OLD_FLOWS and flows - OLD_FLOWS:
        raise _invalid(
            "Invalid ExplicitAuthFlows. Flows with the ALLOW_ prefix cannot be used together with those without it."
        )  # AWS's text is unknown
    _check_attributes(pool, request)
    _check_validities(request)
    rotation = request.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    if rotation and "ALLOW_REFRESH_TOKEN_AUTH" in flows:
        raise _invalid("ALLOW_REFRESH_TOKEN_AUTH cannot be used when refresh token rotation is enabled.")
    _check_oauth(request)


def validity_seconds(client: Client, token: str) -> int:
    """How long a token of that kind (`AccessToken`, `IdToken`, `RefreshToken`) lasts."""
    return _seconds(client.settings, token)


def secret_hash(secret: str, username: str, client_id: str) -> str:
    digest = hmac.digest(secret.encode(), f"{username}{client_id}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def check_secret_hash(client: Client, username: str, given: str | None) -> None:
    """Raises CognitoError unless a client with a secret proves it. The name is hashed as the request has it."""
    if not client.secrets:
        if given:
            raise CognitoError(
                "NotAuthorizedException", f"Client {client.id} is not configured for secret but secret was received"
            )
        return
    if not given:
        raise CognitoError(
            "NotAuthorizedException", f"Client {client.id} is configured with secret but SECRET_HASH was not received"
        )
    right = (secret_hash(secret.value, username, client.id) for secret in client.secrets)
    if not any(hmac.compare_digest(each.encode(), given.encode()) for each in right):
        raise CognitoError("NotAuthorizedException", f"Unable to verify secret hash for client {client.id}")


def described(client: Client) -> dict[str, Any]:
    """`UserPoolClientType`."""
    shown = {name: value for name, value in client.settings.items() if value not in ({}, [], None)}
    return {
        **shown,
        "UserPoolId": client.pool_id,
        "ClientName": client.name,
        "ClientId": client.id,
        "ClientSecret": client.secrets[0].value if client.secrets else None,
        "CreationDate": client.created,
        "LastModifiedDate": client.modified,
    }


def _check_attributes(pool: Pool, request: Mapping[str, Any]) -> None:
    """Known ones only; users can write every required one, and none that says what was proven (cdk-preflight)."""
    doing = "updating" if "ClientId" in request else "creating"
    if not set(request.get("ReadAttributes", ())) <= set(pool.schema):
        raise _invalid(f"Invalid read attributes specified while {doing} a client")
    writable = set(request.get("WriteAttributes", ()))
    required = {name for name, each in pool.schema.items() if each.required and name != "sub"}
    if not writable <= set(pool.schema) - schema.NOT_FOR_USERS or (writable and not required <= writable):
        raise _invalid(f"Invalid write attributes specified while {doing} a client")


def _check_validities(settings: Mapping[str, Any]) -> None:
    for token in VALIDITY:
        if f"{token}Validity" in settings and settings[f"{token}Validity"] != 0:
            seconds = _seconds(settings, token)
            if not SHORTEST[token] <= seconds <= LONGEST[token]:
                raise _invalid(f"Invalid range for token validity. {token}Validity is out of its range.")
    refresh = _seconds(settings, "RefreshToken")
    if any(_seconds(settings, token) > refresh for token in ("AccessToken", "IdToken")):
        raise _invalid("Refresh token validity must not be shorter than that of the access and ID token.")


def _seconds(settings: Mapping[str, Any], token: str) -> int:
    default, unit = VALIDITY[token]
    value = settings.get(f"{token}Validity")
    if not value:
        return default
    return int(value) * UNITS[settings.get("TokenValidityUnits", {}).get(token, unit)]


def _check_oauth(request: Mapping[str, Any]) -> None:
    flows = set(request.get("AllowedOAuthFlows", ()))
    if "client_credentials" in flows and len(flows) > 1:
        raise CognitoError(
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected along with code flow or implicit flow.",
        )
    if "client_credentials" in flows and not request.get("GenerateSecret", True):
        raise CognitoError(
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected if client does not have a client secret.",
        )
    callbacks = request.get("CallbackURLs", ())
    default = request.get("DefaultRedirectURI")
    if default and default not in callbacks:
        raise _invalid("Default redirect uri should exist in callback urls.")


def _invalid(message: str) -> CognitoError:
    return CognitoError("InvalidParameterException", message)
