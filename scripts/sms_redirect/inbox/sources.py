"""What the inbox needs from the sandbox or the deployed stack behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PendingSubscription:
    """An address that receives nothing yet, because nobody has opened the link in its confirmation email."""

    endpoint: str
    confirm_url: str | None = field(repr=False)  # holds a token; None if only the address's owner knows it


@dataclass(frozen=True, slots=True)
class Email:
    """An email as a subscriber received it."""

    recipient: str
    sender: str
    subject: str
    body: str = field(repr=False)
    delivered_at: datetime  # aware


class Subscriptions(Protocol):
    def pending(self) -> Sequence[PendingSubscription]:
        """The subscriptions that nobody has confirmed yet. Called in a worker thread; may block."""


class EmailSource(Protocol):
    def emails(self, sms_id: str) -> Sequence[Email]:
        """The emails that carried this message, one for each subscriber. Called in a worker thread; may block."""
