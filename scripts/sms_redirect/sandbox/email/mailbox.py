"""The emails of this run, in memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Literal

KEPT = 20_000
ADDRESS = "no-reply@sns.amazonaws.com"
DEFAULT_SENDER = "AWS Notifications"

Kind = Literal["confirmation", "notification", "cancellation", "user-pool"]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its recipient gets it.

    `message_id` is that of the published message, None for SNS's own mails. `sms_id` is the id of the message document
    that was published, if it was one.
    """

    to: str
    sender_name: str
    subject: str
    body: str = field(repr=False)
    sent_at: datetime
    kind: Kind
    topic_arn: str
    subscription_arn: str
    message_id: str | None = None
    sms_id: str | None = None
    sender_address: str = ADDRESS

    @property
    def sender(self) -> str:
        """The From line, for people."""
        return f"{self.sender_name} <{self.sender_address}>" if self.sender_name else self.sender_address

    def as_document(self) -> dict[str, Any]:
        """For programs: JSON values only."""
        return {
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "body": self.body,
            "sent_at": self.sent_at.isoformat(),
            "kind": self.kind,
            "topic_arn": self.topic_arn,
            "subscription_arn": self.subscription_arn,
            "message_id": self.message_id,
            "sms_id": self.sms_id,
        }


class Mailbox:
    """Newest mails last; the oldest go first when it is full. Any thread may use it."""

    def __init__(self, kept: int = KEPT) -> None:
        self._mails: deque[Mail] = deque(maxlen=kept)
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

    def last_to(self, address: str) -> Mail | None:
        with self._arrived:
            return next((mail for mail in reversed(self._mails) if mail.to == address), None)

    @property
    def count(self) -> int:
        """How many came so far, those that are gone included: a position for `wait_for`."""
        with self._arrived:
            return self._count

    def wait_for(self, wanted: Callable[[Mail], bool], *, after: int = 0, timeout: float) -> Mail | None:
        """The first mail after a position that is wanted, or None when none came in time (seconds)."""
        found: Mail | None = None
        position = after

        def arrived() -> bool:
            nonlocal found, position
            found = next(filter(wanted, self._since(position)), None)
            position = self._count  # a mail that is not wanted is looked at once
            return found is not None

        with self._arrived:
            self._arrived.wait_for(arrived, timeout)
        return found

    def _since(self, position: int) -> Iterator[Mail]:
        gone = self._count - len(self._mails)
        return islice(self._mails, max(0, position - gone), None)
