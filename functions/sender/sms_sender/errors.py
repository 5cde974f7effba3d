"""Everything that can go wrong with one SMS, told apart by what Lambda should do about it."""

from __future__ import annotations

from sms_sender.findings import Failure


class SenderError(Exception):
    """Base of the sender's own errors. Texts hold no code, no password and no SMS text."""


class SettingsError(SenderError):
    """Raised when the function's environment is incomplete or malformed: every event fails until it is mended."""


class UnshowableError(SenderError):
    """Raised when the SMS cannot be shown and a retry cannot mend it: the tester gets `failure` instead."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.failure = Failure(reason, hint)


class PassingError(SenderError):
    """Raised when a later try may work (throttled, timed out, 5xx): Lambda tries again, then keeps the event."""


class PublishError(SenderError):
    """Raised when the topic does not take the message: nobody can be told but through the failure queue."""
