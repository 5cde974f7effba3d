"""Tables of frozen values in memory, with indices; a transaction is all or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

V = TypeVar("V")
Key = Hashable
IndexOf = Callable[[Any], Iterable[Hashable]]


class TakenError(Exception):
    """There is a value of that key already."""


class Journal(Protocol):
    """Where changes go that shall outlive the process. `value` None: the key was removed."""

    def write(self, changes: list[tuple[str, Key, Any]]) -> None:
        """Keep one transaction's changes, all or none: (kind, key, value) in order."""


class Transactions:
    """One lock for all tables. The outermost transaction writes the journal, or undoes everything if it fails.

    A transaction never waits for anything but the lock: no `await` inside one.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal
        self._lock = threading.RLock()
        self._depth = 0
        self._undo: list[Callable[[], None]] = []
        self._changes: list[tuple[str, Key, Any]] = []

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            self._depth += 1
            try:
                yield
                if self._depth == 1 and self.journal is not None and self._changes:
                    self.journal.write(self._changes)
            except BaseException:
                if self._depth == 1:
                    for undo in reversed(self._undo):
                        undo()
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._undo, self._changes = [], []

    def changed(self, kind: str, key: Key, value: Any, undo: Callable[[], None]) -> None:
        self._undo.append(undo)
        if self.journal is not None:
            self._changes.append((kind, key, value))


class Table(Generic[V]):
    """Values by key, in the order in which they were added. `indices` find them by something else."""

    def __init__(
        self,
        kind: str,
        key: Callable[[V], Key],
        transactions: Transactions,
        indices: Mapping[str, IndexOf] | None = None,
    ) -> None:
        self.kind = kind
        self._key = key
        self._transactions = transactions
        self._values: dict[Key, V] = {}
        self._indices: dict[str, tuple[IndexOf, dict[Hashable, dict[Key, None]]]] = {
            name: (of, {}) for name, of in (indices or {}).items()
        }

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> V | None:
        return self._values.get(key)

    def all(self) -> list[V]:
        with self._transactions():
            return list(self._values.values())

    def where(self, index: str, wanted: Hashable) -> list[V]:
        """The values of that index, in the order in which they were added."""
        with self._transactions():
            keys = self._indices[index][1].get(wanted, ())
            return [self._values[key] for key in keys]

    def count(self, index: str, wanted: Hashable) -> int:
        return len(self._indices[index][1].get(wanted, ()))

    def add(self, value: V) -> V:
        """Raises TakenError if the key is in use."""
        with self._transactions():
            if self._key(value) in self._values:
                raise TakenError(self.kind)
            return self.put(value)

    def put(self, value: V) -> V:
        """Add the value, or put it in the place of the one with its key."""
        with self._transactions():
            key = self._key(value)
            before = self._set(key, value)
            self._transactions.changed(self.kind, key, value, lambda: self._restore(key, before))
            return value

    def change(self, key: Key, change: Callable[[V], V]) -> V | None:
        """Put `change(current)` in the place of the current value. None if there is none (any more)."""
        with self._transactions():
            current = self._values.get(key)
            return None if current is None else self.put(change(current))

    def remove(self, key: Key) -> V | None:
        """The value that was removed: of several who remove it at once, one gets it."""
        with self._transactions():
            before = self._unset(key)
            if before is not None:
                self._transactions.changed(self.kind, key, None, lambda: self._restore(key, before))
            return before

    def remove_where(self, index: str, wanted: Hashable) -> None:
        with self._transactions():
            for key in list(self._indices[index][1].get(wanted, ())):
                self.remove(key)

    def remove_if(self, condition: Callable[[V], bool]) -> None:
        with self._transactions():
            for key in [key for key, value in self._values.items() if condition(value)]:
                self.remove(key)

    def load(self, values: Iterable[V]) -> None:
        """Take over values that are in the journal already."""
        with self._transactions():
            for value in values:
                self._set(self._key(value), value)

    def _set(self, key: Key, value: V) -> V | None:
        before = self._values.get(key)
        self._values[key] = value
        for of, entries in self._indices.values():
            old = tuple(of(before)) if before is not None else ()
            new = tuple(of(value))
            if old == new:
                continue
            _forget(entries, old, key)
            for entry in new:
                entries.setdefault(entry, {})[key] = None
        return before

    def _unset(self, key: Key) -> V | None:
        before = self._values.pop(key, None)
        if before is not None:
            for of, entries in self._indices.values():
                _forget(entries, of(before), key)
        return before

    def _restore(self, key: Key, before: V | None) -> None:
        if before is None:
            self._unset(key)
        else:
            self._set(key, before)


def _forget(entries: dict[Hashable, dict[Key, None]], of: Iterable[Hashable], key: Key) -> None:
    for entry in of:
        keys = entries.get(entry)
        if keys is not None:
            keys.pop(key, None)
            if not keys:
                del entries[entry]
