"""A folder with one SQLite database: crash-safe, with one writer, and never overwritten if it is not understood."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

NAME = "sandbox.sqlite3"
# In the file's header: whose file it is ("SmsR"), and the version of its layout.
APPLICATION = 0x536D7352
VERSION = 1
SCHEMA = """
CREATE TABLE value (kind TEXT NOT NULL, key TEXT NOT NULL, json BLOB NOT NULL, PRIMARY KEY (kind, key)) STRICT;
CREATE TABLE message (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json BLOB NOT NULL) STRICT;
"""
Change = tuple[str, str, bytes | None]  # kind, key, JSON; None: removed


class StateError(Exception):
    """The folder cannot be used. The text says why and what to do; nothing in it was changed."""


class StateFolder:
    """Opened by one sandbox at a time. Any thread may call it.

    Raises:
        StateError: another sandbox has it, or it holds something that this version does not understand.
    """

    def __init__(self, path: Path) -> None:
        self._file = path / NAME
        self._lock = threading.Lock()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._database = self._opened()
        except OSError as error:
            raise StateError(f"The state folder {path} cannot be used: {error.strerror}.") from error
        except sqlite3.Error as error:
            raise StateError(self._explained(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Everything is in the file already; this lets the next sandbox have it."""
        with self._lock, suppress(sqlite3.Error):
            self._database.close()

    # ---- values ----

    def values(self, kind: str) -> list[bytes]:
        """The JSON of every value of a kind, in the order in which the values were first kept."""
        return [row[0] for row in self._rows("SELECT json FROM value WHERE kind = ? ORDER BY rowid", kind)]

    def keep(self, changes: Iterable[Change]) -> None:
        """All of them or, if that fails, none.

        Raises:
            StateError: the disk is full, or the file is gone.
        """
        with self._lock, self._explaining(), self._database:  # the last is a transaction
            for kind, key, json in changes:
                if json is None:
                    self._database.execute("DELETE FROM value WHERE kind = ? AND key = ?", (kind, key))
                else:
                    self._database.execute(
                        "INSERT INTO value VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json",
                        (kind, key, json),
                    )

    # ---- messages ----

    def messages(self) -> list[bytes]:
        """Oldest first."""
        return [row[0] for row in self._rows("SELECT json FROM message ORDER BY number")]

    def keep_message(self, id_: str, json: bytes) -> None:
        """In the place of the one with its id, if there is one."""
        with self._lock, self._explaining(), self._database:
            self._database.execute(
                "INSERT INTO message (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
                (id_, json),
            )

    def keep_only_messages(self, ids: Iterable[str]) -> None:
        """Remove every message but these."""
        with self._lock, self._explaining(), self._database:
            self._database.execute("CREATE TEMP TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY)")
            self._database.execute("DELETE FROM kept")
            self._database.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((id_,) for id_ in ids))
            self._database.execute("DELETE FROM message WHERE id NOT IN (SELECT id FROM kept)")

    def _rows(self, query: str, *parameters: object) -> list[tuple[bytes]]:
        with self._lock, self._explaining(), closing(self._database.execute(query, parameters)) as cursor:
            return cursor.fetchall()

    # ---- the file ----

    def _opened(self) -> sqlite3.Connection:
        is_new = not self._file.exists() or not self._file.stat().st_size
        if is_new:
            # SQLite gives its other files the mode of this one.
            os.close(os.open(self._file, os.O_CREAT | os.O_WRONLY, 0o600))
        database = sqlite3.connect(self._file, timeout=0, check_same_thread=False)
        try:
            # The lock is the process's, and taken by the first access; it ends with the process, however that ends.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            if is_new:
                self._make(database)
            self._check(database)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")  # in WAL mode: no damage by a crash of the machine either
        except BaseException:
            database.close()
            raise
        return database

    def _make(self, database: sqlite3.Connection) -> None:
        # One transaction with the header: a crash leaves an empty file or a whole one.
        database.executescript(
            f"BEGIN EXCLUSIVE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {SCHEMA} COMMIT;"
        )

    def _check(self, database: sqlite3.Connection) -> None:
        database.execute("BEGIN EXCLUSIVE")
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if application != APPLICATION:
            raise StateError(f"{self._file} is not the state of a sandbox. Choose another folder for --state.")
        if version > VERSION:
            raise StateError(
                f"{self._file} was written by a newer sms-redirect (layout {version}, this one knows {VERSION}). "
                "Use that version, or another folder."
            )
        found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise StateError(f"{self._file} is damaged ({found}). {_KEEP_AND_MOVE}")
        database.execute("COMMIT")

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StateError(self._explained(error)) from error

    def _explained(self, error: sqlite3.Error) -> str:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return (
                f"Another sandbox uses the state in {self._file.parent}. Stop it, or choose another folder for --state."
            )
        if isinstance(error, sqlite3.OperationalError):
            return f"The state in {self._file} cannot be used: {error}."
        return f"{self._file} is damaged, or is not the state of a sandbox ({error}). {_KEEP_AND_MOVE}"


_KEEP_AND_MOVE = "It was left as it is: move it away and start again, or choose another folder."
