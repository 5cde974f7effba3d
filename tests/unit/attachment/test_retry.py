"""How long what is retried, and with which waits."""

import random

import pytest

from fake_stack import FakeTime
from pool_attachment.errors import DeniedError, RejectedError, SmsRoleError, TransientError
from pool_attachment.retry import ATTACHING, BY_HAND, DETACHING, Retry

TRANSIENT = TransientError("busy", may_have_landed=False)
DENIED, SMS_ROLE, REJECTED = DeniedError("denied"), SmsRoleError("role"), RejectedError("no")


@pytest.fixture
def longest(monkeypatch):
    """Waits as long as they may be."""
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)


def waits(limits, error, end=10_000.0):
    """Those between the attempts of a call that keeps failing."""
    time = FakeTime(1000.0)
    retry = Retry(time.clock(), limits, start=1000.0, end=end)

    def fail():
        raise error

    with pytest.raises(type(error)):
        retry.call(fail)
    return time.slept


def test_waits_double_from_half_a_second_to_ten(longest):
    assert waits(ATTACHING, TRANSIENT) == [0.5, 1, 2, 4, 8, *[10] * 10]


def test_jitter_takes_off_up_to_half(monkeypatch):
    asked = []
    monkeypatch.setattr(random, "uniform", lambda *bounds: asked.append(bounds) or 0.5)

    assert waits(ATTACHING, TRANSIENT)[:6] == [0.25, 0.5, 1, 2, 4, 5]
    assert set(asked) == {(0.5, 1)}


@pytest.mark.parametrize(
    ("limits", "error", "seconds"),
    [
        (ATTACHING, TRANSIENT, 115.5),
        (ATTACHING, DENIED, 115.5),
        (ATTACHING, SMS_ROLE, 115.5),
        (ATTACHING, REJECTED, 0),
        (DETACHING, TRANSIENT, 115.5),
        (DETACHING, DENIED, 115.5),
        (DETACHING, SMS_ROLE, 7.5),
        (DETACHING, REJECTED, 0),
        (BY_HAND, TRANSIENT, 55.5),
        (BY_HAND, DENIED, 0),
        (BY_HAND, SMS_ROLE, 7.5),
    ],
)
def test_each_error_has_its_time(longest, limits, error, seconds):
    """The waits that fit into 120, 60 or 10 seconds."""
    assert sum(waits(limits, error)) == seconds


def test_a_wait_that_ends_in_time_to_the_second_is_made(longest):
    assert sum(waits(ATTACHING, TRANSIENT, end=1007.5)) == 7.5
    assert sum(waits(ATTACHING, TRANSIENT, end=1007.4)) == 3.5
