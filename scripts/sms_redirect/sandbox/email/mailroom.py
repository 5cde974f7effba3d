"""Turns what is published into mails, and links that are followed into confirmations and unsubscriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sms_redirect.sandbox import emulator, emulator_sns, emulator_stacks
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.email import texts
from sms_redirect.sandbox.email.mailbox import Mail, Mailbox
from sms_redirect.sandbox.email.smtp import SmtpRelay
from sms_redirect.sandbox.email.subscriptions import FLOODED_KEPT, PROTOCOLS, Standing, Subscriptions, find
from sms_redirect.sandbox.emulator import Headers, Response
from sms_redirect.sandbox.emulator_sns import Subscription

CONFIRM_PATH = "/confirmation.html"
UNSUBSCRIBE_PATH = "/unsubscribe.html"
LISTED = re.compile(rb"<SubscriptionArn>(?P<arn>[^<]+)</SubscriptionArn>")
OnPublish = Callable[[str, str], None]
"""(topic ARN, the default text)"""
Forward = Callable[[], Awaitable[Response]]
Operation = Callable[[Mapping[str, str], Headers, Forward], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Pending:
    """An address whose owner has not followed the link yet."""

    endpoint: str
    confirm_url: str = field(repr=False)


class Mailroom:
    def __init__(
        self, *, clock: Clock, endpoint_url: str, auto_confirm: bool, limits: bool, relay: SmtpRelay | None = None
    ) -> None:
        self.mailbox = Mailbox()
        self.subscriptions = Subscriptions(clock, limits=limits)
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._auto_confirm = auto_confirm
        self._relay = relay
        self._listeners: list[OnPublish] = []

    def install(self) -> None:
        """Take the email subscriptions of the emulator's SNS over, however they are made."""
        emulator.replace_service("sns", self._service)
        emulator_sns.replace_fanout(self._fanout)
        emulator_stacks.replace_handlers("AWS::SNS::Subscription", {"create": self._created_by_stack})

    def on_publish(self, listener: OnPublish) -> None:
        """Be told of every message on every topic, also where nobody is subscribed."""
        self._listeners.append(listener)

    def pending(self) -> list[Pending]:
        return [
            Pending(subscription["endpoint"], self._confirm_url(subscription, standing))
            for subscription, standing in self.subscriptions.pending()
        ]

    def confirm(self, topic_arn: str, token: str, *, only_signed_unsubscribe: bool = False) -> Subscription | None:
        """Follow a confirmation link; None where it is not (any more) valid."""
        return self.subscriptions.confirm(topic_arn, token, only_signed_unsubscribe=only_signed_unsubscribe)

    def unsubscribe(self, arn: str) -> bool:
        """Follow an unsubscribe link. False where it does not work: pending, gone, or protected by its confirmation."""
        subscription, standing = find(arn), self.subscriptions.standing(arn)
        if subscription is None or not subscription["confirmed"] or (standing and standing.only_signed_unsubscribe):
            return False
        emulator_sns.remove(subscription)
        return True

    def scan_links(self, email: str) -> bool:
        """Do what a company's mail filter does: follow every link of the last mail. False where there is no mail."""
        mails = [mail for mail in self.mailbox.all() if mail.to == email]
        if not mails:
            return False
        mail = mails[-1]
        standing = self.subscriptions.standing(mail.subscription_arn)
        if mail.kind == "notification":
            self.unsubscribe(mail.subscription_arn)
        elif standing:
            self.confirm(mail.topic_arn, standing.token)
        return True

    # ---- SNS's operations ----

    def _service(self, original: emulator.Handler) -> emulator.Handler:
        async def handle(method: str, path: str, headers: Headers, body: bytes, query: dict[str, Any]) -> Response:
            parameters = emulator_sns.parameters(body, query)
            own = self._operations().get(parameters.get("Action", ""))

            def forward() -> Awaitable[Response]:
                return original(method, path, headers, body, query)

            return await (own(parameters, headers, forward) if own else forward())

        return handle

    def _operations(self) -> dict[str, Operation]:
        return {
            "Subscribe": self._subscribe,
            "ConfirmSubscription": self._confirm,
            "Unsubscribe": self._unsubscribe,
            "ListSubscriptions": self._list,
            "ListSubscriptionsByTopic": self._list,
        }

    async def _subscribe(self, parameters: Mapping[str, str], headers: Headers, forward: Forward) -> Response:
        del headers
        status, answer_headers, body = await forward()
        if status != 200 or parameters.get("Protocol") not in PROTOCOLS:  # noqa: PLR2004
            return status, answer_headers, body
        found = LISTED.search(body)
        subscription = find(found["arn"].decode()) if found else None
        if subscription is None:
            return status, answer_headers, body
        if self.subscriptions.standing(subscription["arn"]) is None or not subscription["confirmed"]:
            self._ask(subscription)  # subscribing again sends the link again
        if subscription["confirmed"] or parameters.get("ReturnSubscriptionArn", "").lower() == "true":
            return status, answer_headers, body
        return status, answer_headers, LISTED.sub(b"<SubscriptionArn>pending confirmation</SubscriptionArn>", body)

    async def _confirm(self, parameters: Mapping[str, str], headers: Headers, forward: Forward) -> Response:
        del headers
        topic_arn, token = parameters.get("TopicArn", ""), parameters.get("Token", "")
        only_signed = parameters.get("AuthenticateOnUnsubscribe", "").lower() == "true"
        subscription = self.confirm(topic_arn, token, only_signed_unsubscribe=only_signed)
        if subscription is None:
            return await forward()
        answer = (
            '<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
            f"<ConfirmSubscriptionResult><SubscriptionArn>{subscription['arn']}</SubscriptionArn>"
            "</ConfirmSubscriptionResult></ConfirmSubscriptionResponse>"
        )
        return 200, {"Content-Type": "text/xml"}, answer.encode()

    async def _unsubscribe(self, parameters: Mapping[str, str], headers: Headers, forward: Forward) -> Response:
        arn = parameters.get("SubscriptionArn", "")
        subscription, standing = find(arn), self.subscriptions.standing(arn)
        if subscription is not None and standing is not None:
            if not subscription["confirmed"]:
                return emulator_sns.error("InvalidParameter", "Invalid parameter: This subscription is pending.")
            signed = "authorization" in headers or "X-Amz-Signature" in parameters
            if standing.only_signed_unsubscribe and not signed:
                return emulator_sns.error("AuthorizationError", "Unsubscribing needs a signed request.", 403)
        return await forward()

    async def _list(self, parameters: Mapping[str, str], headers: Headers, forward: Forward) -> Response:
        del parameters, headers
        pending = {subscription["arn"] for subscription, _ in self.subscriptions.pending()}
        status, answer_headers, body = await forward()

        def shown(found: re.Match[bytes]) -> bytes:
            arn = found["arn"]
            return found[0].replace(arn, b"PendingConfirmation") if arn.decode() in pending else found[0]

        return status, answer_headers, LISTED.sub(shown, body)

    def _created_by_stack(self, create: emulator_stacks.Step) -> emulator_stacks.Step:
        def created(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
            answer = create(logical_id, properties, stack_name)
            subscription = find(answer[0])
            if subscription is not None and subscription["protocol"] in PROTOCOLS:
                self._ask(subscription)
            return answer

        return created

    # ---- mails ----

    def _ask(self, subscription: Subscription, kept_for: float | None = None) -> None:
        """Hold a subscription pending and mail its link; follow it at once where that is wanted."""
        held = self.subscriptions.hold(subscription, *([kept_for] if kept_for else []))
        url = self._confirm_url(subscription, held)
        topic_arn = subscription["topic_arn"]
        if subscription["protocol"] == "email":
            body = texts.confirmation(topic_arn, url)
        else:
            body = texts.json_confirmation(topic_arn, held.token, url, self._clock.datetime())
        self._mail(subscription, texts.CONFIRMATION_SUBJECT, body, "confirmation")
        if self._auto_confirm and kept_for is None:
            self.confirm(topic_arn, held.token)

    def _fanout(self, original: emulator_sns.Fanout) -> emulator_sns.Fanout:
        def fanout(  # noqa: PLR0917 - the emulator's own arguments
            topic_arn: str,
            message_id: str,
            message: str,
            subject: str,
            message_structure: str = "",
            message_attributes: Mapping[str, Any] | None = None,
            **more: Any,
        ) -> None:
            original(topic_arn, message_id, message, subject, message_structure, message_attributes, **more)
            default = emulator_sns.text_for(message, message_structure, "default")
            for listener in self._listeners:
                listener(topic_arn, default)
            self.subscriptions.drop_expired(topic_arn)
            for subscription in list(emulator_sns.subscriptions(topic_arn)):
                if subscription["protocol"] in PROTOCOLS and subscription["confirmed"]:
                    text = emulator_sns.text_for(message, message_structure, subscription["protocol"])
                    if emulator_sns.passes_filter(subscription, message_attributes or {}, text):
                        self._notify(subscription, message_id, subject, text, _sms_id(default))

        return fanout

    def _notify(self, subscription: Subscription, message_id: str, subject: str, text: str, sms_id: str | None) -> None:
        if self.subscriptions.flooded(subscription):
            self._ask(subscription, FLOODED_KEPT)
            return
        url = self._unsubscribe_url(subscription)
        body = texts.notification(text, url)
        if subscription["protocol"] == "email-json":
            moment = self._clock.datetime()
            body = texts.json_notification(message_id, subscription["topic_arn"], subject, text, moment, url)
        self._mail(subscription, subject or texts.DEFAULT_SUBJECT, body, "notification", sms_id)

    def _mail(self, subscription: Subscription, subject: str, body: str, kind: Any, sms_id: str | None = None) -> None:
        mail = Mail(
            to=subscription["endpoint"],
            sender=texts.sender(emulator_sns.display_name(subscription["topic_arn"])),
            subject=subject,
            body=body,
            sent_at=self._clock.datetime(),
            kind=kind,
            topic_arn=subscription["topic_arn"],
            subscription_arn=subscription["arn"],
            sms_id=sms_id,
        )
        self.mailbox.add(mail)
        if self._relay:
            self._relay.send(mail)

    def _confirm_url(self, subscription: Subscription, standing: Standing) -> str:
        query = {"TopicArn": subscription["topic_arn"], "Token": standing.token, "Endpoint": subscription["endpoint"]}
        return f"{self._endpoint_url}{CONFIRM_PATH}?{urlencode(query)}"

    def _unsubscribe_url(self, subscription: Subscription) -> str:
        query = {"SubscriptionArn": subscription["arn"], "Endpoint": subscription["endpoint"]}
        return f"{self._endpoint_url}{UNSUBSCRIBE_PATH}?{urlencode(query)}"


def _sms_id(text: str) -> str | None:
    """The id of the message document that a text is, if it is one."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    is_sms = isinstance(document, dict) and str(document.get("schema", "")).startswith("sms-redirect/")
    return str(document.get("id")) if is_sms else None
