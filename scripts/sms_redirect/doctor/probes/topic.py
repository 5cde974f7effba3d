"""The topic and who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sms_redirect.doctor.facts import CouldNotCheckError, Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.probes import history
from sms_redirect.doctor.subject import Subject
from sms_redirect.topic.filters import lets_through
from sms_redirect.topic.subscribers import Subscriber, SubscriberState, described

LINK_WORKS = timedelta(days=2)  # SNSG/sns-email-notifications
MOST_A_SECOND = 10  # the same: above that, SNS sets a subscription back to pending, and deletes it after 48 hours
AFTER_TEN = "SNS also sets it back to pending after more than ten emails in a second"


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
    others = sorted(set(facts.other_subscriptions())) if not confirmed else []
    if not confirmed and not pending and others:
        yield warning(
            Cause.SUBSCRIPTIONS,
            "no-email",
            f"No email address receives this stack's SMS, only {', '.join(others)}.",
            next_step="`sms-redirect subscribe ADDRESS` adds one.",
        )
    elif not confirmed:
        yield problem(
            Cause.SUBSCRIPTIONS,
            "nobody-confirmed",
            "No email address receives this stack's SMS.",
            evidence="; ".join(
                [
                    *(f"{each.address} is {each.state}" for each in found),
                    *([f"other subscribers: {', '.join(others)}"] if others else []),
                    *_since_when(facts, pending),
                    *_burst(facts, subject),
                ]
            ),
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
            evidence="; ".join([*_since_when(facts, [each]), *(_burst(facts, subject) or [AFTER_TEN])]),
            next_step=f"Run `sms-redirect subscribe {each.address}`, then `sms-redirect confirm LINK`. Read the SMS of "
            "a load test through a queue (`sms-redirect inbox`, `SmsInbox`).",
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


def _since_when(facts: Facts, pending: Sequence[Subscriber]) -> list[str]:
    """SNS does not tell when it asked. It asked the stack's own addresses when the stack was deployed."""
    if not any(each.in_template for each in pending):
        return ["SNS does not say since when; a link works for two days"] if pending else []
    stack = facts.stack()
    deployed = stack.get("LastUpdatedTime") or stack.get("CreationTime")
    if not isinstance(deployed, datetime):
        return []
    lapses = deployed + LINK_WORKS
    return [
        f"asked at the stack's last deployment, {deployed:%Y-%m-%d %H:%M} UTC, or before; "
        + (f"that link works until {lapses:%Y-%m-%d %H:%M}" if lapses > datetime.now(UTC) else "that link has lapsed")
    ]


def _burst(facts: Facts, subject: Subject) -> list[str]:
    """Whether the log shows what makes SNS take a confirmation back."""
    try:
        log = facts.log(subject.since)
    except (CouldNotCheckError, MissingError):
        return []
    most, when = history.burst((each.at, each.text) for each in log.lines)
    if most <= MOST_A_SECOND:
        return []
    moment = datetime.fromtimestamp(when / 1000, UTC)
    return [f"{most} SMS in one second at {moment:%H:%M:%S} UTC: above ten, SNS sets subscriptions back to pending"]


def _lets_through(each: Subscriber, subject: Subject) -> bool:
    known = {"flow": subject.flow, "phone_number": subject.phone_number, "user_name": subject.user_name}
    return lets_through(each.filter_policy, known)
