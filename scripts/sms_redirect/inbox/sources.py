"""What the inbox's pages may ask of whoever runs them: the sandbox, or a deployed stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PendingSubscription:
    """An address that gets no SMS yet, because nobody followed the link in its confirmation mail."""

    endpoint: str
    confirm_url: str | None = field(repr=False)  # holds a token; None where only the mailbox's owner knows it


@dataclass(frozen=True, slots=True)
class Email:
    """A mail as a subscriber got it."""

    recipient: str
    sender: str
    subject: str
    body: str = field(repr=False)
    delivered_at: datetime  # aware


class Subscriptions(Protocol):
    def pending(self) -> Sequence[PendingSubscription]:
        """The subscriptions that wait for confirmation. Called in a worker thread; may take its time."""


class MailSource(Protocol):
    def emails(self, sms_id: str) -> Sequence[Email]:
        """The mails that carried this message, one for each subscriber. Called in a worker thread."""
