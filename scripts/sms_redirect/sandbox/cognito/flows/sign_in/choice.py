"""USER_AUTH: the user chooses the first factor. A one-time password by SMS has eight digits (amplify-js#14428)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import migration, steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import nobody, parameters, password, srp
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.flows.sign_up import SIGN_UP
from sms_redirect.sandbox.cognito.rules import addresses, factors
from sms_redirect.sandbox.cognito.state.sessions import FOREIGN
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

OTP_DIGITS = 8
# What a factor needs beside its choice, to be tried at once.
PROOF = {"PASSWORD": "PASSWORD", "PASSWORD_SRP": "SRP_A"}


async def start(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    given = parameters.of_start(call)
    name = parameters.required(given, "USERNAME")
    if given.get("PREFERRED_CHALLENGE") == "PASSWORD" and given.get("PASSWORD") and "PASSWORD" in pool.first_factors:
        await migration.migrate(context, call, pool, client.id, name, given["PASSWORD"])
    if client.hides_unknown_users and not call.get("Session") and steps.user_named(context, pool, name) is None:
        return nobody.start(context, call, pool, client, name)
    user = password.found(context, pool, client, name)
    attempt = Attempt(call, pool, client, user, name, given.get("DEVICE_KEY"))
    if call.get("Session"):
        return await _from_sign_up(context, attempt)
    await sign_in.before(context, attempt)
    offered = factors.first_factors(pool, user)
    preferred = given.get("PREFERRED_CHALLENGE")
    if preferred in offered and (preferred not in PROOF or given.get(PROOF[preferred])):
        return await _factor(context, attempt, preferred, given)
    response = sign_in.challenge(context, attempt, "SELECT_CHALLENGE", {})
    return {**response, "AvailableChallenges": offered}


async def respond(context: Context, answered: Answered) -> Response:
    """SELECT_CHALLENGE."""
    attempt, chosen = answered.attempt, answered.response("ANSWER")
    if chosen not in factors.first_factors(attempt.pool, attempt.user):
        raise CognitoError("InvalidParameterException", f"The challenge {chosen} is not available for the user.")
    context.sessions.close(answered.session)
    return await _factor(context, attempt, chosen, parameters.of_answer(attempt.call))


async def _from_sign_up(context: Context, attempt: Attempt) -> Response:
    """The session of SignUp or ConfirmSignUp in the place of a first factor, once (API InitiateAuth, `Session`)."""
    session = context.sessions.find(attempt.call.get("Session"), SIGN_UP, attempt.client)
    if session.sub != attempt.user.sub:
        raise CognitoError(*FOREIGN)
    await sign_in.before(context, attempt)
    context.sessions.close(session)
    return await sign_in.after_first_factor(context, attempt)


async def _factor(context: Context, attempt: Attempt, factor: str, given: Mapping[str, str]) -> Response:
    user = attempt.user
    if factor == "SMS_OTP":
        return await sign_in.send_code(context, attempt, factor, addresses.phone(user.phone_number or ""), OTP_DIGITS)
    if factor == "EMAIL_OTP":
        attempt = replace(attempt, state={**attempt.state, "first_factor": True})
        return await sign_in.send_code(context, attempt, factor, addresses.email(user.email or ""), OTP_DIGITS)
    if factor == "PASSWORD_SRP":
        large_a = parameters.required(given, "SRP_A")
        return srp.challenge(context, attempt.pool, attempt.client, user, attempt.typed, large_a, attempt.device_key)
    return await password.proven(context, attempt, parameters.required(given, "PASSWORD"))
