"""`AuthParameters` and `ChallengeResponses`: what must be there, and the proof of a client's secret."""

from __future__ import annotations

from collections.abc import Mapping

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.rules import client_settings
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.errors import CognitoError


def of_start(call: Call) -> Mapping[str, str]:
    parameters: Mapping[str, str] = call.request.get("AuthParameters") or {}
    return parameters


def of_answer(call: Call) -> Mapping[str, str]:
    responses: Mapping[str, str] = call.request.get("ChallengeResponses") or {}
    return responses


def required(given: Mapping[str, str], name: str) -> str:
    """Raises CognitoError if the parameter is missing or blank."""
    value = given.get(name)
    if not value:
        raise CognitoError("InvalidParameterException", f"Missing required parameter {name}")
    return value


def check_secret_hash(client: Client, call: Call) -> None:
    """Of a flow's start. A refresh needs no user name: its hash is checked where the user is known."""
    given = of_start(call)
    if call.request["AuthFlow"] not in ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"):
        client_settings.check_secret_hash(client, required(given, "USERNAME"), given.get("SECRET_HASH"))


def check_secret_hash_of_any(client: Client, names: list[str], given: str | None) -> None:
    """Of an answer: apps hash the name as it was typed, or the one that the challenge told them.

    Raises:
        CognitoError: the hash is of none of them.
    """
    for name in names[:-1]:
        try:
            client_settings.check_secret_hash(client, name, given)
        except CognitoError:
            continue
        return
    client_settings.check_secret_hash(client, names[-1], given)
