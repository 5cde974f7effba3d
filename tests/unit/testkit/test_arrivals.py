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


def answer(request):
    entry = request.answer.result(0)
    return entry and entry.sms


def test_what_is_there_already_is_the_answer_at_once(arrivals):
    arrivals.add(sms(1))

    assert answer(arrivals.request(Filter())) == sms(1)


def test_what_comes_later_goes_to_who_waits(arrivals):
    request = arrivals.request(Filter(ANN))

    arrivals.add(sms(1, phone_number=BEN))
    assert not request.answer.done()
    arrivals.add(sms(2, phone_number=ANN))

    assert answer(request) == sms(2, phone_number=ANN)


def test_a_message_is_handed_out_once_and_the_oldest_first(arrivals):
    for number in (1, 2):
        arrivals.add(sms(number))

    assert [answer(arrivals.request(Filter())) for _ in range(2)] == [sms(1), sms(2)]
    assert not arrivals.request(Filter()).answer.done()


def test_of_equal_waits_the_first_is_served_first(arrivals):
    first, second = arrivals.request(Filter()), arrivals.request(Filter())

    arrivals.add(sms(1))

    assert answer(first) == sms(1)
    assert not second.answer.done()


def test_a_wait_for_anything_does_not_take_what_another_asked_for(arrivals):
    anything, particular = arrivals.request(Filter()), arrivals.request(Filter(ANN, flow="SignUp"))

    arrivals.add(sms(1, phone_number=ANN))

    assert answer(particular) == sms(1, phone_number=ANN)
    assert not anything.answer.done()


def test_a_duplicate_is_handed_out_no_second_time(arrivals):
    arrivals.add(sms(1))
    arrivals.request(Filter())
    later = arrivals.request(Filter())

    arrivals.add(sms(1))

    assert not later.answer.done()
    assert len(arrivals.kept()) == 1


def test_a_message_that_follows_its_failure_is_handed_out(arrivals):
    arrivals.add(failed(1))
    assert answer(arrivals.request(Filter())).failure

    arrivals.add(sms(1))

    assert answer(arrivals.request(Filter())) == sms(1)


def test_since_is_a_time_of_receipt(arrivals):
    arrivals.add(sms(1))

    assert arrivals.request(Filter(), datetime.now(UTC) - timedelta(hours=1)).answer.done()
    assert not arrivals.request(Filter(), datetime.now(UTC) + timedelta(hours=1)).answer.done()


def test_who_withdraws_gets_nothing_any_more(arrivals):
    request = arrivals.request(Filter())
    assert arrivals.withdraw(request) is None

    arrivals.add(sms(1))

    assert not request.answer.done()
    assert answer(arrivals.request(Filter())) == sms(1)


def test_who_withdraws_too_late_is_told_what_came(arrivals):
    request = arrivals.request(Filter())
    arrivals.add(sms(1))

    assert arrivals.withdraw(request).sms == sms(1)


def test_what_is_given_back_goes_to_the_next(arrivals):
    request, waiting = arrivals.request(Filter()), arrivals.request(Filter())
    arrivals.add(sms(1))

    arrivals.give_back(arrivals.withdraw(request))

    assert answer(waiting) == sms(1)


def test_instead_of_a_request_there_is_what_came_later_and_what_nobody_asked_for(arrivals):
    for number in (1, 2):
        arrivals.add(sms(number))
    arrivals.request(Filter())
    request = arrivals.request(Filter(ANN))
    other = arrivals.request(Filter())
    arrivals.add(sms(3))

    assert answer(other) == sms(2)
    assert [entry.sms for entry in arrivals.instead_of(request)] == [sms(3)]
    arrivals.give_back(other.answer.result())
    assert [entry.sms for entry in arrivals.instead_of(request)] == [sms(2), sms(3)]


def test_clearing_forgets_what_came_and_its_late_duplicates(arrivals):
    arrivals.add(sms(1))

    arrivals.clear()
    arrivals.add(sms(1))

    assert arrivals.kept() == []
    assert not arrivals.request(Filter()).answer.done()


def test_the_end_answers_who_waits_and_who_asks_later(arrivals):
    waiting = arrivals.request(Filter())

    arrivals.end(InboxClosed("over"))

    assert answer(waiting) is None
    assert answer(arrivals.request(Filter())) is None
    assert str(arrivals.ended) == "over"


def test_what_came_before_the_end_can_still_be_asked_for(arrivals):
    arrivals.add(sms(1))
    arrivals.end(InboxClosed("over"))

    assert answer(arrivals.request(Filter())) == sms(1)


def test_the_first_reason_of_an_end_stays(arrivals):
    arrivals.end(InboxClosed("first"))
    arrivals.end(InboxClosed("second"))

    assert str(arrivals.ended) == "first"


EVENTS = st.lists(st.tuples(st.sampled_from(["sms", "wait"]), st.sampled_from([ANN, BEN, None])), max_size=40)


@given(EVENTS)
def test_in_any_order_no_message_is_lost_or_handed_out_twice(events):
    arrivals, requests, sent = Arrivals(), [], []
    for number, (event, phone_number) in enumerate(events):
        if event == "wait":
            requests.append(arrivals.request(Filter(phone_number)))
        else:
            sent.append(sms(number, phone_number=phone_number or ANN))
            arrivals.add(sent[-1])

    served = [answer(request) for request in requests if request.answer.done()]
    rest = []
    while (request := arrivals.request(Filter())).answer.done():
        rest.append(answer(request))

    assert sorted(each.id for each in served + rest) == sorted(each.id for each in sent)
    unserved = [request for request in requests if not request.answer.done()]
    assert not any(request.accepts(entry) for request in unserved for entry in arrivals.kept() if entry.sms in rest)


def test_threads_that_add_and_ask_at_once_lose_nothing(arrivals):
    barrier = threading.Barrier(8)

    def add(start):
        barrier.wait()
        for number in range(100):
            arrivals.add(sms(start + number))

    def ask(_):
        barrier.wait()
        return [arrivals.request(Filter()) for _ in range(100)]

    with ThreadPoolExecutor(8) as pool:
        adding = [pool.submit(add, start) for start in range(1000, 5000, 1000)]
        asking = [pool.submit(ask, number) for number in range(4)]
        [each.result() for each in adding]
        found = {answer(request).id for each in asking for request in each.result()}

    assert len(found) == 400
