"""Feeds the web inbox of the sandbox: published SMS, SMS that never reached the sender, and their emails."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sms_redirect.inbox.sources import Email, PendingSubscription, Trail
from sms_redirect.messages.members import timestamp
from sms_redirect.messages.sms import NotAnSms, Sms, document
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.incidents import Incident, Incidents
from sms_redirect.sandbox.trails import Trails
from sms_sender.autofill import autofill
from sms_sender.encoding import encode
from sms_sender.flows import TRIGGER_PREFIX
from sms_sender.preview import Preview

logger = logging.getLogger(__name__)


class Feed:
    """Implements the inbox's `EmailSource`, `SubscriptionSource` and `TrailSource` for the sandbox."""

    def __init__(self, store: SmsStore, mailroom: Mailroom, incidents: Incidents, trails: Trails | None = None) -> None:
        self._store = store
        self._mailroom = mailroom
        self._trails = trails or Trails()
        mailroom.on_publish(self._published)
        incidents.listen(self._went_wrong)

    def emails(self, sms_id: str) -> Sequence[Email]:
        return [
            Email(mail.to, mail.sender, mail.subject, mail.body, mail.sent_at)
            for mail in self._mailroom.mailbox.all()
            if mail.sms_id == sms_id
        ]

    def trail(self, sms_id: str) -> Trail | None:
        return self._trails.trail(sms_id)

    def pending(self) -> Sequence[PendingSubscription]:
        return [PendingSubscription(each.endpoint, each.confirm_url) for each in self._mailroom.pending()]

    def _published(self, _topic_arn: str, text: str) -> None:
        try:
            self._store.add(Sms.from_document(text))
        except NotAnSms:
            logger.debug("a message on a topic is not an SMS")

    def _went_wrong(self, incident: Incident) -> None:
        if incident.email is not None:
            return  # `UserPoolEmails` shows it
        if self._store.get(incident.id) is not None:
            return  # it was published; the sender only did not hear so from SNS, and failed for that
        self._store.add(Sms.from_document(_document(incident)))


def _document(incident: Incident) -> dict[str, Any]:
    """A failure in the form that the sender gives to its own, with the SMS if it is known (see `Incident`)."""
    return document(
        id=incident.id,
        flow=incident.trigger_source.removeprefix(TRIGGER_PREFIX),
        trigger_source=incident.trigger_source,
        phone_number=incident.phone_number,
        user_name=incident.user_name,
        user_pool_id=incident.user_pool_id,
        region=incident.user_pool_id.partition("_")[0],
        client_id=incident.client_id,
        sent_at=timestamp(datetime.fromtimestamp(incident.at, UTC)),
        failure={"reason": incident.reason, "hint": incident.hint},
        **(_shown(incident.sms) if incident.sms else {}),
    )


def _shown(sms: Preview) -> dict[str, Any]:
    encoded, template = encode(sms.text), sms.template
    verdicts = autofill(sms.text, sms.code)
    shown = {
        "text": sms.text,
        "code": sms.code,
        "encoding": encoded.encoding,
        "characters": encoded.characters,
        "segments": encoded.segments,
        "warnings": [asdict(warning) for warning in sms.warnings],
        "autofill": {name: asdict(verdict) for name, verdict in verdicts.items()} or None,
    }
    if template is None:
        return shown
    return shown | {
        "template": "custom-message" if template.source == "custom-message" else template.kind,
        "template_source": template.source,
        "template_text": template.text,
        "template_read_at": timestamp(template.read_at) if template.read_at else None,
    }
