"""The user pools service's values in a state folder: a journal of its transactions, and the way back."""

from __future__ import annotations

from typing import Any

import msgspec

from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Domain, Group, Pool, ResourceServer, SigningKey
from sms_redirect.sandbox.cognito.values.sign_in import Code, Grant, Session
from sms_redirect.sandbox.cognito.values.user import Device, User
from sms_redirect.sandbox.saved.folder import StateError, StateFolder

TYPES: dict[str, Any] = {
    "pool": Pool,
    "signing-key": SigningKey,
    "client": Client,
    "group": Group,
    "domain": Domain,
    "resource-server": ResourceServer,
    "user": User,
    "device": Device,
    "code": Code,
    "session": Session,
    "grant": Grant,
}


class FolderJournal:
    """Writes each transaction of a store into the folder before it counts."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder

    def write(self, changes: list[tuple[str, Any, Any]]) -> None:
        """Raises StateError; the store then undoes the transaction."""
        # Of several changes of one value only the last counts.
        last = {(kind, msgspec.json.encode(key).decode()): value for kind, key, value in changes}
        self._folder.keep(
            (kind, key, None if value is None else msgspec.json.encode(value)) for (kind, key), value in last.items()
        )


def store_in(folder: StateFolder) -> Store:
    """A store with what the folder holds, which keeps its changes there.

    Raises:
        StateError: a value is not what this version writes.
    """
    store = Store(FolderJournal(folder))
    for kind, table in store.tables().items():
        try:
            table.load(msgspec.json.decode(json, type=TYPES[kind]) for json in folder.values(kind))
        except (msgspec.MsgspecError, KeyError) as error:
            # Without the cause: it may quote the value.
            raise StateError(
                f"The saved {kind} values are not what this version of sms-redirect writes ({type(error).__name__}). "
                "They were left as they are: use the version that wrote them, or another folder for --state."
            ) from None
    return store
