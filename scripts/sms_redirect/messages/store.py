"""Keeps the messages of one run in memory: adds, finds, waits. Safe for any thread and any event loop."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sms_redirect.messages.query import Query

if TYPE_CHECKING:
    from sms_redirect.messages.document import Message

LIMIT = 10_000  # messages; about 40 MB
REMEMBERED = 10_000  # ids of removed messages
EVERYTHING = 0  # the position before the first message


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in the inbox.

    Positions come from one counter that each change of the store moves on: `number` is the arrival's, `revision` the
    latest change's (a duplicate arrived).
    """

    message: Message
    number: int
    revision: int
    copies: int  # deliveries so far; more than one: duplicates came
    received_at: datetime  # aware, UTC, by this machine's clock


@dataclass(frozen=True, slots=True)
class StoreState:
    """How full the store is, and its latest position as a cursor for `SmsStore.position`."""

    kept: int
    limit: int
    dropped: int  # oldest messages that made room for new ones
    cursor: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after a position: with `reset` the whole list did (some deleted, or another run's cursor)."""

    entries: tuple[Entry, ...]  # in the order of their changes
    reset: bool
    position: int  # where to go on


class SmsStore:
    """At most `limit` messages, SMS and a sandbox's emails: the oldest are dropped first, and counted."""

    def __init__(self, limit: int = LIMIT, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        if limit < 1:
            raise ValueError(f"The inbox must hold at least one message, not {limit}.")
        self._limit = limit
        self._clock = clock
        # A cursor names the run that made it: positions start over in a restarted inbox.
        self._epoch = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Entry] = OrderedDict()  # by id, in the order of arrival
        self._changed: OrderedDict[str, None] = OrderedDict()  # ids, in the order of their latest change
        self._gone: OrderedDict[str, bool] = OrderedDict()  # ids of removed messages, and whether they were failures
        self._position = EVERYTHING
        self._cleared = EVERYTHING
        self._dropped = 0
        self._listeners: set[Callable[[], None]] = set()

    # ---- adding and removing ----

    def add(self, message: Message) -> Entry | None:
        """Keep a message; a duplicate is counted instead (see `Entry.copies`).

        A message replaces a failure with its id and counts as a new arrival: a retry succeeded.
        Returns None for a late duplicate of a message that was removed: it must not come back.
        """
        with self._lock:
            known = self._entries.get(message.id)
            if known is None and self._is_gone(message):
                return None
            self._position += 1
            if known is None or (known.message.failure is not None and message.failure is None):
                entry = self._arrival(message, known)
            else:
                entry = replace(known, revision=self._position, copies=known.copies + 1)
                self._entries[message.id] = entry
            self._changed[message.id] = None
            self._changed.move_to_end(message.id)
            self._drop_oldest()
        self._notify()
        return entry

    def clear(self) -> int:
        """Remove every message; returns how many there were."""
        with self._lock:
            removed = len(self._entries)
            for entry in self._entries.values():
                self._forget(entry.message)
            self._entries.clear()
            self._changed.clear()
            self._dropped = 0
            self._position += 1
            self._cleared = self._position
        self._notify()
        return removed

    def remove(self, query: Query) -> int:
        """Remove the messages that match; returns how many there were. Late duplicates of them stay away."""
        with self._lock:
            matching = [entry.message for entry in self._entries.values() if query.matches(entry.message)]
            for message in matching:
                self._forget(message)
                del self._entries[message.id]
                del self._changed[message.id]
            if matching:
                self._position += 1
                self._cleared = self._position  # who follows the changes has to look at the whole list again
        if matching:
            self._notify()
        return len(matching)

    def _arrival(self, message: Message, failed: Entry | None) -> Entry:
        copies = failed.copies + 1 if failed else 1
        entry = Entry(message, self._position, self._position, copies, self._clock())
        self._entries[message.id] = entry
        self._entries.move_to_end(message.id)
        return entry

    def _drop_oldest(self) -> None:
        while len(self._entries) > self._limit:
            identity, entry = self._entries.popitem(last=False)
            del self._changed[identity]
            self._forget(entry.message)
            self._dropped += 1

    def _forget(self, message: Message) -> None:
        self._gone[message.id] = message.failure is not None
        while len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)

    def _is_gone(self, message: Message) -> bool:
        was_failure = self._gone.get(message.id)
        return was_failure is not None and not (was_failure and message.failure is None)

    # ---- finding ----

    @property
    def state(self) -> StoreState:
        with self._lock:
            return StoreState(len(self._entries), self._limit, self._dropped, self.cursor(self._position))

    def cursor(self, position: int) -> str:
        """A position in a form that later runs do not mistake for their own."""
        return f"{self._epoch}-{position}"

    def position(self, cursor: str) -> int | None:
        """The position that a cursor stands for, or None if it is invalid or from another run."""
        epoch, _, number = cursor.partition("-")
        return int(number) if epoch == self._epoch and number.isascii() and number.isdecimal() else None

    def get(self, identity: str) -> Entry | None:
        with self._lock:
            return self._entries.get(identity)

    def find(self, query: Query | None = None, *, after: int | datetime = EVERYTHING) -> list[Entry]:
        """The matching messages, newest arrival first; `after` is a position, or a time of receipt (inclusive)."""
        wanted = query or Query()
        since = after if isinstance(after, int) else EVERYTHING
        with self._lock:
            arrived = list(itertools.takewhile(lambda entry: entry.number > since, reversed(self._entries.values())))
        return [entry for entry in arrived if _is_after(entry, after) and wanted.matches(entry.message)]

    def next(self, query: Query, *, after: int | datetime | None = None) -> Entry | None:
        """The first match after a position or time, so that callers walk on from it; without one, the latest match."""
        found = self.find(query, after=EVERYTHING if after is None else after)
        return (found[0] if after is None else found[-1]) if found else None

    def changes(self, after: int | None) -> Changes:
        """What changed after a position; None is the position of another run."""
        with self._lock:
            if after is None or after < self._cleared or after > self._position:
                latest = tuple(self._entries[identity] for identity in self._changed)
                return Changes(latest, reset=True, position=self._position)
            recent: list[Entry] = []
            for identity in reversed(self._changed):
                if self._entries[identity].revision <= after:
                    break
                recent.append(self._entries[identity])
            return Changes(tuple(reversed(recent)), reset=False, position=self._position)

    # ---- waiting ----

    def wait(self, query: Query, *, after: int | datetime | None = None, timeout: float) -> Entry | None:
        """As `next`, waiting up to `timeout` seconds for a message to arrive."""
        end = time.monotonic() + timeout
        changed = threading.Event()
        with self.listening(changed.set):
            attempts = self._attempts(query, after)
            while (found := next(attempts)) is None:
                if not changed.wait(max(0.0, end - time.monotonic())):
                    return None
                changed.clear()
            return found

    async def wait_async(
        self,
        query: Query,
        *,
        after: int | datetime | None = None,
        timeout: float,  # noqa: ASYNC109 - the same call as `wait`
    ) -> Entry | None:
        """As `wait`, without blocking the event loop."""
        with self._ringing() as changed:
            attempts = self._attempts(query, after)
            try:
                async with asyncio.timeout(timeout):
                    while (found := next(attempts)) is None:
                        await changed.wait()
                        changed.clear()
                    return found
            except TimeoutError:
                return None

    def _attempts(self, query: Query, after: int | datetime | None) -> Iterator[Entry | None]:
        """Look again and again, each time only at what arrived since, so that waiting is cheap in a full inbox."""
        seen = self._position
        yield self.next(query, after=after)
        while True:
            looked_until, seen = seen, self._position
            found = [
                entry for entry in self.find(query, after=looked_until) if after is None or _is_after(entry, after)
            ]
            yield found[-1] if found else None

    async def changes_async(self, after: int | None) -> Changes:
        """As `changes`, once there is one."""
        with self._ringing() as changed:
            while True:
                found = self.changes(after)
                if found.reset or found.entries:
                    return found
                await changed.wait()
                changed.clear()

    @contextmanager
    def listening(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call back after every change, in the thread that makes it, while the context lasts."""
        with self._lock:
            self._listeners.add(callback)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.discard(callback)

    @contextmanager
    def _ringing(self) -> Iterator[asyncio.Event]:
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def ring() -> None:
            try:
                loop.call_soon_threadsafe(changed.set)
            except RuntimeError:
                # The loop ended between the change and the call: nobody is waiting.
                return

        with self.listening(ring):
            yield changed

    def _notify(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()


def _is_after(entry: Entry, after: int | datetime) -> bool:
    return entry.received_at >= after if isinstance(after, datetime) else entry.number > after
