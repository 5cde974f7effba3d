"""SOFTWARE_TOKEN_MFA, and MFA_SETUP for who must have a second factor and has none."""

from __future__ import annotations

from dataclasses import replace

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import mfa
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Response
from sms_redirect.sandbox.errors import CognitoError


async def respond(context: Context, answered: Answered) -> Response:
    code = answered.response("SOFTWARE_TOKEN_MFA_CODE")
    try:
        user = mfa.use_app_code(context, answered.attempt.user, code)
    except CognitoError:
        context.sessions.wrong_answer(answered.session)
        raise
    context.sessions.close(answered.session)
    return await sign_in.finish(context, replace(answered.attempt, user=user))


async def set_up(context: Context, answered: Answered) -> Response:
    """MFA_SETUP is answered with the session that VerifySoftwareToken gave."""
    if not answered.session.state.get("set_up"):
        raise CognitoError("InvalidParameterException", "User has not set up software token mfa")
    context.sessions.close(answered.session)
    return await sign_in.finish(context, answered.attempt)
