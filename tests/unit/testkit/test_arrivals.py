"""Each message goes to one of those who wait, or is kept for the next."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_documents import failed, sms
from sms_redirect.errors import InboxClosed
from sms_redirect.testkit.arrivals import Arrivals
from sms_redirect.testkit.filter import Filter

ANN, BEN = "+12065550100", "+12065550101"


@pytest.fixture
def arrivals():
    return Arrivals()


def result(wait):
    entry = wait.result.result(0)
    return entry and entry.message


def test_a_message_that_has_arrived_is_returned_at_once(arrivals):
    arrivals.add(sms(1))

    assert result(arrivals.wait(Filter())) == sms(1)


def test_a_later_message_goes_to_the_wait_for_it(arrivals):
    wait = arrivals.wait(Filter(ANN))

    arrivals.add(sms(1, phone_number=BEN))
    assert not wait.result.done()
    arrivals.add(sms(2, phone_number=ANN))

    assert result(wait) == sms(2, phone_number=ANN)


def test_each_message_is_returned_once_oldest_first(arrivals):
    for number in (1, 2):
        arrivals.add(sms(number))

    assert [result(arrivals.wait(Filter())) for _ in range(2)] == [sms(1), sms(2)]
    assert not arrivals.wait(Filter()).result.done()


def test_the_oldest_of_equal_waits_is_served_first(arrivals):
    first, second = arrivals.wait(Filter()), arrivals.wait(Filter())

    arrivals.add(sms(1))

    assert result(first) == sms(1)
    assert not second.result.done()


def test_a_wait_for_anything_does_not_take_the_message_of_a_more_specific_one(arrivals):
    anything, particular = arrivals.wait(Filter()), arrivals.wait(Filter(ANN, flow="SignUp"))

    arrivals.add(sms(1, phone_number=ANN))

    assert result(particular) == sms(1, phone_number=ANN)
    assert not anything.result.done()


def test_a_duplicate_is_not_returned_again(arrivals):
    arrivals.add(sms(1))
    arrivals.wait(Filter())
    later = arrivals.wait(Filter())

    arrivals.add(sms(1))

    assert not later.result.done()
    assert len(arrivals.kept()) == 1


def test_a_message_that_follows_its_failure_is_returned(arrivals):
    arrivals.add(failed(1))
    assert result(arrivals.wait(Filter())).failure

    arrivals.add(sms(1))

    assert result(arrivals.wait(Filter())) == sms(1)


def test_since_is_a_time_of_receipt(arrivals):
    arrivals.add(sms(1))

    assert arrivals.wait(Filter(), datetime.now(UTC) - timedelta(hours=1)).result.done()
    assert not arrivals.wait(Filter(), datetime.now(UTC) + timedelta(hours=1)).result.done()


def test_a_withdrawn_wait_gets_nothing(arrivals):
    wait = arrivals.wait(Filter())
    assert arrivals.withdraw(wait) is None

    arrivals.add(sms(1))

    assert not wait.result.done()
    assert result(arrivals.wait(Filter())) == sms(1)


def test_withdrawing_too_late_returns_the_message(arrivals):
    wait = arrivals.wait(Filter())
    arrivals.add(sms(1))

    assert arrivals.withdraw(wait).message == sms(1)


def test_a_message_that_is_put_back_goes_to_the_next_wait(arrivals):
    wait, waiting = arrivals.wait(Filter()), arrivals.wait(Filter())
    arrivals.add(sms(1))

    arrivals.put_back(arrivals.withdraw(wait))

    assert result(waiting) == sms(1)


def test_a_timeout_lists_later_messages_and_those_that_no_wait_returned(arrivals):
    for number in (1, 2):
        arrivals.add(sms(number))
    arrivals.wait(Filter())
    wait = arrivals.wait(Filter(ANN))
    other = arrivals.wait(Filter())
    arrivals.add(sms(3))

    assert result(other) == sms(2)
    assert [entry.message for entry in arrivals.instead_of(wait)] == [sms(3)]
    arrivals.put_back(other.result.result())
    assert [entry.message for entry in arrivals.instead_of(wait)] == [sms(2), sms(3)]


def test_clear_forgets_messages_and_their_late_duplicates(arrivals):
    arrivals.add(sms(1))

    arrivals.clear()
    arrivals.add(sms(1))

    assert arrivals.kept() == []
    assert not arrivals.wait(Filter()).result.done()


def test_the_end_ends_current_and_later_waits(arrivals):
    waiting = arrivals.wait(Filter())

    arrivals.end(InboxClosed("over"))

    assert result(waiting) is None
    assert result(arrivals.wait(Filter())) is None
    assert str(arrivals.ended) == "over"


def test_messages_that_arrived_before_the_end_are_still_returned(arrivals):
    arrivals.add(sms(1))
    arrivals.end(InboxClosed("over"))

    assert result(arrivals.wait(Filter())) == sms(1)


def test_the_first_reason_of_an_end_stays(arrivals):
    arrivals.end(InboxClosed("first"))
    arrivals.end(InboxClosed("second"))

    assert str(arrivals.ended) == "first"


EVENTS = st.lists(st.tuples(st.sampled_from(["sms", "wait"]), st.sampled_from([ANN, BEN, None])), max_size=40)


@given(EVENTS)
def test_in_any_order_no_message_is_lost_or_returned_twice(events):
    arrivals, waits, sent = Arrivals(), [], []
    for number, (event, phone_number) in enumerate(events):
        if event == "wait":
            waits.append(arrivals.wait(Filter(phone_number)))
        else:
            sent.append(sms(number, phone_number=phone_number or ANN))
            arrivals.add(sent[-1])

    served = [result(wait) for wait in waits if wait.result.done()]
    rest = []
    while (wait := arrivals.wait(Filter())).result.done():
        rest.append(result(wait))

    assert sorted(each.id for each in served + rest) == sorted(each.id for each in sent)
    unserved = [wait for wait in waits if not wait.result.done()]
    assert not any(wait.accepts(entry) for wait in unserved for entry in arrivals.kept() if entry.message in rest)


def test_concurrent_threads_lose_nothing(arrivals):
    barrier = threading.Barrier(8)

    def add(start):
        barrier.wait()
        for number in range(100):
            arrivals.add(sms(start + number))

    def ask(_):
        barrier.wait()
        return [arrivals.wait(Filter()) for _ in range(100)]

    with ThreadPoolExecutor(8) as pool:
        adding = [pool.submit(add, start) for start in range(1000, 5000, 1000)]
        asking = [pool.submit(ask, number) for number in range(4)]
        [each.result() for each in adding]
        found = {result(wait).id for each in asking for wait in each.result()}

    assert len(found) == 400
