"""Turns published messages into emails, and opened links into confirmations and unsubscriptions."""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sms_redirect.inbox.sources import Outcome
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.email import texts
from sms_redirect.sandbox.email.links import Links
from sms_redirect.sandbox.email.mailbox import DEFAULT_SENDER, KEPT, Kind, Mail, Mailbox
from sms_redirect.sandbox.email.rules import PROTOCOLS
from sms_redirect.sandbox.email.smtp import SmtpRelay
from sms_redirect.sandbox.email.subscriptions import SUSPENDED_KEPT, Subscriptions
from sms_redirect.sandbox.emulator import sns as emulator_sns
from sms_redirect.sandbox.emulator.sns import Fanout, Message, Subscription
from sms_redirect.sandbox.trails import Trails

logger = logging.getLogger(__name__)

OnPublish = Callable[[str, str], None]
"""(topic ARN, the default text)"""


@dataclass(frozen=True, slots=True)
class Pending:
    """An address whose owner has not opened the confirmation link yet."""

    endpoint: str
    confirm_url: str = field(repr=False)


class Mailroom:
    """`auto_confirm` opens each new subscription's link at once; the email with the link is sent all the same.

    `limited` says whether the limit of ten emails a second applies; that may change while the sandbox runs.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        endpoint_url: str,
        auto_confirm: bool,
        limited: Callable[[], bool],
        relay: SmtpRelay | None = None,
        trails: Trails | None = None,
    ) -> None:
        self.auto_confirm = auto_confirm
        self.mailbox = Mailbox()
        self.subscriptions = Subscriptions(clock, limited=limited)
        self._clock = clock
        self._links = Links(endpoint_url)
        self._relay = relay
        self._trails = trails or Trails()
        self._listeners: list[OnPublish] = []
        self._cancelled: dict[str, Subscription] = {}
        self._sent: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def documents(self) -> list[dict[str, Any]]:
        """Every email, for programs."""
        return [mail.as_document() for mail in self.mailbox.all()]

    def on_publish(self, listener: OnPublish) -> None:
        """Call `listener` with every message on every topic, also if nobody is subscribed."""
        self._listeners.append(listener)

    # ---- subscriptions ----

    def take_over(self, topic_arn: str) -> None:
        """Send a confirmation email to each new address on a topic."""
        for subscription in emulator_sns.subscriptions(topic_arn):
            if subscription["protocol"] in PROTOCOLS:
                token = self.subscriptions.hold_new(subscription["arn"])
                if token is not None:
                    self._ask(subscription, token)

    def ask_again(self, subscription: Subscription) -> None:
        """Send another confirmation email to an address that is still pending."""
        self._ask(subscription, self.subscriptions.renew(subscription["arn"]))

    def _ask(self, subscription: Subscription, token: str) -> None:
        emulator_sns.set_confirmed(subscription, confirmed=False)
        self._mail(subscription, "confirmation", texts.CONFIRMATION_SUBJECT, self._confirmation(subscription, token))
        if self.auto_confirm:
            self.confirm(subscription["topic_arn"], token)

    def confirm(
        self, topic_arn: str, token: str, *, signed: bool = False, only_signed_unsubscribe: bool = False
    ) -> Subscription | None:
        """Open a confirmation link; returns None if it is invalid or has expired."""
        self.drop_expired()
        arn = self.subscriptions.confirm(topic_arn, token, only_signed_unsubscribe=only_signed_unsubscribe)
        if arn is None:
            return None
        subscription = emulator_sns.find(arn) or self._restored(arn)
        if subscription is not None and not subscription["confirmed"]:
            emulator_sns.set_confirmed(subscription, confirmed=True, signed=signed)
        return subscription

    def unsubscribe(self, arn: str) -> bool:
        """Open an unsubscribe link. False if it has no effect: pending, removed, or protected by its confirmation."""
        subscription = emulator_sns.find(arn)
        if subscription is None or not self.subscriptions.is_confirmed(arn) or self.subscriptions.needs_signature(arn):
            return False
        emulator_sns.remove(subscription)
        emulator_sns.set_confirmed(subscription, confirmed=False)
        token = self.subscriptions.hold(arn)
        self._cancelled[arn] = subscription
        self._mail(subscription, "cancellation", texts.CANCELLATION_SUBJECT, self._cancellation(subscription, token))
        return True

    def _restored(self, arn: str) -> Subscription | None:
        """The subscription that an unsubscribe link ended, restored; None if the topic is gone."""
        subscription = self._cancelled.pop(arn, None)
        return subscription if subscription and emulator_sns.put_back(subscription) else None

    def drop_expired(self) -> None:
        """Remove subscriptions that were pending for too long."""
        for arn in self.subscriptions.take_expired():
            self._cancelled.pop(arn, None)
            subscription = emulator_sns.find(arn)
            if subscription is not None:
                emulator_sns.remove(subscription)

    def pending(self) -> list[Pending]:
        self.drop_expired()
        waiting = [(emulator_sns.find(arn), token) for arn, token in self.subscriptions.pending().items()]
        return [Pending(each["endpoint"], self._confirm_page(each, token)) for each, token in waiting if each]

    def scan_links(self, email: str) -> bool:
        """Do what a company's mail filter does: open every link in the last email. False if there is none."""
        mail = self.mailbox.last_to(email)
        if mail is None:
            return False
        if mail.kind == "notification":
            self.unsubscribe(mail.subscription_arn)
        else:
            token = self.subscriptions.pending().get(mail.subscription_arn, "")
            self.confirm(mail.topic_arn, token)
        return True

    # ---- messages ----

    def fanout(self, original: Fanout) -> Fanout:
        def fanout(*arguments: Any, **options: Any) -> None:
            original(*arguments, **options)
            self._published(emulator_sns.message_of(*arguments, **options))

        return fanout

    def _published(self, message: Message) -> None:
        self.drop_expired()
        self.take_over(message.topic_arn)
        sms_id = _sms_id(message.default)
        if sms_id is not None:
            self._trails.published(sms_id)
        for subscription in emulator_sns.subscriptions(message.topic_arn):
            if subscription["protocol"] in PROTOCOLS:
                outcome = self._offer(subscription, message)
                if sms_id is not None:
                    self._trails.delivered(sms_id, subscription["endpoint"], outcome)
        for listener in list(self._listeners):
            try:
                listener(message.topic_arn, message.default)
            except Exception:
                # The publisher is not affected by listeners.
                logger.exception("a listener failed on a message of %s", message.topic_arn)

    def _offer(self, subscription: Subscription, message: Message) -> Outcome:
        text = message.text_for(subscription["protocol"])
        if not self.subscriptions.is_confirmed(subscription["arn"]):
            return "pending"
        if not emulator_sns.passes_filter(subscription, message.attributes, text):
            return "filtered"
        if self._is_copy(subscription, message):
            return "repeated"
        if self.subscriptions.exceeds_rate(subscription["arn"]):
            self._suspend(subscription)
            return "suspended"
        body = self._notification(subscription, message, text)
        subject = message.subject or texts.DEFAULT_SUBJECT
        self._mail(subscription, "notification", subject, body, message)
        return "sent"

    def _is_copy(self, subscription: Subscription, message: Message) -> bool:
        """Whether this SMS was sent to the address before: a publisher that gets no response publishes again.

        AWS mails both. It cannot know better, and neither can who reads them; here a test counts them.
        """
        sms_id = _sms_id(message.default)
        if sms_id is None:
            return False
        with self._lock:
            known = (subscription["arn"], sms_id) in self._sent
            self._sent[subscription["arn"], sms_id] = None
            if len(self._sent) > KEPT:
                self._sent.popitem(last=False)
        return known

    def _suspend(self, subscription: Subscription) -> None:
        logger.warning(
            "%s received more than 10 messages within a second. As on AWS, its subscription is pending again, until "
            "the link in a new email is opened. --no-limits disables this rule.",
            subscription["endpoint"],
        )
        token = self.subscriptions.hold(subscription["arn"], SUSPENDED_KEPT)
        emulator_sns.set_confirmed(subscription, confirmed=False)
        self._mail(subscription, "confirmation", texts.CONFIRMATION_SUBJECT, self._confirmation(subscription, token))

    # ---- emails ----

    def _mail(
        self,
        subscription: Subscription,
        kind: Kind,
        subject: str,
        body: str,
        message: Message | None = None,
    ) -> None:
        mail = Mail(
            to=subscription["endpoint"],
            sender_name=emulator_sns.display_name(subscription["topic_arn"]) or DEFAULT_SENDER,
            subject=subject,
            body=body,
            sent_at=self._now(),
            kind=kind,
            topic_arn=subscription["topic_arn"],
            subscription_arn=subscription["arn"],
            message_id=message.id if message else None,
            sms_id=_sms_id(message.default) if message else None,
        )
        self.deliver(mail)

    def deliver(self, mail: Mail) -> None:
        """Into the mailbox, and through the relay if there is one."""
        self.mailbox.add(mail)
        if self._relay:
            self._relay.send(mail)

    def _confirmation(self, subscription: Subscription, token: str) -> str:
        topic_arn = subscription["topic_arn"]
        if subscription["protocol"] == "email":
            return texts.confirmation(topic_arn, self._confirm_page(subscription, token))
        return texts.json_confirmation(topic_arn, token, self._links.confirm_call(topic_arn, token), self._now())

    def _notification(self, subscription: Subscription, message: Message, text: str) -> str:
        arn = subscription["arn"]
        if subscription["protocol"] == "email":
            return texts.notification(text, self._links.unsubscribe_page(arn, subscription["endpoint"]))
        return texts.json_notification(
            message_id=message.id,
            topic_arn=message.topic_arn,
            subject=message.subject,
            text=text,
            sent_at=self._now(),
            unsubscribe_url=self._links.unsubscribe_call(arn),
        )

    def _cancellation(self, subscription: Subscription, token: str) -> str:
        topic_arn = subscription["topic_arn"]
        if subscription["protocol"] == "email":
            return texts.cancellation(topic_arn, self._confirm_page(subscription, token))
        url = self._links.confirm_call(topic_arn, token)
        return texts.json_cancellation(subscription["arn"], token, url, self._now())

    def _confirm_page(self, subscription: Subscription, token: str) -> str:
        return self._links.confirm_page(subscription["topic_arn"], token, subscription["endpoint"])

    def _now(self) -> datetime:
        return self._clock.datetime()


def _sms_id(text: str) -> str | None:
    """The id of the message document, if the text is one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_sms = isinstance(document, Mapping) and str(document.get("schema", "")).startswith("sms-redirect/")
    return str(document.get("id")) if is_sms else None
