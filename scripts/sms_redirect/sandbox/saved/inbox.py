"""The inbox's messages in a state folder."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sms_redirect.messages.document import read
from sms_redirect.messages.sms import NotAnSms
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.saved.folder import StateError, StateFolder

logger = logging.getLogger(__name__)


@contextmanager
def kept_messages(store: SmsStore, folder: StateFolder) -> Iterator[None]:
    """Fill the store from the folder; while the context lasts, keep there what the store holds."""
    for document in folder.messages():
        try:
            store.add(read(document, warn=False))
        except NotAnSms:
            logger.warning("A saved message is not one that this version of sms-redirect writes; it was left out.")
    keeper = _Keeper(store, folder)
    with store.listening(keeper.keep_changes):
        yield


class _Keeper:
    """Writes what has changed since it last looked. Any thread may tell it to look."""

    def __init__(self, store: SmsStore, folder: StateFolder) -> None:
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()
        self._position: int | None = None  # None: the folder may hold more than the store took
        self.keep_changes()

    def keep_changes(self) -> None:
        with self._lock:
            changes = self._store.changes(self._position)
            try:
                if changes.reset:
                    self._folder.keep_only_messages(entry.message.id for entry in changes.entries)
                for entry in changes.entries:
                    self._folder.keep_message(entry.message.id, json.dumps(dict(entry.message.raw)).encode())
            except StateError:
                logger.exception("A message was shown but not saved.")  # it is written with the next change
                return
            self._position = changes.position
