"""SNS's operations on email subscriptions, as on AWS, around the emulator's own."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.sandbox.email import policy, rules
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.email.rules import PROTOCOLS, SnsError, invalid
from sms_redirect.sandbox.emulator import Handler, Headers, Response
from sms_redirect.sandbox.emulator import sns as emulator_sns

SUCCESS = 200
FORBIDDEN = 403
ARN = re.compile(rb"<SubscriptionArn>(?P<arn>[^<]+)</SubscriptionArn>")
PENDING_ARN = b"<SubscriptionArn>pending confirmation</SubscriptionArn>"
PENDING_LISTED = b"<SubscriptionArn>PendingConfirmation</SubscriptionArn>"
PROTECTED = "This subscription was confirmed to need a signed request for its deletion"


@dataclass(frozen=True, slots=True)
class SnsRequest:
    """One request of the query protocol. `forward` passes it to the emulator."""

    parameters: Mapping[str, str]
    signed: bool
    forward: Callable[[], Awaitable[Response]]

    def says(self, name: str) -> bool:
        return self.parameters.get(name, "").lower() == "true"


def replacement(mailroom: Mailroom) -> Callable[[Handler], Handler]:
    """For `emulator.replace_service`."""
    operations = _Operations(mailroom)

    def replaced(original: Handler) -> Handler:
        async def handle(method: str, path: str, headers: Headers, body: bytes, query: dict[str, Any]) -> Response:
            parameters = emulator_sns.parameters(body, query)
            signed = "authorization" in headers or "X-Amz-Signature" in parameters
            request = SnsRequest(parameters, signed, lambda: original(method, path, headers, body, query))
            mailroom.drop_expired()
            try:
                return await operations.of(parameters.get("Action", ""))(request)
            except SnsError as error:
                return emulator_sns.error(error.code, error.message, error.status)

        return handle

    return replaced


class _Operations:
    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom
        self._subscriptions = mailroom.subscriptions
        self._by_action = {
            "Publish": _publish,
            "Subscribe": self._subscribe,
            "ConfirmSubscription": self._confirm,
            "Unsubscribe": self._unsubscribe,
            "ListSubscriptions": self._list,
            "ListSubscriptionsByTopic": self._list,
        }

    def of(self, action: str) -> Callable[[SnsRequest], Awaitable[Response]]:
        return self._by_action.get(action, _forward)

    async def _subscribe(self, request: SnsRequest) -> Response:
        topic_arn, protocol = request.parameters.get("TopicArn", ""), request.parameters.get("Protocol", "")
        if protocol not in PROTOCOLS:
            return await request.forward()
        endpoint = request.parameters.get("Endpoint", "")
        policy.check_subscribe(topic_arn, protocol, endpoint)
        rules.check_endpoint(topic_arn, protocol, endpoint)
        status, headers, body = await request.forward()
        found = ARN.search(body)
        subscription = emulator_sns.find(found["arn"].decode()) if found else None
        if status != SUCCESS or subscription is None:
            return status, headers, body
        arn = subscription["arn"]
        if self._subscriptions.is_pending(arn):
            self._mailroom.ask_again(subscription)
        else:
            self._mailroom.take_over(subscription["topic_arn"])
        if self._subscriptions.is_confirmed(arn) or request.says("ReturnSubscriptionArn"):
            return status, headers, body
        return status, headers, ARN.sub(PENDING_ARN, body)

    async def _confirm(self, request: SnsRequest) -> Response:
        only_signed = request.says("AuthenticateOnUnsubscribe")
        if only_signed and not request.signed:
            raise SnsError("AuthorizationError", "AuthenticateOnUnsubscribe needs a signed request", FORBIDDEN)
        topic_arn, token = request.parameters.get("TopicArn", ""), request.parameters.get("Token", "")
        subscription = self._mailroom.confirm(
            topic_arn, token, signed=request.signed, only_signed_unsubscribe=only_signed
        )
        if subscription is not None:
            return emulator_sns.confirmed(subscription["arn"])
        response = await request.forward()  # a link of another protocol, or none at all
        if token and b"Invalid token" in response[2]:
            raise invalid("Invalid token")
        return response

    async def _unsubscribe(self, request: SnsRequest) -> Response:
        arn = request.parameters.get("SubscriptionArn", "")
        rules.check_subscription_arn(arn)
        is_email = self._subscriptions.is_pending(arn) or self._subscriptions.is_confirmed(arn)
        if emulator_sns.find(arn) is None or not is_email:
            return await request.forward()
        if self._subscriptions.is_pending(arn):
            raise invalid(rules.PENDING)
        if not request.signed and self._subscriptions.needs_signature(arn):
            raise SnsError("AuthorizationError", PROTECTED, FORBIDDEN)
        if not request.signed:
            self._mailroom.unsubscribe(arn)
            return await request.forward()
        response = await request.forward()
        if response[0] == SUCCESS:
            self._subscriptions.forget(arn)
        return response

    async def _list(self, request: SnsRequest) -> Response:
        status, headers, body = await request.forward()
        pending = {arn.encode() for arn in self._subscriptions.pending()}
        return status, headers, ARN.sub(lambda found: PENDING_LISTED if found["arn"] in pending else found[0], body)


async def _publish(request: SnsRequest) -> Response:
    rules.check_publish(request.parameters)
    return await request.forward()


async def _forward(request: SnsRequest) -> Response:
    return await request.forward()
