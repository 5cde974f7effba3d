"""The thread that reads an inbox's queue."""

from __future__ import annotations

import json
import queue as queues
import threading

import pytest

from sms_documents import document, sms
from sms_redirect.errors import CannotReachAws, NotAllowed, NotAuthenticated, QueueGone
from sms_redirect.topic import receiver
from sms_redirect.topic.queue import Received
from sms_redirect.topic.receiver import Receiver

PATIENCE = 20


class FakeQueue:
    """Answers `receive` with what the test puts in: lists of bodies, or errors."""

    name = "fake"
    poll = 20

    def __init__(self, *, wakes=True):
        self.answers = queues.Queue()
        self.acknowledged = []
        self.signs_of_life = 0
        self._wakes = wakes

    def put(self, *bodies):
        self.answers.put(bodies)

    def receive(self):
        answer = self.answers.get(timeout=PATIENCE)
        if isinstance(answer, Exception):
            raise answer
        return [Received(body, f"handle of {body}") for body in answer]

    def acknowledge(self, received):
        self.acknowledged += [each.body for each in received]
        return len(received)

    def wake(self):
        if self._wakes:
            self.answers.put(["wake"])
        return self._wakes

    def show_alive(self):
        self.signs_of_life += 1


@pytest.fixture
def queue():
    return FakeQueue()


@pytest.fixture
def delivered():
    return queues.Queue()


@pytest.fixture
def given_up():
    return queues.Queue()


@pytest.fixture
def running(queue, delivered, given_up, monkeypatch):
    monkeypatch.setattr(receiver, "FIRST_PAUSE", 0.0)
    running = Receiver(queue, delivered.put, given_up.put)
    running.start()
    yield running
    running.stop()


def body(number):
    return json.dumps(document(number))


def test_each_sms_is_delivered_and_acknowledged(running, queue, delivered):
    queue.put(body(1), body(2))
    queue.put(body(3))

    assert [delivered.get(timeout=PATIENCE) for _ in range(3)] == [sms(1), sms(2), sms(3)]
    running.stop()
    assert queue.acknowledged == [body(1), body(2), body(3)]


@pytest.mark.parametrize("foreign", ["hello", "", "{}", "[1]", '{"schema": "other/1"}'])
def test_a_foreign_message_is_counted_and_acknowledged(running, queue, delivered, foreign):
    queue.put(foreign, body(1))

    delivered.get(timeout=PATIENCE)
    running.stop()

    assert running.foreign == 1
    assert foreign in queue.acknowledged


def test_stop_ends_the_thread_and_acknowledges_nothing_more(running, queue, delivered):
    running.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "receiver of fake"]
    assert delivered.empty()
    assert queue.acknowledged == []


def test_stop_does_not_wait_for_a_queue_that_cannot_be_woken():
    queue = FakeQueue(wakes=False)
    running = Receiver(queue, print, print)
    running.start()

    running.stop()  # returns although the poll goes on

    queue.put()


@pytest.mark.parametrize("transient", [CannotReachAws("Throttled"), QueueGone("not known everywhere yet")])
def test_a_transient_error_is_retried(running, queue, delivered, transient):
    queue.answers.put(transient)
    queue.put(body(1))

    assert delivered.get(timeout=PATIENCE) == sms(1)


def test_consecutive_errors_are_logged_once(running, queue, delivered, caplog):
    for _ in range(3):
        queue.answers.put(CannotReachAws("No route."))
    queue.put(body(1))
    delivered.get(timeout=PATIENCE)

    assert [record.getMessage() for record in caplog.records] == [
        "SMS cannot be read at the moment; retrying. No route."
    ]


def test_the_trouble_is_cleared_after_a_successful_read(running, queue, delivered):
    queue.answers.put(CannotReachAws("Throttled"))
    queue.put(body(1))
    delivered.get(timeout=PATIENCE)
    queue.put(body(2))
    delivered.get(timeout=PATIENCE)

    assert running.trouble is None


@pytest.mark.parametrize("lasting", [NotAllowed("No.", {}), QueueGone("deleted"), NotAuthenticated("Log in again.")])
def test_a_lasting_error_ends_the_receiver(running, queue, delivered, given_up, lasting):
    queue.put(body(1))  # from here on the queue is known to exist
    queue.answers.put(lasting)

    assert given_up.get(timeout=PATIENCE) is lasting


def test_a_new_queue_that_stays_unknown_ends_the_receiver(running, queue, given_up):
    gone = QueueGone("deleted")
    for _ in range(receiver.FAILURES_OF_A_NEW_QUEUE + 1):
        queue.answers.put(gone)

    assert given_up.get(timeout=PATIENCE) is gone


def test_pauses_grow_up_to_a_limit_and_start_again_after_a_success():
    retries = receiver._Retries()

    assert [retries.failed() for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    retries.succeeded()
    assert retries.failed() == 0.2


def test_the_tag_that_shows_use_is_renewed(queue, delivered, monkeypatch):
    monkeypatch.setattr(receiver, "ALIVE_EVERY", 0.0)
    running = Receiver(queue, delivered.put, print)
    running.start()
    queue.put(body(1))
    delivered.get(timeout=PATIENCE)
    running.stop()

    assert queue.signs_of_life >= 1
