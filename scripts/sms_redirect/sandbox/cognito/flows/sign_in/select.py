"""SELECT_MFA_TYPE: the user chooses between several second factors."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.cognito.rules import factors
from sms_redirect.sandbox.errors import CognitoError


async def respond(context: Context, answered: Answered) -> Response:
    attempt, chosen = answered.attempt, answered.response("ANSWER")
    if chosen not in factors.choices(attempt.pool, attempt.user):
        raise CognitoError("InvalidParameterException", f"Unknown ANSWER for SELECT_MFA_TYPE: {chosen}")
    context.sessions.close(answered.session)
    return await sign_in.second_factor(context, attempt, chosen)
