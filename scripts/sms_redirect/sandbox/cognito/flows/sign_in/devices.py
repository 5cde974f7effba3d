"""DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device proves itself with its own password."""

from __future__ import annotations

import hmac
from dataclasses import replace

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import devices, passwords
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import parameters, srp
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered, about_the_user
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.rules import srp as protocol
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import Device
from sms_redirect.sandbox.errors import CognitoError

PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"  # noqa: S105 - the name of a challenge


async def start(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    """DEVICE_SRP_AUTH. Apps send an old session here or none at all, so it goes by user, app client and device."""
    given = parameters.of_answer(call)
    name, key = parameters.required(given, "USERNAME"), parameters.required(given, "DEVICE_KEY")
    large_a = parameters.required(given, "SRP_A")
    session = context.sessions.find(
        sign_in.device_session(context, pool, client, name, key), call.request["ChallengeName"], client
    )
    answered = about_the_user(context, call, pool, client, session)
    device = _device(context, answered)
    verifier = protocol.number(device.verifier or "") or 0
    exchange, block = srp.begin(large_a, verifier)
    context.sessions.close(session)
    state = {**session.state, "large_a": large_a, "secret": f"{exchange.secret:x}", "public": f"{exchange.public:x}"}
    context.sessions.open(PASSWORD_VERIFIER, client, session.user_name, session.sub, state, token=block)
    return {
        "ChallengeName": PASSWORD_VERIFIER,
        "ChallengeParameters": {
            "USERNAME": session.user_name,
            "DEVICE_KEY": device.key,
            "SALT": f"{protocol.number(device.salt or '') or 0:x}",
            "SRP_B": f"{exchange.public:x}",
            "SECRET_BLOCK": block,
        },
    }


async def respond(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    """DEVICE_PASSWORD_VERIFIER. The session goes by the secret block, as that of PASSWORD_VERIFIER."""
    given = parameters.of_answer(call)
    parameters.required(given, "USERNAME")
    block, timestamp = (
        parameters.required(given, "PASSWORD_CLAIM_SECRET_BLOCK"),
        parameters.required(given, "TIMESTAMP"),
    )
    claimed = parameters.required(given, "PASSWORD_CLAIM_SIGNATURE")
    session = context.sessions.find(block, PASSWORD_VERIFIER, client)
    answered = about_the_user(context, call, pool, client, session)
    device, state = _device(context, answered), session.state
    context.sessions.close(session)
    expected = protocol.signature(
        protocol.Exchange(int(state["secret"], 16), int(state["public"], 16)),
        protocol.number(device.verifier or "") or 0,
        int(state["large_a"], 16),
        device.group_key,
        device.key,
        block,
        timestamp,
    )
    if not hmac.compare_digest(expected.encode(), claimed.encode()):
        raise CognitoError(*passwords.INCORRECT)  # aws-sdk-net-extensions-cognito#73
    proven = {name: value for name, value in state.items() if name not in ("large_a", "secret", "public")}
    return await sign_in.finish(context, replace(answered.attempt, state={**proven, "device_proven": device.key}))


def _device(context: Context, answered: Answered) -> Device:
    """Raises CognitoError if it was forgotten meanwhile."""
    attempt = answered.attempt
    device = devices.remembered(context, attempt.pool, attempt.user, attempt.device_key)
    if device is None:
        raise CognitoError(*devices.NO_DEVICE)
    return device
