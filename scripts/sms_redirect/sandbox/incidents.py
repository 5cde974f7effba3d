"""What went wrong with an SMS or an email before it reached the sender; the inbox shows it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from sms_sender.preview import Preview

logger = logging.getLogger(__name__)

KEPT = 1000


@dataclass(frozen=True, slots=True)
class Incident:
    """One message that reached nobody: who, what, why and what to do.

    `sms` is what the phone would have got from a pool without a custom sender; else None.
    """

    id: str
    at: float
    reason: str
    hint: str
    trigger_source: str
    user_pool_id: str
    user_name: str
    phone_number: str | None
    client_id: str | None
    sms: Preview | None = field(default=None, repr=False)
    email: str | None = None  # the address of an email; None: it was an SMS

    def document(self) -> dict[str, Any]:
        """In JSON types, the SMS as its `text` ("" if unknown) and `code`."""
        members = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "sms"}
        return members | {"text": self.sms.text if self.sms else "", "code": self.sms.code if self.sms else None}


class Incidents:
    """Keeps the newest incidents and tells those who listen (the inbox)."""

    def __init__(self) -> None:
        self._kept: deque[Incident] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Incident], None]] = []
        self._lock = threading.Lock()

    def listen(self, listener: Callable[[Incident], None]) -> None:
        with self._lock:
            self._listeners.append(listener)

    def report(self, incident: Incident) -> None:
        logger.warning(
            "%s for user %s: %s %s", incident.trigger_source, incident.user_name, incident.reason, incident.hint
        )
        with self._lock:
            self._kept.append(incident)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(incident)

    def all(self) -> list[Incident]:
        with self._lock:
            return list(self._kept)
