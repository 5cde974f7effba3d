"""SNS as the emulator keeps it: with `emulator`, the only module that knows its topics and subscriptions.

Covered by tests/integration/test_emulator_contract_sns.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import Response

Subscription = dict[str, Any]
"""`arn`, `topic_arn`, `protocol`, `endpoint`, `confirmed`, `attributes`."""
Fanout = Callable[..., None]


def parameters(body: bytes, query: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a query protocol request, from its body and its address."""
    found = {name: value if isinstance(value, list) else [value] for name, value in query.items()}
    found |= parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in found.items() if values}


def subscriptions(topic_arn: str) -> list[Subscription]:
    """The topic's subscriptions; none where there is no such topic."""
    from ministack.services import sns

    topic = sns._topic_by_arn_any_scope(topic_arn)
    found: list[Subscription] = topic["subscriptions"] if topic else []
    return found


def display_name(topic_arn: str) -> str:
    from ministack.services import sns

    topic = sns._topic_by_arn_any_scope(topic_arn) or {}
    return str((topic.get("attributes") or {}).get("DisplayName") or "")


def topic_of(subscription_arn: str) -> str:
    """The ARN of a subscription's topic, which is its beginning."""
    return subscription_arn.rpartition(":")[0]


def set_confirmed(subscription: Subscription, *, confirmed: bool) -> None:
    subscription["confirmed"] = confirmed
    subscription["attributes"]["PendingConfirmation"] = "false" if confirmed else "true"


def remove(subscription: Subscription) -> None:
    from ministack.services import sns

    with emulator.scope(subscription["arn"].split(":")[3]):
        sns._unsubscribe({"SubscriptionArn": subscription["arn"]})


def text_for(message: str, structure: str, protocol: str) -> str:
    """What a protocol's subscribers get of a message: its own text, or the default one."""
    from ministack.services import sns

    return str(sns._resolve_message_for_protocol(message, structure, protocol))


def passes_filter(subscription: Subscription, attributes: Mapping[str, Any], text: str) -> bool:
    from ministack.services import sns

    return bool(sns._matches_filter_policy(subscription, attributes, text))


def replace_fanout(replacement: Callable[[Fanout], Fanout]) -> None:
    """Put `replacement(original)` in the place of the step that hands a published message to its subscribers.

    Arguments: topic ARN, message id, message, subject, message structure, message attributes.
    """
    from ministack.services import sns

    original = getattr(sns._fanout, "of_the_emulator", sns._fanout)
    new = replacement(original)
    new.of_the_emulator = original  # type: ignore[attr-defined]
    sns._fanout = new


def error(code: str, message: str, status: int = 400) -> Response:
    """An error of the query protocol."""
    from ministack.services import sns

    response: Response = sns._error(code, message, status)
    return response
