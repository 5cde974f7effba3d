"""Cognito as the emulator keeps it: with `emulator`, the only module that knows its pools and users.

Covered by tests/integration/test_emulator_contract.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.emulator import Response


async def call_cognito(action: str, request: Mapping[str, Any]) -> Response:
    """Run one operation of the emulator's own Cognito, without IAM: the sandbox acts as the service itself."""
    from ministack.services import cognito

    headers = {"x-amz-target": f"AWSCognitoIdentityProviderService.{action}"}
    response: Response = await cognito.handle_request("POST", "/", headers, json.dumps(request).encode(), {})
    return response


def pin_scope(request: Mapping[str, Any]) -> None:
    """Act in the region of the pool, client, session or token that a request names; unsigned ones name no region."""
    from ministack.services import cognito

    cognito._pin_unsigned_idp_scope(dict(request))


def refusal(action: str, request: Mapping[str, Any]) -> Response | None:
    """What the emulator checks first: secret hash, enabled auth flow, access token. None if all is well."""
    from ministack.services import cognito

    data = dict(request)
    response: Response | None = (
        cognito._validate_client_secret_hash(action, data)
        or cognito._auth_flow_error(action, data)
        or cognito._access_token_error(data)
    )
    return response


def pool_record(pool_id: str) -> dict[str, Any] | None:
    from ministack.services import cognito

    record: dict[str, Any] | None = cognito._user_pools.get(pool_id)
    return record


def pool_record_of_client(client_id: str) -> dict[str, Any] | None:
    from ministack.services import cognito

    record: dict[str, Any] | None = cognito._pool_for_client(client_id)[0]
    return record


def user_record(pool: dict[str, Any], username: str) -> dict[str, Any] | None:
    """The user of that name, sub or verified alias."""
    from ministack.services import cognito

    record: dict[str, Any] | None = cognito._resolve_user(pool, username)[0]
    return record


def records_of_token(access_token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The pool and the user that an access token was issued for."""
    from ministack.services import cognito

    user, pool = cognito._user_pool_for_access_token(access_token)
    return (pool, user) if user else None


def client_of_token(access_token: str) -> str | None:
    """The app client that an access token was issued to."""
    from ministack.services import cognito

    client_id: str | None = cognito._token_claims(access_token).get("client_id")
    return client_id


def tokens(pool_id: str, client_id: str, user: dict[str, Any], metadata: Mapping[str, str]) -> dict[str, Any]:
    """A fresh `AuthenticationResult`."""
    from ministack.services import cognito

    result: dict[str, Any] = cognito._build_auth_result(pool_id, client_id, user, client_metadata=dict(metadata))
    return result


def password_refusal(pool: dict[str, Any], password: str) -> Response | None:
    """`InvalidPasswordException` where a password does not satisfy the pool's policy."""
    from ministack.services import cognito

    response: Response | None = cognito._validate_password(pool, password)
    return response


def password_sign_in(client_id: str, username: str, password: str) -> Response:
    """USER_PASSWORD_AUTH, whether or not the app client enables that flow: USER_AUTH offers the password by itself."""
    from ministack.services import cognito

    parameters = {"USERNAME": username, "PASSWORD": password}
    response: Response = cognito._initiate_auth(
        {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    )
    return response
