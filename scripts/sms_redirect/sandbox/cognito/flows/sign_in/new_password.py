"""NEW_PASSWORD_REQUIRED: a password of the user's own in the place of a temporary one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import passwords, steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import parameters
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.rules import factors, schema
from sms_redirect.sandbox.errors import CognitoError

ATTRIBUTE = "userAttributes."
ADDRESSES = ("email", "phone_number")


async def respond(context: Context, answered: Answered) -> Response:
    attempt, password = answered.attempt, answered.response("NEW_PASSWORD")
    passwords.check_new(attempt.pool, attempt.user, password)
    given = {
        name.removeprefix(ATTRIBUTE): value
        for name, value in parameters.of_answer(attempt.call).items()
        if name.startswith(ATTRIBUTE)
    }
    _check(attempt, given)
    with context.store.transaction():
        context.sessions.close(answered.session)
        schema.check_changes(attempt.pool, attempt.user, given)
        passwords.put(context, attempt.pool, attempt.user, password, status="CONFIRMED")
        user = steps.change(context, attempt.user, lambda current: current.with_attributes(given))
    changed = replace(attempt, user=user)
    if factors.second_factor(attempt.pool, user) is None:
        return await sign_in.finish(context, changed, "NewPasswordChallenge")
    return await sign_in.after_first_factor(context, changed)


def _check(attempt: Attempt, given: Mapping[str, str]) -> None:
    """Apps that send back all that the challenge told them are refused (observed by users; pmill/aws-cognito#25).

    Raises:
        CognitoError: what is given may not be, or what is required is missing.
    """
    pool, user = attempt.pool, attempt.user
    for name in schema.NOT_FOR_USERS.intersection(given):
        raise CognitoError("InvalidParameterException", schema.NOT_MUTABLE.format(name))
    for name in ADDRESSES:
        if name in given and user.attributes.get(name):
            raise CognitoError("NotAuthorizedException", f"Cannot modify an already provided {name}")
    schema.check_values(pool, given)
    schema.check_writable(pool, attempt.client, given)
    for name in schema.missing(pool, {**user.attributes, **given}):
        raise CognitoError("InvalidParameterException", f"Invalid attributes given, {name} is missing")
