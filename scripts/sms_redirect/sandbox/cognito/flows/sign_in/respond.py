"""RespondToAuthChallenge and AdminRespondToAuthChallenge: the table of challenges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import (
    choice,
    codes,
    custom,
    devices,
    new_password,
    nobody,
    select,
    software_token,
    srp,
)
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered, about_the_user
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

Respond = Callable[[Context, Answered], Awaitable[Response]]
Start = Callable[[Context, Call, Pool, Client], Awaitable[Response]]

CHALLENGES: Mapping[str, Respond] = MappingProxyType(
    {
        "SMS_MFA": codes.second_factor,
        "EMAIL_OTP": codes.email_code,
        "SMS_OTP": codes.one_time_password,
        "SOFTWARE_TOKEN_MFA": software_token.respond,
        "SELECT_MFA_TYPE": select.respond,
        "MFA_SETUP": software_token.set_up,
        "NEW_PASSWORD_REQUIRED": new_password.respond,
        "SELECT_CHALLENGE": choice.respond,
    }
)


async def _password_verifier(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    attempt = srp.proven(context, call, pool, client)
    if "custom" in attempt.state:
        return await custom.after_password(context, attempt)
    return await sign_in.after_password(context, attempt)


# These find their session themselves: most apps leave it out or send an old one, and a custom one needs no user.
OF_THEIR_OWN: Mapping[str, Start] = MappingProxyType(
    {
        "PASSWORD_VERIFIER": _password_verifier,
        "DEVICE_SRP_AUTH": devices.start,
        "DEVICE_PASSWORD_VERIFIER": devices.respond,
        "CUSTOM_CHALLENGE": custom.respond,
    }
)


async def respond_to_auth_challenge(context: Context, call: Call) -> Response:
    return await _responded(context, call, *steps.client_of(context, call))


async def admin_respond_to_auth_challenge(context: Context, call: Call) -> Response:
    return await _responded(context, call, *steps.client_of(context, call, steps.pool_of(context, call)))


async def _responded(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    name = call.request["ChallengeName"]
    if name in OF_THEIR_OWN:
        return await OF_THEIR_OWN[name](context, call, pool, client)
    respond = CHALLENGES.get(name)
    if respond is None:
        raise CognitoError("UnsupportedOperationException", f"The sandbox does not simulate the challenge {name}.")
    session = context.sessions.find(call.get("Session"), name, client)
    if not session.sub:
        return nobody.respond(context, call, pool, client, session)
    return await respond(context, about_the_user(context, call, pool, client, session))
