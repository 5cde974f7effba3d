"""Signing in on the page: the flows of the API, one form a challenge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import migration
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as flows
from sms_redirect.sandbox.cognito.flows.sign_in import password
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.flows.sign_in.respond import respond_to_auth_challenge
from sms_redirect.sandbox.cognito.pages.authorization import Authorization, client_of
from sms_redirect.sandbox.cognito.rules import client_settings
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.errors import CognitoError

# The member of ChallengeResponses that a challenge's form fills, and what the form says.
CODES = {
    "SMS_MFA": ("SMS_MFA_CODE", "Enter the code that was sent by SMS to {destination}"),
    "EMAIL_OTP": ("EMAIL_OTP_CODE", "Enter the code that was sent by email to {destination}"),
    "SOFTWARE_TOKEN_MFA": ("SOFTWARE_TOKEN_MFA_CODE", "Enter the code of your authenticator app"),
}
NEW_PASSWORD, SELECT = "NEW_PASSWORD_REQUIRED", "SELECT_MFA_TYPE"


@dataclass(frozen=True, slots=True)
class Form:
    """The next form. `hidden` goes along with it, `label` names what the person fills in or chooses from `choices`."""

    title: str
    label: str
    kind: str  # of the input: password, one-time-code, choice
    hidden: Mapping[str, str] = field(repr=False)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person is who they say. `code` is the authorization code of this sign-in."""

    code: str = field(repr=False)


Next = Form | SignedIn


async def begin(context: Context, asked: Authorization, name: str, typed_password: str) -> Next:
    """Raises CognitoError if it fails."""
    pool, client = client_of(context, asked.client_id)
    call = Call("InitiateAuth", {"ClientId": client.id})
    await migration.migrate(context, call, pool, client.id, name, typed_password)
    user = password.found(context, pool, client, name)
    attempt = Attempt(call, pool, client, user, name, state={"hosted": asked.as_state()})
    await flows.before(context, attempt)
    return _next(await password.proven(context, attempt, typed_password), user.name)


async def go_on(context: Context, client: Client, form: Mapping[str, str]) -> Next:
    """The answer to a challenge. Raises CognitoError if it is wrong."""
    challenge, name = form.get("challenge", ""), form.get("username", "")
    member = {NEW_PASSWORD: "NEW_PASSWORD", SELECT: "ANSWER"}.get(challenge) or CODES.get(challenge, ("",))[0]
    if not member:
        raise _not_simulated(challenge)
    answers = {"USERNAME": name, member: form.get("answer", "")}
    if client.secrets:  # the page is Cognito's own: it knows the secret
        answers["SECRET_HASH"] = client_settings.secret_hash(client.secrets[0].value, name, client.id)
    request = {
        "ClientId": client.id,
        "ChallengeName": challenge,
        "Session": form.get("session", ""),
        "ChallengeResponses": answers,
    }
    return _next(await respond_to_auth_challenge(context, Call("RespondToAuthChallenge", request)), name)


def form_again(form: Mapping[str, str]) -> Form:
    """The form of a code that was wrong; its session is still open."""
    hidden = {name: form.get(name, "") for name in ("challenge", "session", "username")}
    return Form("Enter the code again", "Code", "one-time-code", hidden)


def _next(response: Response, name: str) -> Next:
    if flows.HOSTED_CODE in response:
        return SignedIn(response[flows.HOSTED_CODE])
    challenge, parameters = response["ChallengeName"], response["ChallengeParameters"]
    hidden = {"challenge": challenge, "session": response["Session"], "username": name}
    if challenge in CODES:
        destination = parameters.get("CODE_DELIVERY_DESTINATION", "")
        return Form(CODES[challenge][1].format(destination=destination), "Code", "one-time-code", hidden)
    if challenge == NEW_PASSWORD:
        _check_nothing_else_is_asked(parameters)
        return Form("Choose a new password", "New password", "password", hidden)
    if challenge == SELECT:
        choices = tuple(json.loads(parameters["MFAS_CAN_CHOOSE"]))
        return Form("Choose how to verify that it is you", "Method", "choice", hidden, choices)
    raise _not_simulated(challenge)


def _check_nothing_else_is_asked(parameters: Mapping[str, Any]) -> None:
    missing = json.loads(parameters.get("requiredAttributes", "[]"))
    if missing:
        names = ", ".join(name.removeprefix("userAttributes.") for name in missing)
        raise CognitoError(
            "UnsupportedOperationException",
            f"The pool requires {names} of this user, and the sandbox's page does not ask for attributes. "
            "AdminUpdateUserAttributes sets them.",
        )


def _not_simulated(challenge: str) -> CognitoError:
    text = f"The sandbox's sign-in page does not simulate the challenge {challenge}. Use the API for it."
    return CognitoError("UnsupportedOperationException", text)
