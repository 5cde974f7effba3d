"""USER_AUTH for a user who does not exist, in an app client with `PreventUserExistenceErrors`.

Cognito responds with a challenge of a kind that the pool permits, chosen at random
(DG/cognito-user-pool-managing-errors). Here the same name always gets the same one, so that a test can be repeated.
No response to it is right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import passwords, steps
from sms_redirect.sandbox.cognito.flows.sign_in import codes, parameters, srp
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.state.sessions import FOREIGN
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Session
from sms_redirect.sandbox.errors import CognitoError

SELECT = "SELECT_CHALLENGE"
PASSWORDS = ("PASSWORD", "PASSWORD_SRP")
CODES: Mapping[str, tuple[str, str]] = {"SMS_OTP": ("SMS", "SMS_OTP_CODE"), "EMAIL_OTP": ("EMAIL", "EMAIL_OTP_CODE")}


def start(context: Context, call: Call, pool: Pool, client: Client, name: str) -> Response:
    permitted = [factor for factor in pool.first_factors if factor in CODES]
    permitted += ["PASSWORD"] if "PASSWORD" in pool.first_factors else []
    given = parameters.of_start(call)
    wanted = given.get("PREFERRED_CHALLENGE")
    if wanted in PASSWORDS and "PASSWORD" in permitted and given.get("SRP_A" if wanted != "PASSWORD" else wanted):
        return _password(context, pool, client, name, wanted, given)
    if wanted in permitted and wanted in CODES:
        return _code(context, pool, client, name, wanted)
    chosen = permitted[int(hashlib.sha256(name.encode()).hexdigest(), 16) % len(permitted)] if permitted else "PASSWORD"
    if chosen in CODES:
        return _code(context, pool, client, name, chosen)
    token = context.sessions.open(SELECT, client, srp.nobodys_id(pool, name), "", {"typed": name})
    return {
        "ChallengeName": SELECT,
        "Session": token,
        "ChallengeParameters": {},
        "AvailableChallenges": list(PASSWORDS),
    }


def respond(context: Context, call: Call, pool: Pool, client: Client, session: Session) -> Response:
    """Raises CognitoError, unless the user chose SRP, which needs one response more to fail."""
    check_named(call, client, session)
    given, typed = parameters.of_answer(call), str(session.state["typed"])
    if session.challenge in CODES:
        parameters.required(given, CODES[session.challenge][1])
        context.sessions.wrong_answer(session)
        raise CognitoError(*codes.WRONG)
    chosen = parameters.required(given, "ANSWER")
    if chosen not in PASSWORDS:
        raise CognitoError("InvalidParameterException", f"The challenge {chosen} is not available for the user.")
    context.sessions.close(session)
    return _password(context, pool, client, typed, chosen, given)


def check_named(call: Call, client: Client, session: Session) -> None:
    """Raises CognitoError if the response is about another user than the session."""
    given = parameters.of_answer(call)
    name, typed = parameters.required(given, "USERNAME"), str(session.state["typed"])
    parameters.check_secret_hash_of_any(client, [name, session.user_name, typed], given.get("SECRET_HASH"))
    if name not in (typed, session.user_name):
        raise CognitoError(*FOREIGN)


def _password(  # noqa: PLR0917 - who is not there, and what was sent
    context: Context, pool: Pool, client: Client, name: str, factor: str, given: Mapping[str, str]
) -> Response:
    if factor == "PASSWORD_SRP":
        return srp.challenge(context, pool, client, None, name, parameters.required(given, "SRP_A"))
    parameters.required(given, "PASSWORD")
    raise CognitoError(*passwords.INCORRECT)


def _code(context: Context, pool: Pool, client: Client, name: str, factor: str) -> Response:
    destination = steps.simulated_destination(name, medium=CODES[factor][0])
    user_name = srp.nobodys_id(pool, name)
    token = context.sessions.open(factor, client, user_name, "", {"typed": name})
    return {
        "ChallengeName": factor,
        "Session": token,
        "ChallengeParameters": {
            "CODE_DELIVERY_DELIVERY_MEDIUM": CODES[factor][0],
            "CODE_DELIVERY_DESTINATION": destination.details["Destination"],
            "USER_ID_FOR_SRP": user_name,
        },
    }
