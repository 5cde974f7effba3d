"""The way of one SMS: event, key, sender, template, topic, email, each step with its time and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from sms_redirect.messages.members import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from sms_redirect.inbox.sources import Attempt, Delivery, Trail
    from sms_redirect.messages.sms import Sms

State = Literal["done", "failed", "skipped", "unknown"]
Step = dict[str, Any]

TEMPLATES = {
    "verification": "Verification message",
    "authentication": "Authentication message",
    "invitation": "Invitation message",
    "custom-message": "Text of the pool's CustomMessage function",
}
SOURCES = {
    "pool": ", read from the pool",
    "cached": ", the last known one: the pool could not be read",
    "default": ", Cognito's default: the pool sets none, or could not be read",
}
OUTCOMES: dict[str, tuple[State, str]] = {
    "sent": ("done", "Sent to {}."),
    "repeated": ("skipped", "Not sent to {} again: the same SMS was published twice."),
    "pending": ("failed", "Not sent to {}: the address has not confirmed its subscription."),
    "filtered": ("skipped", "Not sent to {}: the subscription's filter policy leaves it out."),
    "suspended": ("failed", "Not sent to {}: more than ten emails within a second. It must confirm again."),
}


def of(sms: Sms, trail: Trail | None) -> list[Step]:
    """The steps in their order. `trail` None: nobody watched, and only the document tells."""
    return list(_watched(sms, trail) if trail and trail.event_at else _told(sms, trail))


def log(trail: Trail | None) -> list[dict[str, Any]] | None:
    """What the sender logged of this SMS; None if this inbox does not see its log."""
    if trail is None or not trail.attempts:
        return None
    return [
        {"at": _at(line.at or attempt.started_at), "level": line.level, "text": line.text}
        for attempt in trail.attempts
        for line in attempt.log
    ]


def _watched(sms: Sms, trail: Trail) -> Iterator[Step]:
    yield _step("event", trail.event_at, "done", f"Cognito made the event {sms.trigger_source} for {trail.function}.")
    if trail.encrypted_at:
        yield _step("key", trail.encrypted_at, "done", f"Cognito encrypted the code with {_key(trail)}.")
    elif not trail.attempts and trail.published_at is None:
        yield _step("key", None, "failed", _reason(sms))
        return
    else:
        yield _step("key", None, "skipped", "There is no code to encrypt.")
    yield from (_tried(number, each, sms) for number, each in enumerate(trail.attempts, 1))
    yield from _from_template_on(sms, trail)


def _told(sms: Sms, trail: Trail | None) -> Iterator[Step]:
    """Of an SMS that nobody watched: over a deployed stack, of an earlier run, or without a sender."""
    if sms.failure and sms.text:  # a sandbox's pool without a sender
        yield _step("event", sms.sent_at, "failed", sms.failure.reason)
        return
    yield _step("event", None, "unknown", f"Cognito made the event {sms.trigger_source}; this inbox did not see when.")
    if sms.failure:
        yield _step("sender", sms.sent_at, "failed", sms.failure.reason)
    elif sms.code:
        yield _step("key", None, "done", "The sender decrypted the code.")
    yield from _from_template_on(sms, trail)


def _from_template_on(sms: Sms, trail: Trail | None) -> Iterator[Step]:
    published_at = trail.published_at if trail else sms.sent_at
    if published_at is None:
        yield _step("topic", None, "skipped", "Nothing was published: the SMS did not get this far.")
        yield _step("email", None, "skipped", "No email: it is the topic that sends them.")
        return
    yield _template(sms)
    yield _step("topic", published_at, "done", f"Published {'as a failure' if sms.failure else 'with its text'}.")
    yield from _emails(trail.deliveries if trail and trail.published_at else None)


def _tried(number: int, attempt: Attempt, sms: Sms) -> Step:
    took = f"{(attempt.ended_at - attempt.started_at).total_seconds() * 1000:.0f} ms"
    if attempt.error:
        return _step("sender", attempt.started_at, "failed", f"Try {number} failed: {attempt.error}.")
    if sms.failure and not sms.text:
        return _step("sender", attempt.started_at, "failed", f"{sms.failure.reason} ({took})")
    return _step("sender", attempt.started_at, "done", f"The sender decrypted and composed it in {took}.")


def _template(sms: Sms) -> Step:
    if sms.failure:
        return _step("template", None, "skipped", "No text: the SMS could not be shown.")
    if sms.template == "none":
        return _step("template", None, "skipped", "No template: Cognito documents no text for this flow.")
    text = TEMPLATES.get(sms.template, sms.template) + SOURCES.get(sms.template_source, "")
    return _step("template", sms.template_read_at, "done", f"{text}.")


def _emails(deliveries: Sequence[Delivery] | None) -> Iterator[Step]:
    if deliveries is None:
        yield _step("email", None, "unknown", "Sent to the confirmed subscribers; this inbox does not see to whom.")
        return
    if not deliveries:
        yield _step("email", None, "skipped", "Not sent: no email address is subscribed to the topic.")
    for each in deliveries:
        state, text = OUTCOMES[each.outcome]
        yield _step("email", each.at, state, text.format(each.recipient))


def _key(trail: Trail) -> str:
    return f"the key {(trail.key_arn or '').rpartition('/')[2] or 'of the pool'}"


def _reason(sms: Sms) -> str:
    return sms.failure.reason if sms.failure else "The event was not handed to the sender."


def _step(name: str, at: datetime | None, state: State, text: str) -> Step:
    return {"step": name, "at": _at(at), "state": state, "text": text}


def _at(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment else None
