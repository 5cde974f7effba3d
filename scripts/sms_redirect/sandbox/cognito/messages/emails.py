"""The emails that Cognito sends itself: to the user's address, in the pool's words or in Cognito's default ones.

API CreateUserPool for the settings. The defaults are as users published them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlencode

from sms_redirect.sandbox.cognito.messages import texts
from sms_redirect.sandbox.cognito.messages.message import Email, Message
from sms_redirect.sandbox.cognito.values.pool import Pool

VERIFICATION = ("Your verification code", "Your verification code is {####}.")
LINK = ("Your verification link", "Please click the link below to verify your email address. {##Verify Email##}")
RECOVERY = ("Your password reset code", "Your password reset code is {####}.")
AUTHENTICATION = ("Your authentication code", "Your authentication code is {####}.")
INVITATION = ("Your temporary password", "Your username is {username} and temporary password is {####}.")
SENDER = "no-reply@verificationemail.com"
# API VerificationMessageTemplateType, EmailMessageByLink.
LINK_PLACE = re.compile(r"\{##(?P<text>[^#]*)##\}")
# Changed attributes get a code in such a pool too (amplify-android#1105).
WITH_LINK = ("SignUp", "ResendCode")
# DG/user-pool-lambda-custom-message. Users report that such emails are sent all the same.
NOT_DEVELOPER = (
    "email-sending-account",
    (
        "A CustomMessage function wrote this email. AWS documents that Cognito fails the call instead, unless "
        "EmailConfiguration.EmailSendingAccount is DEVELOPER."
    ),
)
DEFAULT_TEXT = (
    "default-text",
    (
        "The pool sets no text for this email, so this is Cognito's default. AWS does not document it: subject and "
        "wording may differ."
    ),
)
NO_PLACE = ("no-placeholder", "The body has no place for the code or the link: the user cannot go on.")
NO_CODE = ("no-code", "No code was sent: in a pool with passwordless sign-in, Cognito makes no temporary password.")


@dataclass(frozen=True, slots=True)
class _Template:
    subject: str
    body: str
    kind: str  # of the message document
    source: str


def compose(message: Message, custom: Mapping[str, str], confirm_page: str) -> Email:
    """`custom` is the response of a CustomMessage trigger; `confirm_page` is where links lead."""
    template = _with(custom, _template(message))
    link = _link(message, confirm_page) if _by_link(message) and LINK_PLACE.search(template.body) else None
    shows_code = texts.CODE in template.body
    return Email(
        to=message.destination.address,
        sender=_sender(message.pool),
        subject=_filled(template.subject, message, escape=False),
        body=_with_link(_filled(template.body, message), link),
        code=message.secret if shows_code else None,
        link=link,
        template=template.kind,
        template_source=template.source,
        warnings=tuple(_doubts(message, template, custom, shown=shows_code or link is not None)),
        message=message,
    )


def _template(message: Message) -> _Template:
    pool = message.pool
    if message.flow == "AdminCreateUser":
        return _chosen("invitation", INVITATION, pool.get("AdminCreateUserConfig", "InviteMessageTemplate"))
    if message.flow == "Authentication":
        factor = pool.factors.email
        return _chosen("authentication", AUTHENTICATION, factor, ("Subject", "Message"))
    settings = pool.get("VerificationMessageTemplate") or {}
    if _by_link(message):
        return _chosen("verification", LINK, settings, ("EmailSubjectByLink", "EmailMessageByLink"))
    older = {
        "EmailSubject": pool.get("EmailVerificationSubject"),
        "EmailMessage": pool.get("EmailVerificationMessage"),
    }
    default = RECOVERY if message.flow == "ForgotPassword" else VERIFICATION
    return _chosen("verification", default, older | settings)


def _chosen(
    kind: str,
    default: tuple[str, str],
    settings: Mapping[str, str | None] | None,
    names: tuple[str, str] = ("EmailSubject", "EmailMessage"),
) -> _Template:
    subject, body = ((settings or {}).get(name) for name in names)
    return _Template(subject or default[0], body or default[1], kind, "pool" if body else "default")


def _with(custom: Mapping[str, str], template: _Template) -> _Template:
    subject, body = custom.get("emailSubject") or template.subject, custom.get("emailMessage")
    if body:
        return _Template(subject, body, "custom-message", "custom-message")
    return _Template(subject, template.body, template.kind, template.source)


def _by_link(message: Message) -> bool:
    option = message.pool.get("VerificationMessageTemplate", "DefaultEmailOption")
    return option == "CONFIRM_WITH_LINK" and message.flow in WITH_LINK


def _link(message: Message, page: str) -> str:
    """With the members that Cognito's have. On AWS it leads to the pool's domain."""
    query = {
        "client_id": message.client_id or "",
        "user_name": message.user.name,
        "confirmation_code": message.secret or "",
    }
    return f"{page}?{urlencode(query)}"


def _with_link(body: str, link: str | None) -> str:
    if link is None:
        return body
    target = html.escape(link)
    return LINK_PLACE.sub(lambda place: f'<a href="{target}">{place["text"]}</a>', body)


def _filled(template: str, message: Message, *, escape: bool = True) -> str:
    """Passwords are escaped, since a body is HTML: so they are for custom senders too."""
    secret = message.secret or ""
    if escape and message.flow == "AdminCreateUser":
        secret = html.escape(secret)
    text = template.replace(texts.CODE, secret)
    name = html.escape(message.user.name) if escape else message.user.name
    return text.replace(texts.USER_NAME, name) if message.flow == "AdminCreateUser" else text


def _doubts(
    message: Message, template: _Template, custom: Mapping[str, str], *, shown: bool
) -> Iterator[tuple[str, str]]:
    if template.source == "default":
        yield DEFAULT_TEXT
    if message.secret is None:
        yield NO_CODE
    elif not shown:
        yield NO_PLACE
    account = message.pool.get("EmailConfiguration", "EmailSendingAccount")
    if custom.get("emailMessage") and account != "DEVELOPER":
        yield NOT_DEVELOPER


def _sender(pool: Pool) -> tuple[str, str]:
    """Name and address of the From line (API EmailConfigurationType)."""
    settings = pool.get("EmailConfiguration") or {}
    if settings.get("EmailSendingAccount") != "DEVELOPER":
        return "", SENDER
    identity = str(settings.get("SourceArn") or "").rpartition("identity/")[2]
    name, address = parseaddr(str(settings.get("From") or identity))
    return (name, address) if "@" in address else ("", SENDER)
