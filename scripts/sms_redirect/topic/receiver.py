"""Reads a temporary queue in a thread, and passes on each SMS."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sms_redirect.errors import CannotReachAws, NotAuthenticated, QueueGone, SmsInboxError
from sms_redirect.messages.sms import NotAnSms, Sms
from sms_redirect.topic.queue import Received, TemporaryQueue

logger = logging.getLogger(__name__)

ALIVE_EVERY = 300.0  # seconds
FIRST_PAUSE = 0.2  # seconds; doubled with each consecutive failure
LONGEST_PAUSE = 5.0
STOP_TIMEOUT = 2.0
# SQS may not know a new queue everywhere for about a second (CreateQueue).
FAILURES_OF_A_NEW_QUEUE = 5
# So many in a row without a message, and without waiting for one: not SQS.
HOLLOW_RESPONSES = 3


@dataclass(slots=True)
class _Retries:
    """When to retry a failed read, and when to give up."""

    failures: int = 0  # consecutive
    is_new: bool = True  # nothing read yet

    def succeeded(self) -> None:
        self.failures, self.is_new = 0, False

    def failed(self) -> float:
        """Returns the seconds to pause."""
        self.failures += 1
        return min(FIRST_PAUSE * 2.0 ** (self.failures - 1), LONGEST_PAUSE)

    def may_retry(self, error: SmsInboxError) -> bool:
        young = self.is_new and self.failures < FAILURES_OF_A_NEW_QUEUE
        if isinstance(error, QueueGone):
            return young
        return isinstance(error, CannotReachAws) and not isinstance(error, NotAuthenticated)


class Receiver:
    """Calls `deliver` with each SMS, and `give_up` with the reason if no more can arrive; both in its own thread."""

    def __init__(
        self, queue: TemporaryQueue, deliver: Callable[[Sms], object], give_up: Callable[[SmsInboxError], object]
    ) -> None:
        self.foreign = 0  # messages on the topic that are not SMS
        self.trouble: str | None = None  # why the queue cannot be read at the moment
        self._queue = queue
        self._deliver = deliver
        self._give_up = give_up
        self._retries = _Retries()
        self._hollow = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"receiver of {queue.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread. If the queue cannot be woken, its last poll ends by itself: the thread is a daemon."""
        self._stopping.set()
        if self._thread.is_alive() and self._queue.wake():
            self._thread.join(STOP_TIMEOUT)

    def _run(self) -> None:
        renewal = time.monotonic() + ALIVE_EVERY
        while not self._stopping.is_set():
            if time.monotonic() >= renewal:
                self._queue.show_alive()
                renewal = time.monotonic() + ALIVE_EVERY
            try:
                self._read()
            except SmsInboxError as error:
                if self._stopping.is_set():
                    return
                if not self._retries.may_retry(error):
                    self._give_up(error)
                    return
                if self.trouble is None:
                    logger.warning("SMS cannot be read at the moment; retrying. %s", error)
                self.trouble = str(error)
                self._stopping.wait(self._retries.failed())
            except Exception as error:
                # The thread would end, and every wait run into its timeout without a reason.
                logger.exception("reading SMS ended")
                self._give_up(SmsInboxError(f"Reading SMS ended with a bug of sms-redirect ({type(error).__name__})."))
                return
            else:
                self._retries.succeeded()
                self.trouble = None

    def _read(self) -> None:
        started = time.monotonic()
        received = self._queue.receive()
        waited = time.monotonic() - started
        if self._stopping.is_set():
            return
        if self._take(received) or waited >= self._queue.poll / 2:
            self._hollow = 0
            return
        self._hollow += 1
        self._stopping.wait(FIRST_PAUSE)
        if self._hollow >= HOLLOW_RESPONSES:
            raise CannotReachAws(
                "The queue responds at once and without a message that can be deleted, so this is not Amazon SQS. A "
                "proxy or a login page may stand in between, or the endpoint (AWS_ENDPOINT_URL) is another server."
            )

    def _take(self, received: list[Received]) -> int:
        """Returns how many messages are done with."""
        for each in received:
            try:
                self._deliver(Sms.from_document(each.body, warn=False))
            except NotAnSms:
                self.foreign += 1
        return self._queue.acknowledge(received)
