"""NEW_PASSWORD_REQUIRED: a password of the user's own in the place of a temporary one."""

from __future__ import annotations

from dataclasses import replace

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import passwords, steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import parameters
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.rules import factors, schema

ATTRIBUTE = "userAttributes."


async def respond(context: Context, answered: Answered) -> Response:
    attempt, password = answered.attempt, answered.response("NEW_PASSWORD")
    passwords.check_new(attempt.pool, attempt.user, password)
    given = {
        name.removeprefix(ATTRIBUTE): value
        for name, value in parameters.of_answer(attempt.call).items()
        if name.startswith(ATTRIBUTE)
    }
    schema.check_values(attempt.pool, given)
    schema.check_writable(attempt.pool, attempt.client, given)
    schema.check_required(attempt.pool, {**attempt.user.attributes, **given})
    with context.store.transaction():
        context.sessions.close(answered.session)
        schema.check_changes(attempt.pool, attempt.user, given)
        passwords.put(context, attempt.pool, attempt.user, password, status="CONFIRMED")
        user = steps.change(context, attempt.user, lambda current: current.with_attributes(given))
    changed = replace(attempt, user=user)
    if factors.second_factor(attempt.pool, user) is None:
        return await sign_in.finish(context, changed, "NewPasswordChallenge")
    return await sign_in.after_first_factor(context, changed)
