"""What the sandbox remembers of an SMS's way, and what it reads in a function's log."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sms_redirect.inbox.sources import Attempt
from sms_redirect.sandbox import function_log, trails
from sms_redirect.sandbox.trails import Trails

ARN = "arn:aws:lambda:us-east-1:123456789012:function:sender"
RECORD = {
    "timestamp": "2026-03-01T12:00:00Z", "level": "ERROR", "message": "sms not shown", "logger": "sms_sender",
    "requestId": "r", "sms_id": "a" * 32, "where": ["x.py:1"],
}  # fmt: skip
LOG = "\n".join(
    [
        "START RequestId: r Version: $LATEST",
        json.dumps(RECORD),
        "a plain line",
        '{"_aws": {"Timestamp": 1}, "FailedSms": 1}',
        "END RequestId: r",
        "REPORT RequestId: r Duration: 80 ms",
    ]
)


def test_what_was_published_before_the_id_was_known_belongs_to_the_event():
    kept = Trails()
    event = kept.begin(ARN)
    kept.published("b" * 32)
    kept.delivered("b" * 32, "qa@example.com", "sent")
    event.tried(Attempt(trails.now(), trails.now(), None))

    event.is_of("b" * 32)

    found = kept.trail("b" * 32)
    assert found.function == "sender"
    assert found.published_at is not None
    assert [each.recipient for each in found.deliveries] == ["qa@example.com"]
    assert len(found.attempts) == 1


def test_what_comes_after_the_id_is_known_is_kept_too():
    kept = Trails()
    event = kept.begin(ARN)
    event.encrypted("key")
    event.is_of("b" * 32)
    event.is_of("b" * 32)
    kept.published("b" * 32)
    event.tried(Attempt(trails.now(), trails.now(), "ValueError"))

    found = kept.trail("b" * 32)

    assert found.key_arn == "key"
    assert found.published_at is not None
    assert found.attempts[0].error == "ValueError"
    assert kept.trail("c" * 32) is None


def test_the_oldest_trails_go_first(monkeypatch):
    monkeypatch.setattr(trails, "KEPT", 2)
    kept = Trails()
    for name in "abc":
        kept.published(name)

    assert [kept.trail(name) is None for name in "abc"] == [True, False, False]


def test_a_log_has_the_function_s_own_lines():
    first, second = function_log.lines(LOG)

    assert first.at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert first.level == "ERROR"
    assert first.text == f'sms not shown · sms_id: {"a" * 32}; where: ["x.py:1"]'
    assert (second.at, second.text) == (None, "a plain line")
    assert function_log.sms_id([second, first]) == "a" * 32
