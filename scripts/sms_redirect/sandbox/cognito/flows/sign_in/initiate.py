"""InitiateAuth and AdminInitiateAuth: the table of flows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.flows.sign_in import choice, custom, password, refresh, srp
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.flows.sign_in.parameters import check_secret_hash
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

Start = Callable[[Context, Call, Pool, Client], Awaitable[Response]]

FLOWS: Mapping[str, Start] = MappingProxyType(
    {
        "USER_PASSWORD_AUTH": password.start,
        "ADMIN_USER_PASSWORD_AUTH": password.start,
        "ADMIN_NO_SRP_AUTH": password.start,
        "USER_SRP_AUTH": srp.start,
        "USER_AUTH": choice.start,
        "CUSTOM_AUTH": custom.start,
        "REFRESH_TOKEN": refresh.start,
        "REFRESH_TOKEN_AUTH": refresh.start,
    }
)
ADMIN_ONLY = frozenset({"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"})
# What a client must allow, in the words of ExplicitAuthFlows with their prefix, and in the old words without it.
ALLOWED_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "USER_PASSWORD_AUTH": frozenset({"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"}),
        "ADMIN_USER_PASSWORD_AUTH": frozenset({"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}),
        "ADMIN_NO_SRP_AUTH": frozenset({"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}),
        "USER_SRP_AUTH": frozenset({"ALLOW_USER_SRP_AUTH"}),
        "USER_AUTH": frozenset({"ALLOW_USER_AUTH"}),
        "CUSTOM_AUTH": frozenset({"ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"}),
        "REFRESH_TOKEN": frozenset({"ALLOW_REFRESH_TOKEN_AUTH"}),
        "REFRESH_TOKEN_AUTH": frozenset({"ALLOW_REFRESH_TOKEN_AUTH"}),
    }
)
NOT_ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH flow not enabled for this client",
        "ADMIN_USER_PASSWORD_AUTH": "Auth flow not enabled for this client",
        "ADMIN_NO_SRP_AUTH": "Auth flow not enabled for this client",
    }
)


async def initiate_auth(context: Context, call: Call) -> Response:
    pool, client = steps.client_of(context, call)
    if call.request["AuthFlow"] in ADMIN_ONLY:
        raise CognitoError("InvalidParameterException", "Initiate Auth method not supported.")
    return await _started(context, call, pool, client)


async def admin_initiate_auth(context: Context, call: Call) -> Response:
    pool, client = steps.client_of(context, call, steps.pool_of(context, call))
    if call.request["AuthFlow"] == "USER_PASSWORD_AUTH":
        raise CognitoError("InvalidParameterException", "Initiate Auth method not supported.")
    return await _started(context, call, pool, client)


async def _started(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    flow = call.request["AuthFlow"]
    _check_is_allowed(client, flow)
    check_secret_hash(client, call)
    return await FLOWS[flow](context, call, pool, client)


def _check_is_allowed(client: Client, flow: str) -> None:
    # Clients of the old words may refresh always.
    old = not any(each.startswith("ALLOW_") for each in client.flows)
    allowed = ALLOWED_BY[flow]
    if old and flow in ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH", "USER_SRP_AUTH"):
        return
    if not allowed & client.flows:
        text = NOT_ALLOWED.get(flow, f"{flow} is not enabled for the client.")
        raise CognitoError("InvalidParameterException", text)
