"""What the phone would have shown, and what the tester should know about it. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

from sms_sender.event import SmsRequest
from sms_sender.findings import SmsWarning
from sms_sender.flows import INVITATION, KINDS
from sms_sender.templates import CODE, SETTINGS, USER_NAME, Template
from sms_sender.traps import traps


@dataclass(frozen=True, slots=True)
class Preview:
    """`code` is None if there is none, `template` is None if no template was used."""

    text: str = field(repr=False)
    code: str | None = field(repr=False)
    template: Template | None
    warnings: tuple[SmsWarning, ...] = ()


def preview(request: SmsRequest, template: Template, secret: str | None) -> Preview:
    """The SMS with its code, which is `secret` as Cognito encrypted it; None for an invitation without a password."""
    # Temporary passwords arrive HTML-escaped, once; codes never are (developer guide).
    code = html.unescape(secret) if secret and request.flow == INVITATION else secret
    text = template.fill(code, request.user_name or "")
    return Preview(text, code, template, (*template.warnings, *_doubts(request, template, code), *traps(text)))


def notification(request: SmsRequest) -> Preview:
    """A security notification, or an unknown source, without a code. Cognito documents no text for it."""
    user = f" for user {request.user_name}" if request.user_name else ""
    warning = SmsWarning(
        "no-template",
        f"Cognito sends {request.trigger_source} without a code and documents no text: this is a description.",
    )
    return Preview(f"Security notification{user}: {request.flow}", None, None, (warning,))


def _doubts(request: SmsRequest, template: Template, code: str | None) -> Iterator[SmsWarning]:
    if request.flow not in KINDS:
        guess = f"sms-redirect does not know {request.trigger_source}: the verification template is a guess."
        yield SmsWarning("unknown-source", guess)
    if template.source == "default" and template.read_at:
        yield _default_text(request, template)
    if code is None:
        yield _no_code(template)
    elif not template.has_code:
        yield SmsWarning("no-placeholder", f"The template has no {CODE}: the phone shows no code.")
    if template.has_user_name:
        yield from _about_user_name(request, template)


def _default_text(request: SmsRequest, template: Template) -> SmsWarning:
    """AWS documents no default. A forgotten-password email's is known (WikiWatershed/monitor-my-watershed#636)."""
    text = (
        "The pool sets no text for this SMS, so this is Cognito's default. AWS does not document it: wording and "
        "punctuation may differ on the phone"
    )
    if request.flow == "ForgotPassword":
        text += ', which may say "Your password reset code is ..." instead'
    settings = " and ".join(".".join(path) for path in SETTINGS[template.kind])
    return SmsWarning("default-text", f"{text}. To be certain, set {settings} in the pool.")


def _no_code(template: Template) -> SmsWarning:
    text = "No code was sent: in a pool with passwordless sign-in, Cognito makes no temporary password."
    if template.has_code:
        text += f" What the phone shows for {CODE} is not documented."
    return SmsWarning("no-code", text)


def _about_user_name(request: SmsRequest, template: Template) -> Iterator[SmsWarning]:
    if not template.fills_user_name:
        text = f"Cognito fills in {USER_NAME} in invitations only: the phone shows it as it is."
        yield SmsWarning("user-name-not-filled", text)
    elif not request.user_name:
        yield SmsWarning("no-user-name", "The event has no user name: the phone shows one.")
    elif request.user_name == request.user_sub:
        # In pools with UsernameAttributes the user name is the sub. What their invitations show is documented nowhere.
        yield SmsWarning(
            "generated-user-name",
            "The user name is generated, because users of this pool sign in with an email address or a phone number. "
            "The phone may show that address or number instead.",
        )
