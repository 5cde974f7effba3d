"""CUSTOM_AUTH: the pool's own functions say what is asked, ask it, and judge the answer.

Sources: DG/user-pool-lambda-challenge and the pages of its three triggers. Text of a missing trigger: amplify-js#5623.
Whether Cognito asks for a second factor after a custom flow is not known; here it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context, metadata_for_senders
from sms_redirect.sandbox.cognito.flows import passwords, steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import nobody, parameters, srp
from sms_redirect.sandbox.cognito.flows.sign_in.answered import about_the_user
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User, public
from sms_redirect.sandbox.errors import CognitoError

CHALLENGE = "CUSTOM_CHALLENGE"
NOT_CONFIGURED = ("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")
Results = Sequence[Mapping[str, Any]]
"""The challenges so far with their results, as the triggers are told."""


async def start(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    """With `CHALLENGE_NAME` SRP_A the flow may begin with the password."""
    given = parameters.of_start(call)
    name = parameters.required(given, "USERNAME")
    large_a = parameters.required(given, "SRP_A") if given.get("CHALLENGE_NAME") == "SRP_A" else None
    if pool.trigger("DefineAuthChallenge") is None:
        raise CognitoError(*NOT_CONFIGURED)
    user = steps.user_named(context, pool, name)
    if user is None and not client.hides_unknown_users:
        raise CognitoError(*steps.NOBODY)
    attempt = Attempt(call, pool, client, user or _nobody(pool, name), name, given.get("DEVICE_KEY"))
    if user is not None:
        sign_in.check_may_sign_in(user)
        await sign_in.before(context, attempt)
    return await _next(context, attempt, [_result("SRP_A")] if large_a else [], large_a)


async def respond(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    """CUSTOM_CHALLENGE. The session is closed first, so that one of several answers counts."""
    session = context.sessions.find(call.get("Session"), CHALLENGE, client)
    answer, state = parameters.required(parameters.of_answer(call), "ANSWER"), session.state
    if session.sub:
        attempt = about_the_user(context, call, pool, client, session).attempt
    else:
        nobody.check_named(call, client, session)
        typed = str(state["typed"])
        attempt = Attempt(call, pool, client, _nobody(pool, typed), typed)
    context.sessions.close(session)
    request = {
        **_about(attempt),
        "privateChallengeParameters": dict(state["private"]),
        "challengeAnswer": answer,
    }
    response = await _trigger(context, attempt, "VerifyAuthChallengeResponse", request, {"answerCorrect": None})
    result = _result(CHALLENGE, bool(response.get("answerCorrect")), state["metadata"])
    kept = {name: value for name, value in state.items() if name not in ("custom", "private", "metadata")}
    return await _next(context, replace(attempt, state=kept), [*state["custom"], result])


async def after_password(context: Context, attempt: Attempt) -> Response:
    """What follows the right password of a flow that began with SRP_A."""
    sign_in.check_may_sign_in(attempt.user)
    results = attempt.state["custom"]
    kept = {name: value for name, value in attempt.state.items() if name != "custom"}
    return await _next(context, replace(attempt, state=kept), [*results, _result(srp.PASSWORD_VERIFIER)])


async def _next(context: Context, attempt: Attempt, results: Results, large_a: str | None = None) -> Response:
    """What DefineAuthChallenge decides.

    Raises:
        CognitoError: NotAuthorizedException, it ends the sign-in; InvalidLambdaResponseException, it decides nothing.
    """
    decision = await _trigger(
        context,
        attempt,
        "DefineAuthChallenge",
        {**_about(attempt), "session": list(results)},
        {"challengeName": None, "issueTokens": None, "failAuthentication": None},
    )
    # Nobody is signed in as a user who does not exist, whatever the function says.
    if decision.get("failAuthentication") or (decision.get("issueTokens") and not attempt.user.sub):
        raise CognitoError(*passwords.INCORRECT)
    if decision.get("issueTokens"):
        return await sign_in.finish(context, attempt)
    if decision.get("challengeName") == CHALLENGE:
        return await _create(context, attempt, results)
    if decision.get("challengeName") == srp.PASSWORD_VERIFIER and large_a is not None:
        user = attempt.user if attempt.user.sub else None
        return srp.challenge(
            context, attempt.pool, attempt.client, user, attempt.typed, large_a, attempt.device_key,
            {"custom": tuple(results)},
        )  # fmt: skip
    raise CognitoError("InvalidLambdaResponseException", "Unrecognizable lambda output")


async def _create(context: Context, attempt: Attempt, results: Results) -> Response:
    request = {**_about(attempt), "challengeName": CHALLENGE, "session": list(results)}
    unset = {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None}
    created = await _trigger(context, attempt, "CreateAuthChallenge", request, unset)
    state = {
        "custom": tuple(results),
        "private": _texts(created.get("privateChallengeParameters")),
        "metadata": created.get("challengeMetadata"),
    }
    told = {"USERNAME": attempt.user.name, **_texts(created.get("publicChallengeParameters"))}
    return sign_in.challenge(context, attempt, CHALLENGE, told, state)


async def _trigger(
    context: Context, attempt: Attempt, trigger: str, request: Mapping[str, Any], response: Mapping[str, Any]
) -> dict[str, Any]:
    returned = await context.triggers.call(
        attempt.pool, trigger, f"{trigger}_Authentication", attempt.user.name, attempt.client.id, request, response
    )
    if returned is None:
        raise CognitoError(*NOT_CONFIGURED)
    return returned


def _about(attempt: Attempt) -> dict[str, Any]:
    exists = bool(attempt.user.sub)
    return {
        "userAttributes": dict(public(attempt.user)) if exists else {},
        "userNotFound": not exists,
        "clientMetadata": dict(metadata_for_senders(attempt.call)),
    }


def _result(name: str, right: bool = True, metadata: str | None = None) -> dict[str, Any]:
    return {"challengeName": name, "challengeResult": right, "challengeMetadata": metadata}


def _texts(parameters_: Any) -> dict[str, str]:
    """A map of texts, as the API has it, of what a function made.

    Raises:
        CognitoError: InvalidLambdaResponseException, it is something else.
    """
    given = parameters_ or {}
    if not isinstance(given, dict) or any(isinstance(value, dict | list) for value in given.values()):
        raise CognitoError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    return {name: value if isinstance(value, str) else str(value) for name, value in given.items() if value is not None}


def _nobody(pool: Pool, name: str) -> User:
    """In the place of a user who does not exist. The triggers are told so and go on as with any other."""
    return User(pool.id, "", srp.nobodys_id(pool, name), "CONFIRMED", 0, 0)
