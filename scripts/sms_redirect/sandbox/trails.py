"""What happened to each SMS on its way, for the inbox: told by those who saw it, kept by the SMS's id."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sms_redirect.inbox.sources import Attempt, Delivery, Outcome, Trail

KEPT = 10_000  # as many as the inbox holds


@dataclass(slots=True)
class _Record:
    event_at: datetime | None = None
    function: str | None = None
    encrypted_at: datetime | None = None
    key_arn: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    published_at: datetime | None = None
    deliveries: list[Delivery] = field(default_factory=list)

    def trail(self) -> Trail:
        return Trail(
            event_at=self.event_at,
            function=self.function,
            encrypted_at=self.encrypted_at,
            key_arn=self.key_arn,
            attempts=tuple(self.attempts),
            published_at=self.published_at,
            deliveries=tuple(self.deliveries),
        )


class Trails:
    """By this machine's clock, as the sender dates its messages, whatever the sandbox's clock says. Thread-safe."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, function_arn: str) -> Event:
        """Cognito has made an event for a function. The id of its SMS may not be known yet."""
        return Event(self, _Record(event_at=now(), function=function_arn.rpartition(":")[2]))

    def published(self, sms_id: str) -> None:
        with self._record(sms_id) as record:
            record.published_at = record.published_at or now()

    def delivered(self, sms_id: str, recipient: str, outcome: Outcome) -> None:
        """What became of the email to one subscriber."""
        with self._record(sms_id) as record:
            record.deliveries.append(Delivery(recipient, outcome, now()))

    def trail(self, sms_id: str) -> Trail | None:
        with self._lock:
            record = self._records.get(sms_id)
            return record.trail() if record else None

    def adopt(self, sms_id: str, record: _Record) -> None:
        """Keep an event's record under the id of its SMS; what was published under its id before belongs to it."""
        with self._record(sms_id) as known:
            if known is not record:
                record.published_at, record.deliveries = known.published_at, known.deliveries
                self._records[sms_id] = record

    @contextmanager
    def _record(self, sms_id: str) -> Iterator[_Record]:
        with self._lock:
            record = self._records.setdefault(sms_id, _Record())
            yield record
            while len(self._records) > KEPT:
                self._records.popitem(last=False)


class Event:
    """One event on its way to the sender."""

    def __init__(self, trails: Trails, record: _Record) -> None:
        self._trails = trails
        self._record = record

    def is_of(self, sms_id: str) -> None:
        """The id that the inbox has for it."""
        self._trails.adopt(sms_id, self._record)

    def encrypted(self, key_arn: str) -> None:
        self._record.encrypted_at, self._record.key_arn = now(), key_arn

    def tried(self, attempt: Attempt) -> None:
        self._record.attempts.append(attempt)


def now() -> datetime:
    return datetime.now(UTC)
