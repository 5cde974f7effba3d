"""Everything that can go wrong with one SMS, told apart by what Lambda should do about it."""

from __future__ import annotations

from sms_sender.findings import Failure


class SenderError(Exception):
    """Base of the sender's own errors. Texts hold no code, no password and no SMS text."""


class SettingsError(SenderError):
    """Raised when the function's environment is incomplete or malformed: every event fails until it is fixed."""


class UnshowableError(SenderError):
    """Raised when the SMS cannot be shown and no retry will change that: the tester gets `failure` instead."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.failure = Failure(reason, hint)


class TransientError(SenderError):
    """Raised when a retry may succeed (throttled, timed out, 5xx): Lambda retries, then keeps the event."""


class PublishError(SenderError):
    """Raised when the topic did not take the message: only the failure queue can tell anybody."""
