"""When an email subscription is pending, confirmed, suspended or gone."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.email.subscriptions import (
    DAY,
    PENDING_KEPT,
    PER_SECOND,
    SUSPENDED_KEPT,
    TOKEN_VALID,
    Subscriptions,
)

TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
ARN = f"{TOPIC}:1"


def limits_on():
    return True


def limits_off():
    return False


class StandingClock(Clock):
    """Time that passes only when it is told to."""

    def __init__(self):
        super().__init__()
        self.moment = 1000.0

    def now(self):
        return self.moment

    def advance(self, seconds):
        self.moment += seconds
        return self.moment


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def subscriptions(clock):
    return Subscriptions(clock, limited=limits_on)


@pytest.fixture
def confirmed(subscriptions):
    subscriptions.confirm(TOPIC, subscriptions.hold(ARN))
    return subscriptions


def test_a_token_is_good_until_two_days_have_passed(subscriptions, clock):
    token = subscriptions.hold(ARN)

    clock.advance(TOKEN_VALID)
    at_the_end = subscriptions.confirm(TOPIC, token)
    clock.advance(1)

    assert at_the_end == ARN
    assert subscriptions.confirm(TOPIC, token) is None
    assert subscriptions.is_confirmed(ARN)


def test_a_pending_subscription_is_kept_until_three_days_have_passed(subscriptions, clock):
    subscriptions.hold(ARN)

    clock.advance(PENDING_KEPT)
    kept = subscriptions.take_expired()
    clock.advance(1)

    assert kept == []
    assert subscriptions.take_expired() == [ARN]
    assert not subscriptions.is_pending(ARN)


def test_a_confirmed_subscription_never_expires(confirmed, clock):
    clock.advance(1000 * DAY)

    assert confirmed.take_expired() == []
    assert confirmed.is_confirmed(ARN)


def test_another_link_starts_the_wait_again(subscriptions, clock):
    subscriptions.hold(ARN)
    clock.advance(PENDING_KEPT)

    token = subscriptions.renew(ARN)
    clock.advance(TOKEN_VALID)

    assert subscriptions.take_expired() == []
    assert subscriptions.pending() == {ARN: token}
    assert subscriptions.confirm(TOPIC, token) == ARN


def test_a_token_opens_nothing_on_another_topic(subscriptions):
    token = subscriptions.hold(ARN)

    assert subscriptions.confirm("arn:aws:sns:us-east-1:123456789012:top", token) is None
    assert subscriptions.is_pending(ARN)


@settings(deadline=None)
@given(st.text())
def test_no_other_text_is_taken_for_a_token(presented):
    subscriptions = Subscriptions(StandingClock(), limited=limits_on)
    subscriptions.hold(ARN)

    assert subscriptions.confirm(TOPIC, presented) is None


def test_holding_again_makes_earlier_tokens_worthless(subscriptions):
    token = subscriptions.hold(ARN)
    subscriptions.confirm(TOPIC, token)

    subscriptions.hold(ARN, SUSPENDED_KEPT)

    assert subscriptions.confirm(TOPIC, token) is None
    assert subscriptions.is_pending(ARN)


def test_only_the_first_visit_of_a_link_decides_who_may_unsubscribe(subscriptions):
    token = subscriptions.hold(ARN)
    subscriptions.confirm(TOPIC, token, only_signed_unsubscribe=True)

    subscriptions.confirm(TOPIC, token)

    assert subscriptions.needs_signature(ARN)


def test_the_eleventh_message_within_a_second_is_too_many(confirmed, clock):
    first = [confirmed.exceeds_rate(ARN) for _ in range(PER_SECOND)]

    assert not any(first)
    assert confirmed.exceeds_rate(ARN)
    clock.advance(1)
    assert not confirmed.exceeds_rate(ARN)


def test_ten_messages_a_second_are_fine_for_ever(confirmed, clock):
    for _ in range(500):
        clock.advance(0.125)
        assert not confirmed.exceeds_rate(ARN)


def test_without_limits_no_rate_is_too_high(clock):
    subscriptions = Subscriptions(clock, limited=limits_off)
    subscriptions.confirm(TOPIC, subscriptions.hold(ARN))

    assert not any(subscriptions.exceeds_rate(ARN) for _ in range(100))


def test_a_new_subscription_that_two_threads_find_is_asked_once(subscriptions):
    tokens = []
    both = threading.Barrier(2)

    def find():
        both.wait(10)
        tokens.append(subscriptions.hold_new(ARN))

    threads = [threading.Thread(target=find) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(token is None for token in tokens) == [False, True]


def test_tokens_are_long_different_and_not_shown(subscriptions):
    tokens = {subscriptions.hold(f"{TOPIC}:{number}") for number in range(100)}

    assert len(tokens) == 100
    assert all(len(token) == 64 for token in tokens)
    assert not any(token in repr(subscriptions.__dict__) for token in tokens)


def test_a_forgotten_subscription_is_neither_pending_nor_confirmed(confirmed):
    confirmed.forget(ARN)

    assert not confirmed.is_confirmed(ARN)
    assert not confirmed.is_pending(ARN)
    assert not confirmed.needs_signature(ARN)
