"""SMS_MFA, SMS_OTP and EMAIL_OTP: challenges that are answered with a code that was sent."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in.answered import Answered
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

# docs/cognito-facts.md, "Codes and attempts"
WRONG = ("CodeMismatchException", "Invalid code or auth state for the user.")


async def second_factor(context: Context, answered: Answered) -> Response:
    """SMS_MFA."""
    attempt = _proven(context, answered, "SMS_MFA_CODE", "phone_number")
    return await sign_in.finish(context, attempt)


async def one_time_password(context: Context, answered: Answered) -> Response:
    """SMS_OTP: a first factor."""
    attempt = _proven(context, answered, "SMS_OTP_CODE", "phone_number")
    return await sign_in.after_first_factor(context, attempt)


async def email_code(context: Context, answered: Answered) -> Response:
    """EMAIL_OTP: a first factor in USER_AUTH, else a second one."""
    attempt = _proven(context, answered, "EMAIL_OTP_CODE", "email")
    if answered.session.state.get("first_factor"):
        return await sign_in.after_first_factor(context, attempt)
    return await sign_in.finish(context, attempt)


def _proven(context: Context, answered: Answered, member: str, attribute: str) -> Attempt:
    """The attempt after the right code, which also proves the address that it was sent to."""
    token = str(answered.attempt.call.request["Session"])
    code = answered.response(member)
    try:
        context.codes.check(sign_in.code_purpose(token), code)
    except CognitoError:
        context.sessions.wrong_answer(answered.session)
        raise CognitoError(*WRONG) from None
    with context.store.transaction():
        context.sessions.close(answered.session)
        context.codes.forget(sign_in.code_purpose(token))
        address = str(answered.session.state["address"])
        user = steps.change(context, answered.attempt.user, lambda current: _with_proof(current, attribute, address))
    attempt = answered.attempt
    return Attempt(attempt.call, attempt.pool, attempt.client, user, attempt.typed, attempt.device_key, attempt.state)


def _with_proof(user: User, attribute: str, address: str) -> User:
    if user.attributes.get(attribute) != address:
        return user  # the address is another one by now
    return user.with_attributes({f"{attribute}_verified": "true"})
