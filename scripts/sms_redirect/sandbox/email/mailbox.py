"""The mails of this run, in memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Literal

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its recipient gets it. `sms_id` is the id of the message document that caused it, if one did."""

    to: str
    sender: str
    subject: str
    body: str = field(repr=False)
    sent_at: datetime
    kind: Literal["confirmation", "notification"]
    topic_arn: str
    subscription_arn: str
    sms_id: str | None = None


class Mailbox:
    """Newest mails last; the oldest go first when it is full. Any thread may use it."""

    def __init__(self) -> None:
        self._mails: deque[Mail] = deque(maxlen=KEPT)
        self._count = 0
        self._arrived = threading.Condition()

    def add(self, mail: Mail) -> None:
        with self._arrived:
            self._mails.append(mail)
            self._count += 1
            self._arrived.notify_all()

    def all(self) -> list[Mail]:
        with self._arrived:
            return list(self._mails)

    @property
    def count(self) -> int:
        """How many came so far, those that are gone included: a position for `wait_for`."""
        with self._arrived:
            return self._count

    def wait_for(self, wanted: Callable[[Mail], bool], *, after: int = 0, timeout: float) -> Mail | None:
        """The first mail after a position that is wanted, or None when none came in time (seconds)."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._find(wanted, after) is not None, timeout)
            return self._find(wanted, after)

    def _find(self, wanted: Callable[[Mail], bool], after: int) -> Mail | None:
        gone = self._count - len(self._mails)
        return next((mail for mail in islice(self._mails, max(0, after - gone), None) if wanted(mail)), None)
