"""The topic and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.subject import Subject
from sms_redirect.topic.subscribers import Subscriber, SubscriberState, described


def exists(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    try:
        facts.topic()
    except MissingError:
        yield problem(
            Cause.TOPIC,
            "topic-missing",
            "The topic does not exist any more.",
            evidence=facts.output("TopicArn") or "",
            next_step=f"Delete the stack and deploy it again: `sam delete --stack-name {facts.stack_name}`.",
        )
    else:
        yield ok(Cause.TOPIC, "topic", "The topic is there.", facts.output("TopicArn") or "")


def subscriptions(facts: Facts, subject: Subject) -> Iterator[Finding]:
    try:
        found = facts.subscribers()
    except MissingError:
        return  # said by `exists`
    confirmed = [each for each in found if each.state is SubscriberState.CONFIRMED]
    pending = [each for each in found if each.state is SubscriberState.PENDING]
    if not confirmed:
        others = facts.other_subscriptions()
        yield problem(
            Cause.SUBSCRIPTIONS,
            "nobody-confirmed",
            "No email address receives this stack's SMS.",
            evidence="; ".join(f"{each.address} is {each.state}" for each in found)
            + (f"; other subscribers: {', '.join(sorted(set(others)))}" if others else ""),
            next_step="Open the confirmation email, or run `sms-redirect subscribe ADDRESS` for a new one. "
            "It may be in the spam folder.",
        )
    reached = [each for each in confirmed if _lets_through(each, subject)]
    if confirmed and not reached:
        yield problem(
            Cause.SUBSCRIPTIONS,
            "filtered-out",
            "Every subscriber's filter hides this SMS.",
            evidence="; ".join(f"{each.address} receives {described(each.filter_policy)}" for each in confirmed),
            next_step="`sms-redirect subscribe ADDRESS` without conditions lets everything through.",
        )
    for each in reached:
        yield ok(Cause.SUBSCRIPTIONS, "subscribed", f"{each.address} receives {described(each.filter_policy)}.")
    for each in pending if confirmed else ():
        yield warning(
            Cause.SUBSCRIPTIONS,
            "pending",
            f"{each.address} has not confirmed and receives nothing.",
            evidence="New, or set back to pending by SNS after more than ten emails in a second.",
            next_step=f"Open the confirmation email, or run `sms-redirect subscribe {each.address}` for a new one.",
        )
    for address in facts.missing_addresses(found):
        yield warning(
            Cause.SUBSCRIPTIONS,
            "unsubscribed",
            f"{address} is a parameter of the stack, but not subscribed any more.",
            evidence="An unsubscribe link was followed, or the subscription lapsed.",
            next_step=f"`sms-redirect subscribe {address}`, then `sms-redirect confirm LINK`.",
        )
    if unprotected := [each.address for each in reached if not each.protected]:
        yield warning(
            Cause.SUBSCRIPTIONS,
            "unsubscribe-link-ends-it",
            f"A mail scanner that follows links can unsubscribe {', '.join(unprotected)}.",
            next_step="Confirm with `sms-redirect confirm LINK` rather than by opening the link.",
        )


# ---- SNS's filter policies over message attributes (SNSG/sns-subscription-filter-policies) ----


def _lets_through(each: Subscriber, subject: Subject) -> bool:
    """Whether a filter lets the SMS through, as far as it is known: what is not asked about passes."""
    known = {"flow": subject.flow, "phone_number": subject.phone_number, "user_name": subject.user_name}
    policy = each.filter_policy or {}
    return all(_matches(conditions, known[name]) for name, conditions in policy.items() if known.get(name))


def _matches(conditions: Any, value: str | None) -> bool:
    listed: Sequence[Any] = conditions if isinstance(conditions, list) else [conditions]
    return any(_one_matches(each, value or "") for each in listed)


def _one_matches(condition: Any, value: str) -> bool:
    if not isinstance(condition, Mapping):
        return bool(condition == value)
    operator, operand = next(iter(condition.items()), ("", None))
    if operator == "anything-but":
        excluded = operand if isinstance(operand, list) else [operand]
        return not any(_one_matches(each, value) for each in excluded)
    test = _OPERATORS.get(operator)
    return test is None or test(value, operand)  # unknown to us: not taken for the cause


_OPERATORS: Mapping[str, Callable[[str, Any], bool]] = {
    "prefix": lambda value, operand: value.startswith(str(operand)),
    "suffix": lambda value, operand: value.endswith(str(operand)),
    "equals-ignore-case": lambda value, operand: value.casefold() == str(operand).casefold(),
    "exists": lambda _value, operand: bool(operand),
}
