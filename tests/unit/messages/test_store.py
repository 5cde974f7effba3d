from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_documents import failed, sms
from sms_redirect.messages.query import Query
from sms_redirect.messages.store import LIMIT, SmsStore

ANY = Query()
PATIENT = 30.0  # seconds; never spent where the behaviour is right


def ids(entries):
    return [int(entry.message.id, 16) for entry in entries]


def fill(store, *numbers):
    for number in numbers:
        store.add(sms(number))


# ---- keeping ----


def test_the_newest_arrival_comes_first(store):
    fill(store, 2, 1, 3)

    assert ids(store.find()) == [3, 1, 2]


def test_a_duplicate_appears_once_in_its_place_with_a_count(store):
    fill(store, 1, 2, 1, 1)

    assert ids(store.find()) == [2, 1]
    assert [entry.copies for entry in store.find()] == [1, 3]


def test_the_oldest_are_dropped_first_and_counted():
    store = SmsStore(limit=3)

    fill(store, 1, 2, 3, 4, 5)

    assert ids(store.find()) == [5, 4, 3]
    assert (store.state.kept, store.state.limit, store.state.dropped) == (3, 3, 2)
    assert store.get(f"{1:032x}") is None


def test_clear_resets_the_count_of_dropped_messages():
    store = SmsStore(limit=1)
    fill(store, 1, 2)

    store.clear()

    assert store.state.dropped == 0


def test_ten_thousand_are_kept_by_default(store):
    assert store.state.limit == LIMIT == 10_000


@pytest.mark.parametrize("limit", [0, -1])
def test_a_capacity_of_zero_is_refused(limit):
    with pytest.raises(ValueError, match="at least one"):
        SmsStore(limit=limit)


def test_clear_removes_every_message_and_returns_how_many(store):
    fill(store, 1, 2)

    assert store.clear() == 2
    assert store.find() == []
    assert store.state.kept == 0


@pytest.mark.parametrize("remove", [SmsStore.clear, lambda store: fill(store, 2)], ids=["cleared", "dropped"])
def test_the_late_duplicate_of_a_removed_message_does_not_come_back(remove):
    store = SmsStore(limit=1)
    fill(store, 1)
    remove(store)

    assert store.add(sms(1)) is None
    assert 1 not in ids(store.find())


def test_a_message_replaces_its_failure_and_counts_as_an_arrival(store):
    store.add(failed(1))
    fill(store, 2)
    seen = store.position(store.state.cursor)

    store.add(sms(1))

    assert ids(store.find()) == [1, 2]
    assert store.find()[0].message.failure is None
    assert ids([store.next(ANY, after=seen)]) == [1]


def test_a_message_whose_failure_was_cleared_is_added(store):
    store.add(failed(1))
    store.clear()

    assert store.add(sms(1)) is not None


def test_a_late_failure_never_replaces_a_shown_message(store):
    fill(store, 1)

    store.add(failed(1))

    assert store.find()[0].message.failure is None


@given(st.lists(st.integers(0, 12)), st.integers(1, 6))
def test_the_store_keeps_the_last_distinct_arrivals(numbers, limit):
    store = SmsStore(limit=limit)

    fill(store, *numbers)

    distinct = list(dict.fromkeys(numbers))
    assert ids(store.find()) == distinct[::-1][:limit]
    assert store.state.dropped == max(0, len(distinct) - limit)


# ---- finding ----


def test_only_matching_messages_are_found(store):
    store.add(sms(1, phone_number="+4915112345678"))
    fill(store, 2)

    assert ids(store.find(Query(phone_number="+4915112345678"))) == [1]


def test_a_time_finds_what_was_received_then_or_later():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    moments = iter([now, now + timedelta(seconds=1), now + timedelta(seconds=2)])
    store = SmsStore(clock=lambda: next(moments))
    fill(store, 1, 2, 3)

    assert ids(store.find(after=now + timedelta(seconds=1))) == [3, 2]


def test_next_walks_from_one_message_to_the_following(store):
    fill(store, 1, 2, 3)
    first = store.next(ANY, after=0)

    second = store.next(ANY, after=first.number)

    assert ids([first, second]) == [1, 2]
    assert store.next(ANY, after=store.next(ANY, after=second.number).number) is None


def test_next_without_a_position_is_the_latest_match(store):
    fill(store, 1, 2)

    assert ids([store.next(ANY)]) == [2]


def test_next_skips_duplicates(store):
    fill(store, 1)
    seen = store.position(store.state.cursor)

    fill(store, 1)

    assert store.next(ANY, after=seen) is None


# ---- changes ----


def test_a_cursor_is_valid_only_in_the_run_that_made_it(store):
    fill(store, 1)

    assert store.position(store.state.cursor) == 1
    assert SmsStore().position(store.state.cursor) is None


@pytest.mark.parametrize("nonsense", ["", "-", "x", "7", "é-1", "-1"])
def test_an_invalid_cursor_has_no_position(store, nonsense):
    assert store.position(nonsense) is None
    assert store.position(store.cursor(1) + nonsense) is None or nonsense.isdigit() or not nonsense


def test_changes_are_arrivals_and_duplicates_after_the_position_in_order(store):
    fill(store, 1, 2)
    seen = store.changes(0).position

    fill(store, 3, 1)

    assert ids(store.changes(seen).entries) == [3, 1]
    assert not store.changes(seen).reset
    assert store.changes(store.changes(seen).position).entries == ()


def test_a_reader_that_missed_a_clear_starts_over(store):
    fill(store, 1)
    seen = store.changes(0).position
    store.clear()
    fill(store, 2)

    assert store.changes(seen).reset
    assert ids(store.changes(seen).entries) == [2]


def test_the_position_of_another_run_starts_over(store):
    fill(store, 1)

    assert store.changes(None).reset
    assert store.changes(99).reset


# ---- waiting ----


def in_background(function):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()), daemon=True)
    thread.start()
    return thread, answers


def waiting(store):
    """Until somebody has begun to listen."""
    end = time.monotonic() + PATIENT
    while not store._listeners:
        assert time.monotonic() < end, "nobody waits"
        threading.Event().wait(0.005)


async def begun(store, count=1):
    async with asyncio.timeout(PATIENT):
        while len(store._listeners) < count:  # noqa: ASYNC110 - the store has no event for this
            await asyncio.sleep(0)


def test_a_wait_for_a_message_that_has_arrived_ends_at_once(store):
    fill(store, 1)

    assert ids([store.wait(ANY, timeout=0)]) == [1]


def test_a_wait_ends_only_with_a_matching_arrival(store):
    thread, answers = in_background(lambda: store.wait(Query(flow="ForgotPassword"), timeout=PATIENT))
    waiting(store)

    fill(store, 1)
    store.add(sms(2, flow="ForgotPassword"))
    thread.join(PATIENT)

    assert ids(answers) == [2]


def test_a_wait_after_a_time_ignores_earlier_arrivals(store):
    fill(store, 1)

    assert store.wait(ANY, after=datetime.now(UTC) + timedelta(hours=1), timeout=0) is None


def test_a_wait_for_a_future_time_ignores_arrivals_before_it():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    moments = iter([now, now + timedelta(hours=1)])
    store = SmsStore(clock=lambda: next(moments))
    attempts = store._attempts(ANY, now + timedelta(hours=1))
    looks = [next(attempts)]
    for number in (1, 2):
        fill(store, number)
        looks.append(next(attempts))

    assert looks[:2] == [None, None]
    assert ids(looks[2:]) == [2]


def test_a_wait_times_out(store):
    assert store.wait(ANY, timeout=0.01) is None
    assert not store._listeners


def test_every_waiting_thread_and_task_gets_its_message(store):
    async def many():
        tasks = [asyncio.create_task(store.wait_async(ANY, timeout=PATIENT)) for _ in range(20)]
        thread, answers = in_background(lambda: store.wait(ANY, timeout=PATIENT))
        await begun(store, 21)
        await asyncio.to_thread(fill, store, 1)
        found = await asyncio.gather(*tasks)
        await asyncio.to_thread(thread.join, PATIENT)
        return [*found, *answers]

    assert ids(asyncio.run(many())) == [1] * 21
    assert not store._listeners


def test_an_async_wait_times_out(store):
    assert asyncio.run(store.wait_async(ANY, timeout=0.01)) is None


def test_a_wait_whose_loop_has_ended_is_ignored(store):
    async def abandoned():
        with store._ringing():
            pass

    asyncio.run(abandoned())
    loop = asyncio.new_event_loop()
    ringing = loop.run_until_complete(_enter(store))
    loop.close()

    fill(store, 1)

    ringing.__exit__(None, None, None)
    assert ids(store.find()) == [1]


async def _enter(store):
    ringing = store._ringing()
    ringing.__enter__()
    return ringing


def test_changes_are_awaited(store):
    async def change():
        task = asyncio.create_task(store.changes_async(0))
        await begun(store)
        store.add(sms(1))
        return await task

    assert ids(asyncio.run(change()).entries) == [1]


def test_nothing_is_lost_when_many_threads_add_while_one_follows(store):
    threads = [threading.Thread(target=fill, args=(store, *range(base, base + 200))) for base in (1000, 2000, 3000)]

    async def follow():
        seen, position = [], 0
        for thread in threads:
            thread.start()
        while len(seen) < 600:
            changes = await asyncio.wait_for(store.changes_async(position), PATIENT)
            seen += ids(changes.entries)
            position = changes.position
        return seen

    seen = asyncio.run(follow())

    assert len(seen) == len(set(seen)) == 600
    assert sorted(seen) == sorted(ids(store.find()))
