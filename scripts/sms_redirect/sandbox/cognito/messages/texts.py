"""Which text a message has: the pool's, or Cognito's default.

API CreateUserPool for the settings and their precedence. The defaults of SMS are as users published them; whether the
verification text of a pool without any ends in a full stop is not known.
"""

from __future__ import annotations

from sms_redirect.sandbox.cognito.messages.message import Flow, Message

CODE = "{####}"
USER_NAME = "{username}"
VERIFICATION = "Your verification code is {####}"
AUTHENTICATION = "Your authentication code is {####}."
INVITATION = "Your username is {username} and temporary password is {####}."


def sms(message: Message) -> str:
    """The text of an SMS that no trigger writes, filled."""
    return filled(sms_template(message), message)


def sms_template(message: Message) -> str:
    pool = message.pool
    if message.flow == "Authentication":
        return pool.get("SmsAuthenticationMessage") or AUTHENTICATION
    if message.flow == "AdminCreateUser":
        return pool.get("AdminCreateUserConfig", "InviteMessageTemplate", "SMSMessage") or INVITATION
    return pool.get("VerificationMessageTemplate", "SmsMessage") or pool.get("SmsVerificationMessage") or VERIFICATION


def filled(template: str, message: Message) -> str:
    """With code and user name in their places. Only invitations have a place for the user's name."""
    text = template.replace(CODE, message.secret or "")
    return text.replace(USER_NAME, message.user.name) if message.flow == "AdminCreateUser" else text


# DG/user-pool-lambda-custom-message
CUSTOM_MESSAGE_SOURCES: dict[Flow, str] = {
    "SignUp": "CustomMessage_SignUp",
    "ResendCode": "CustomMessage_ResendCode",
    "ForgotPassword": "CustomMessage_ForgotPassword",
    "VerifyUserAttribute": "CustomMessage_VerifyUserAttribute",
    "UpdateUserAttribute": "CustomMessage_UpdateUserAttribute",
    "Authentication": "CustomMessage_Authentication",
    "AdminCreateUser": "CustomMessage_AdminCreateUser",
}
