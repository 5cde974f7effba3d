"""What the inbox needs from the sandbox or the deployed stack behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

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


Outcome = Literal["sent", "repeated", "pending", "filtered", "suspended"]
"""Of an email: sent; not sent again for a publish of the same SMS; the address has not confirmed its subscription; the
subscription's filter policy leaves the SMS out; the address got too many and must confirm again."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a function logged."""

    at: datetime | None  # None if the line does not say
    level: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation of the sender."""

    started_at: datetime
    ended_at: datetime
    error: str | None  # None: it did not fail
    log: tuple[LogLine, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an SMS's email to one subscriber."""

    recipient: str
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Trail:
    """What a sandbox saw of one SMS. Times are aware, by this machine's clock; None: it did not happen, or unseen."""

    event_at: datetime | None
    function: str | None
    encrypted_at: datetime | None
    key_arn: str | None
    attempts: tuple[Attempt, ...]
    published_at: datetime | None
    deliveries: tuple[Delivery, ...]


class TrailSource(Protocol):
    def trail(self, sms_id: str) -> Trail | None:
        """What was seen of an SMS; None if nothing was, as of one of an earlier run. From any thread."""


@dataclass(frozen=True, slots=True)
class FaultState:
    """The next `times` of something go wrong as `mode` says; the mode "none" is no trouble."""

    mode: str
    times: int
    modes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class User:
    """A user of a pool."""

    user_name: str
    sub: str | None
    status: str  # Cognito's, such as CONFIRMED
    enabled: bool
    phone_number: str | None
    email: str | None
    created_at: datetime


class NotThere(Exception):  # noqa: N818 - says what is not there
    """Raised for a pool or a user that does not exist. The text says which."""


FaultName = Literal["sender", "user-pools"]


class Controls(Protocol):
    """A sandbox's time and trouble, and its users. Called in worker threads."""

    def now(self) -> datetime: ...

    def ahead(self) -> float:
        """Seconds by which the sandbox's clock is ahead of this machine's."""

    def advance(self, seconds: float) -> None: ...

    def limits(self) -> bool:
        """Whether attempts are limited."""

    def limit(self, *, enabled: bool) -> None: ...

    def fault(self, name: FaultName) -> FaultState: ...

    def set_fault(self, name: FaultName, mode: str, times: int) -> None: ...

    def users(self, pool_id: str) -> Sequence[User]:
        """The users of a pool, newest first. Raises NotThere."""

    def delete_user(self, pool_id: str, user_name: str) -> None:
        """Raises NotThere."""


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
