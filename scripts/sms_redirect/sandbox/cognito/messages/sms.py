"""The SMS that Cognito would send to the phone itself, composed by the sender's own code: same text, same doubts."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime

from sms_redirect.sandbox.cognito.messages.custom_sender import event_of
from sms_redirect.sandbox.cognito.messages.message import Message
from sms_sender.event import read_event
from sms_sender.flows import template_kind
from sms_sender.preview import Preview, preview
from sms_sender.templates import DEFAULTS, SETTINGS, Template


def compose(message: Message, custom: Mapping[str, str]) -> Preview:
    """`custom` is the response of a CustomMessage trigger, whose text goes before the pool's."""
    # As it would reach the sender, which unescapes it: only temporary passwords are escaped.
    secret = html.escape(message.secret) if message.secret and message.flow == "AdminCreateUser" else message.secret
    return preview(read_event(event_of(message)), _template(message, custom.get("smsMessage")), secret)


def _template(message: Message, custom: str | None) -> Template:
    kind, now = template_kind(message.flow), datetime.now(UTC)
    if custom:
        return Template(kind, custom, "custom-message", now)
    for path in SETTINGS[kind]:
        text = message.pool.get(*path)
        if text:
            return Template(kind, text, "pool", now)
    return Template(kind, DEFAULTS[kind], "default", now)
