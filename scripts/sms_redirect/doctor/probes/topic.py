"""The topic and who reads it."""

from __future__ import annotations

from collections.abc import Iterator

from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.subject import Subject
from sms_redirect.topic.filters import lets_through
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
            evidence="New, or set back to pending by SNS, which does that after more than ten emails in a second.",
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


def _lets_through(each: Subscriber, subject: Subject) -> bool:
    known = {"flow": subject.flow, "phone_number": subject.phone_number, "user_name": subject.user_name}
    return lets_through(each.filter_policy, known)
