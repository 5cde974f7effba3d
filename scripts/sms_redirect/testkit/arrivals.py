"""Matches arriving messages with waits: each goes to one matching wait, or is kept for a later one."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sms_redirect.messages.store import Entry, SmsStore

if TYPE_CHECKING:
    from sms_redirect.errors import SmsInboxError
    from sms_redirect.messages.document import Message
    from sms_redirect.testkit.filter import Filter


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """One wait. `result` becomes the message, or None if no more can arrive."""

    wanted: Filter
    since: datetime | None
    made_after: int  # the number of the last message that had arrived
    result: Future[Entry | None] = field(default_factory=Future)

    def accepts(self, entry: Entry) -> bool:
        return (self.since is None or entry.received_at >= self.since) and self.wanted.matches(entry.message)


class Arrivals:
    """Safe to call from any thread. The store drops duplicates, and the oldest messages when it is full."""

    def __init__(self, store: SmsStore | None = None) -> None:
        self._store = store or SmsStore()
        self._lock = threading.Lock()
        self._waits: list[Wait] = []  # oldest first
        self._taken: set[int] = set()  # numbers of the entries that a wait returned
        self._latest = 0
        self.ended: SmsInboxError | None = None  # why no more can arrive

    # ---- arrivals ----

    def add(self, message: Message) -> None:
        """Keep a message, and give it to a wait that matches."""
        with self._lock:
            entry = self._store.add(message)
            if entry is not None and entry.number == entry.revision:  # not a duplicate
                self._latest = entry.number
                self._offer(entry)

    def end(self, error: SmsInboxError) -> None:
        """No more can arrive: end every wait."""
        with self._lock:
            self.ended = self.ended or error
            for wait in self._waits:
                wait.result.set_result(None)
            self._waits.clear()

    # ---- waits ----

    def wait(self, wanted: Filter, since: datetime | None = None) -> Wait:
        """Wait for the first match that no other wait returned; the result may be there at once."""
        with self._lock:
            wait = Wait(wanted, since, self._latest)
            kept = (entry for entry in self.kept() if entry.number not in self._taken and wait.accepts(entry))
            if entry := next(kept, None):
                self._hand_out(wait, entry)
            elif self.ended:
                wait.result.set_result(None)
            else:
                self._waits.append(wait)
        return wait

    def withdraw(self, wait: Wait) -> Entry | None:
        """Stop waiting. Returns what arrived just then."""
        with self._lock:
            if wait in self._waits:
                self._waits.remove(wait)
            return wait.result.result() if wait.result.done() else None

    def put_back(self, entry: Entry) -> None:
        """A wait did not use its message after all: give it to another one."""
        with self._lock:
            self._taken.discard(entry.number)
            self._offer(entry)

    def kept(self) -> list[Entry]:
        """Everything that has arrived since the last `clear`, in order, including what waits returned."""
        return self._store.find()[::-1]

    def instead_of(self, wait: Wait) -> list[Entry]:
        """What arrived during a wait, and what arrived before it and no wait returned."""
        with self._lock:
            return [each for each in self.kept() if each.number > wait.made_after or each.number not in self._taken]

    def clear(self) -> None:
        """Forget what has arrived; late duplicates of it are dropped."""
        with self._lock:
            self._store.clear()
            self._taken.clear()

    def _offer(self, entry: Entry) -> None:
        """The wait with the most conditions gets it; of equal ones, the oldest."""
        matching = [wait for wait in self._waits if wait.accepts(entry)]
        if matching:
            chosen = max(matching, key=lambda wait: wait.wanted.conditions)
            self._waits.remove(chosen)
            self._hand_out(chosen, entry)

    def _hand_out(self, wait: Wait, entry: Entry) -> None:
        self._taken.add(entry.number)
        wait.result.set_result(entry)
