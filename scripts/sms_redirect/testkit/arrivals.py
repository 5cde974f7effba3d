"""What has arrived, and who waits for what: each message goes to one of those who wait, or is kept for the next."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sms_redirect.messages.store import Entry, SmsStore

if TYPE_CHECKING:
    from sms_redirect.errors import SmsInboxError
    from sms_redirect.messages.sms import Sms
    from sms_redirect.testkit.filter import Filter


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Somebody waits. `answer` becomes the message, or None when nothing will ever arrive again."""

    wanted: Filter
    since: datetime | None
    made_after: int  # the number of the last message that had come
    answer: Future[Entry | None] = field(default_factory=Future)

    def accepts(self, entry: Entry) -> bool:
        return (self.since is None or entry.received_at >= self.since) and self.wanted.matches(entry.sms)


class Arrivals:
    """Any thread may call it. The store drops duplicates, and the oldest of too many messages."""

    def __init__(self, store: SmsStore | None = None) -> None:
        self._store = store or SmsStore()
        self._lock = threading.Lock()
        self._requests: list[Request] = []  # in the order in which they were made
        self._taken: set[int] = set()  # numbers of the entries that were handed out
        self._latest = 0
        self.ended: SmsInboxError | None = None  # why nothing arrives any more

    # ---- what comes in ----

    def add(self, sms: Sms) -> None:
        """Keep a message, and hand it to one who waits for it."""
        with self._lock:
            entry = self._store.add(sms)
            if entry is not None and entry.number == entry.revision:  # no duplicate
                self._latest = entry.number
                self._offer(entry)

    def end(self, error: SmsInboxError) -> None:
        """Nothing arrives any more: nobody needs to wait."""
        with self._lock:
            self.ended = self.ended or error
            for request in self._requests:
                request.answer.set_result(None)
            self._requests.clear()

    # ---- what goes out ----

    def request(self, wanted: Filter, since: datetime | None = None) -> Request:
        """Ask for the first match that was not handed out yet; the answer may be there at once."""
        with self._lock:
            request = Request(wanted, since, self._latest)
            kept = (entry for entry in self.kept() if entry.number not in self._taken and request.accepts(entry))
            if entry := next(kept, None):
                self._hand_out(request, entry)
            elif self.ended:
                request.answer.set_result(None)
            else:
                self._requests.append(request)
        return request

    def withdraw(self, request: Request) -> Entry | None:
        """Stop waiting. Answers what came just then."""
        with self._lock:
            if request in self._requests:
                self._requests.remove(request)
            return request.answer.result() if request.answer.done() else None

    def give_back(self, entry: Entry) -> None:
        """A message that was handed out was of no use after all: it is for whoever waits or asks next."""
        with self._lock:
            self._taken.discard(entry.number)
            self._offer(entry)

    def kept(self) -> list[Entry]:
        """Everything that came since the last `clear`, in the order of arrival, also what was handed out."""
        return self._store.find()[::-1]

    def instead_of(self, request: Request) -> list[Entry]:
        """What else is there: what came since the request was made, and what nobody asked for before."""
        with self._lock:
            return [each for each in self.kept() if each.number > request.made_after or each.number not in self._taken]

    def clear(self) -> None:
        """Forget what came so far, for those who ask as well; late duplicates of it do not come back."""
        with self._lock:
            self._store.clear()
            self._taken.clear()

    def _offer(self, entry: Entry) -> None:
        """The most particular request goes first, of equal ones the oldest."""
        fitting = [request for request in self._requests if request.accepts(entry)]
        if fitting:
            chosen = max(fitting, key=lambda request: request.wanted.conditions)
            self._requests.remove(chosen)
            self._hand_out(chosen, entry)

    def _hand_out(self, request: Request, entry: Entry) -> None:
        self._taken.add(entry.number)
        request.answer.set_result(entry)
