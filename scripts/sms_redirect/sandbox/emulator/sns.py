"""SNS as the emulator keeps it: with `emulator`, the only module that knows its topics and subscriptions.

Covered by tests/integration/test_emulator_contract_sns.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from sms_redirect.sandbox.doors import forms
from sms_redirect.sandbox.emulator import Response

Subscription = dict[str, Any]
"""`arn`, `topic_arn`, `protocol`, `endpoint`, `confirmed`, `owner`, `attributes`."""
Fanout = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Message:
    """What was published. `structure` is "json" where `body` holds a text for each protocol."""

    topic_arn: str
    id: str
    body: str
    subject: str
    structure: str
    attributes: Mapping[str, Any]

    def text_for(self, protocol: str) -> str:
        """What a protocol's subscribers get: its own text, or the default one."""
        from ministack.services import sns

        return str(sns._resolve_message_for_protocol(self.body, self.structure, protocol))

    @property
    def default(self) -> str:
        return self.text_for("default")


def parameters(body: bytes, query: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a query protocol request, from its body and its address."""
    in_address = {name: value[0] if isinstance(value, list) else value for name, value in query.items() if value}
    return in_address | dict(reversed(forms.parameters(body)))  # of several, the first counts


def decode_bodies_once() -> None:
    """Let the emulator's dispatch and its SNS share what they decode: each reads the whole of a published message."""
    from ministack import app
    from ministack.services import sns

    for module in (app, sns):
        module.parse_qs = _parse_qs


def _parse_qs(text: str, keep_blank_values: bool = False) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in forms.decoded(text):
        if value or keep_blank_values:
            found.setdefault(name, []).append(value)
    return found


def subscriptions(topic_arn: str) -> list[Subscription]:
    """A copy of the list of the topic's subscriptions; empty where there is no such topic. From any region's scope."""
    topic = _topic(topic_arn)
    return list(topic["subscriptions"]) if topic else []


def find(subscription_arn: str) -> Subscription | None:
    found = subscriptions(subscription_arn.rpartition(":")[0])
    return next((subscription for subscription in found if subscription["arn"] == subscription_arn), None)


def find_address(topic_arn: str, protocol: str, endpoint: str) -> Subscription | None:
    address = protocol, endpoint
    return next((each for each in subscriptions(topic_arn) if (each["protocol"], each["endpoint"]) == address), None)


def display_name(topic_arn: str) -> str:
    return attribute(topic_arn, "DisplayName")


def attribute(topic_arn: str, name: str) -> str:
    """An attribute of a topic; empty if there is no such topic or it has none."""
    topic = _topic(topic_arn) or {}
    return str((topic.get("attributes") or {}).get(name) or "")


def set_confirmed(subscription: Subscription, *, confirmed: bool, signed: bool = False) -> None:
    """Also completes the attributes, of which a stack's subscription has only some. `signed`: the confirmation was."""
    subscription["confirmed"] = confirmed
    subscription["attributes"] |= {
        "SubscriptionArn": subscription["arn"],
        "TopicArn": subscription["topic_arn"],
        "Protocol": subscription["protocol"],
        "Endpoint": subscription["endpoint"],
        "Owner": subscription["owner"],
        "PendingConfirmation": "false" if confirmed else "true",
        "ConfirmationWasAuthenticated": "true" if confirmed and signed else "false",
    }


def remove(subscription: Subscription) -> None:
    from ministack.services import sns

    topic = _topic(subscription["topic_arn"])
    if topic and subscription in topic["subscriptions"]:
        topic["subscriptions"].remove(subscription)
    sns._sub_arn_to_topic.pop_scoped(*_scope(subscription["topic_arn"]), subscription["arn"], None)


def put_back(subscription: Subscription) -> bool:
    """Undo `remove`. False where the topic is gone, or the address subscribed again meanwhile."""
    from ministack.services import sns

    topic = _topic(subscription["topic_arn"])
    if topic is None or find_address(topic["arn"], subscription["protocol"], subscription["endpoint"]):
        return False
    topic["subscriptions"].append(subscription)
    sns._sub_arn_to_topic.set_scoped(*_scope(subscription["topic_arn"]), subscription["arn"], subscription["topic_arn"])
    return True


def passes_filter(subscription: Subscription, attributes: Mapping[str, Any], text: str) -> bool:
    from ministack.services import sns

    return bool(sns._matches_filter_policy(subscription, attributes, text))


def replace_fanout(replacement: Callable[[Fanout], Fanout]) -> None:
    """Put `replacement(original)` in the place of the step that hands a published message to its subscribers.

    `message_of` reads its arguments. Replacing twice replaces the first replacement.
    """
    from ministack.services import sns

    original = getattr(sns._fanout, "of_the_emulator", sns._fanout)
    new = replacement(original)
    new.of_the_emulator = original  # type: ignore[attr-defined]
    sns._fanout = new


def message_of(  # noqa: PLR0917 - the emulator passes them by position
    topic_arn: str,
    msg_id: str,
    message: str,
    subject: str,
    message_structure: str = "",
    message_attributes: Mapping[str, Any] | None = None,
    **_fifo: Any,
) -> Message:
    """The emulator's arguments of a fanout as a value."""
    return Message(topic_arn, msg_id, message, subject or "", message_structure or "", message_attributes or {})


def error(code: str, message: str, status: int = 400) -> Response:
    """An error of the query protocol."""
    from ministack.services import sns

    response: Response = sns._error(code, message, status)
    return response


def confirmed(subscription_arn: str) -> Response:
    """The response to ConfirmSubscription."""
    from ministack.services import sns

    result = f"<SubscriptionArn>{escape(subscription_arn)}</SubscriptionArn>"
    inner = f"<ConfirmSubscriptionResult>{result}</ConfirmSubscriptionResult>"
    response: Response = sns._xml(200, "ConfirmSubscriptionResponse", inner)
    return response


def _topic(topic_arn: str) -> dict[str, Any] | None:
    from ministack.services import sns

    account, region = _scope(topic_arn)
    topic: dict[str, Any] | None = sns._topics.get_scoped(account, region, topic_arn)
    return topic


def _scope(arn: str) -> tuple[str, str]:
    """Account and region; empty ones, where nothing is, for what is no ARN."""
    elements = [*arn.split(":"), "", "", "", "", ""]
    return elements[4], elements[3]
