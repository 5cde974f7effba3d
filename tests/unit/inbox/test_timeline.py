"""The way of an SMS tells what happened, when, and what nobody saw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sms_documents import failed, sms
from sms_redirect.inbox import timeline
from sms_redirect.inbox.sources import Attempt, Delivery, LogLine, Trail

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def at(milliseconds):
    return NOON + timedelta(milliseconds=milliseconds)


def attempt(begin=10, error=None, *, log=()):
    return Attempt(at(begin), at(begin + 80), error, log)


def trail(**changes):
    known = {
        "event_at": NOON,
        "function": "sender",
        "encrypted_at": at(5),
        "key_arn": KEY,
        "attempts": (attempt(),),
        "published_at": at(60),
        "deliveries": (Delivery("qa@example.com", "sent", at(70)),),
    }
    return Trail(**{**known, **changes})


def told(steps):
    return [(each["step"], each["state"]) for each in steps]


def test_each_step_has_its_time_and_its_words():
    steps = timeline.of(sms(1, template_read_at="2026-03-01T12:00:00.040Z"), trail())

    assert told(steps) == [(name, "done") for name in ("event", "key", "sender", "template", "topic", "email")]
    assert [each["at"][-4:] for each in steps] == ["000Z", "005Z", "010Z", "040Z", "060Z", "070Z"]
    assert "80 ms" in steps[2]["text"]
    assert steps[5]["text"] == "Sent to qa@example.com."


def test_each_failed_try_is_a_step_and_what_came_later_did_not_happen():
    tries = (attempt(10, "Rate Exceeded"), attempt(600, "Rate Exceeded"))

    steps = timeline.of(failed(1), trail(attempts=tries, published_at=None, deliveries=()))

    assert told(steps)[2:] == [("sender", "failed"), ("sender", "failed"), ("topic", "skipped"), ("email", "skipped")]
    assert steps[3]["text"] == "Try 2 failed: Rate Exceeded."


def test_a_failure_that_the_sender_published_names_its_reason_and_was_emailed():
    steps = timeline.of(failed(1), trail())

    assert told(steps)[2:] == [("sender", "failed"), ("template", "skipped"), ("topic", "done"), ("email", "done")]
    assert "another KMS key encrypted it" in steps[2]["text"]


def test_a_code_that_could_not_be_encrypted_ends_at_the_key():
    steps = timeline.of(failed(1), trail(encrypted_at=None, attempts=(), published_at=None, deliveries=()))

    assert told(steps) == [("event", "done"), ("key", "failed")]


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        ("pending", "failed", "has not confirmed"),
        ("filtered", "skipped", "filter policy"),
        ("suspended", "failed", "more than ten emails"),
        ("repeated", "skipped", "published twice"),
    ],
)
def test_an_email_that_was_not_sent_says_why(outcome, state, words):
    steps = timeline.of(sms(1), trail(deliveries=(Delivery("qa@example.com", outcome, at(70)),)))

    assert told(steps)[-1] == ("email", state)
    assert words in steps[-1]["text"]
    assert "qa@example.com" in steps[-1]["text"]


def test_without_any_subscriber_nothing_is_said_of_confirming():
    steps = timeline.of(sms(1), trail(deliveries=()))

    assert steps[-1]["text"] == "Not sent: no email address is subscribed to the topic."


def test_over_a_deployed_stack_what_was_not_seen_is_unknown():
    steps = timeline.of(sms(1), None)

    assert told(steps) == [
        ("event", "unknown"), ("key", "done"), ("template", "done"), ("topic", "done"), ("email", "unknown"),
    ]  # fmt: skip
    assert steps[0]["at"] is None
    assert timeline.log(None) is None


def test_an_sms_that_would_have_gone_to_the_phone_ends_at_its_event():
    failure = {"reason": "The pool has no custom SMS sender.", "hint": ""}

    (step,) = timeline.of(sms(1, failure=failure), None)

    assert (step["step"], step["state"], step["text"]) == ("event", "failed", "The pool has no custom SMS sender.")


def test_the_log_is_that_of_all_tries_and_a_line_without_a_time_has_that_of_its_try():
    first = attempt(10, "ValueError", log=(LogLine(at(20), "ERROR", "bug"), LogLine(None, None, "plain")))

    lines = timeline.log(trail(attempts=(first, attempt(600, log=(LogLine(at(610), "INFO", "sms redirected"),)))))

    assert [(each["at"][-4:], each["text"]) for each in lines] == [
        ("020Z", "bug"), ("010Z", "plain"), ("610Z", "sms redirected"),
    ]  # fmt: skip
