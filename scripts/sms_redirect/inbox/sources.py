"""What the inbox needs from the sandbox or the deployed stack behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sms_redirect.gallery.pool import Pool
from sms_sender.flows import Kind


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


class SubscriptionSource(Protocol):
    def pending(self) -> Sequence[PendingSubscription]:
        """The subscriptions that nobody has confirmed yet. Called in a worker thread; may block."""


class EmailSource(Protocol):
    def emails(self, sms_id: str) -> Sequence[Email]:
        """The emails that carried this message, one for each subscriber. Called in a worker thread; may block."""


class Pools(Protocol):
    def pools(self) -> Sequence[Pool]:
        """The pools whose texts can be tried out. Called in a worker thread.

        Raises:
            SmsInboxError, GalleryError: they cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Triggered:
    """Who gets an SMS that was triggered: the made-up user of one real flow."""

    flow: str
    user_name: str
    phone_number: str


class TryOutError(Exception):
    """Raised when Cognito refuses a text or a flow, in its own words."""


class PoolWriter(Protocol):
    """Changes pools and makes up users: in a sandbox only. Called in worker threads."""

    def use_text(self, pool_id: str, kind: Kind, text: str) -> None:
        """Put a text into a pool; all other settings stay.

        Raises:
            TryOutError
        """

    def send(self, pool_id: str, occasion_id: str) -> Triggered:
        """Drive a flow that sends an SMS.

        Raises:
            TryOutError: also if this pool does not send it, with the settings that stop it.
        """
