"""The emails that Cognito sends itself: to the user's address, in the pool's words or in Cognito's default ones.

API CreateUserPool for the settings. The defaults are as users published them.
"""

from __future__ import annotations

from collections.abc import Mapping

from sms_redirect.sandbox.cognito.messages import texts
from sms_redirect.sandbox.cognito.messages.message import Email, Message

VERIFICATION = ("Your verification code", "Your verification code is {####}.")
RECOVERY = ("Your password reset code", "Your password reset code is {####}.")
AUTHENTICATION = ("Your authentication code", "Your authentication code is {####}.")
INVITATION = ("Your temporary password", "Your username is {username} and temporary password is {####}.")


def compose(message: Message, custom: Mapping[str, str]) -> Email:
    """`custom` is the response of a CustomMessage trigger."""
    subject, body = _template(message)
    return Email(
        to=message.destination.address,
        subject=custom.get("emailSubject") or subject,
        body=texts.filled(custom.get("emailMessage") or body, message),
        message=message,
    )


def _template(message: Message) -> tuple[str, str]:
    pool = message.pool
    if message.flow == "AdminCreateUser":
        invitation = pool.get("AdminCreateUserConfig", "InviteMessageTemplate") or {}
        return invitation.get("EmailSubject") or INVITATION[0], invitation.get("EmailMessage") or INVITATION[1]
    if message.flow == "Authentication":
        factor = pool.factors.email
        return factor.get("Subject") or AUTHENTICATION[0], factor.get("Message") or AUTHENTICATION[1]
    template = pool.get("VerificationMessageTemplate") or {}
    default = RECOVERY if message.flow == "ForgotPassword" else VERIFICATION
    return (
        template.get("EmailSubject") or pool.get("EmailVerificationSubject") or default[0],
        template.get("EmailMessage") or pool.get("EmailVerificationMessage") or default[1],
    )
