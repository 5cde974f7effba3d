"""Emails that user pools send to their users: into the mailbox, through the relay, and as documents for the inbox."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sms_redirect.messages import email as documents
from sms_redirect.messages.sms import SmsFailure, SmsWarning
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.messages.message import Email
from sms_redirect.sandbox.email.html_text import text_of
from sms_redirect.sandbox.email.mailbox import Mail
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.incidents import Incident, Incidents

PREFIX = "CustomEmailSender_"
Listener = Callable[[documents.Email], object]


class UserPoolEmails:
    """`sent` holds their documents, also of those that a custom sender did not get. Any thread may use it."""

    def __init__(self, mailroom: Mailroom, clock: Clock, incidents: Incidents) -> None:
        self.sent = SmsStore()
        self._mailroom = mailroom
        self._clock = clock
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        incidents.listen(self._went_wrong)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every email from now on."""
        with self._lock:
            self._listeners.append(listener)

    def deliver(self, email: Email) -> None:
        name, address = email.sender
        self._mailroom.deliver(
            Mail(
                to=email.to,
                sender_name=name,
                sender_address=address,
                subject=email.subject,
                body=email.body,
                sent_at=self._clock.datetime(),
                kind="user-pool",
                topic_arn="",
                subscription_arn="",
            )
        )
        self._add(documents.Email.from_document(_document(email)))

    def _went_wrong(self, incident: Incident) -> None:
        if incident.email is not None:
            self._add(documents.Email.from_document(_failure(incident)))

    def _add(self, email: documents.Email) -> None:
        self.sent.add(email)
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(email)


def _document(email: Email) -> dict[str, Any]:
    message = email.message
    return documents.document(
        id=uuid.uuid4().hex,
        flow=message.flow,
        trigger_source=message.trigger_source,
        email=email.to,
        subject=email.subject,
        text=text_of(email.body),
        html=email.body,
        code=email.code,
        link=email.link,
        user_name=message.user.name,
        user_sub=message.user.sub,
        user_pool_id=message.pool.id,
        region=message.pool.region,
        client_id=message.client_id,
        client_metadata=dict(message.client_metadata),
        sent_at=datetime.now(UTC),  # as the sender dates its messages, whatever the sandbox's clock says
        warnings=tuple(SmsWarning(code, text) for code, text in email.warnings),
        template=email.template,
        template_source=email.template_source,
    )


def _failure(incident: Incident) -> dict[str, Any]:
    return documents.document(
        id=incident.id,
        flow=incident.trigger_source.removeprefix(PREFIX),
        trigger_source=incident.trigger_source,
        email=incident.email,
        user_name=incident.user_name,
        user_pool_id=incident.user_pool_id,
        region=incident.user_pool_id.partition("_")[0],
        client_id=incident.client_id,
        sent_at=datetime.fromtimestamp(incident.at, UTC),
        template="none",
        template_source="default",
        failure=SmsFailure(incident.reason, incident.hint),
    )
