"""Counts what users may do only so often."""

from __future__ import annotations

import threading

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.rules.limits import PER_HOUR, WINDOW
from sms_redirect.sandbox.errors import CognitoError


class Limits:
    """Calls by operation and user within the last hour. With `enabled` False everything passes."""

    def __init__(self, clock: Clock, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._clock = clock
        self._calls: dict[tuple[str, tuple[str, str]], list[float]] = {}
        self._lock = threading.Lock()

    def count(self, operation: str, user: tuple[str, str]) -> None:
        """One more call.

        Raises:
            CognitoError: LimitExceededException.
        """
        if not self.enabled:
            return
        now = self._clock.now()
        with self._lock:
            recent = [at for at in self._calls.get((operation, user), ()) if now - at < WINDOW]
            if len(recent) >= PER_HOUR[operation]:
                raise CognitoError("LimitExceededException", "Attempt limit exceeded, please try after some time.")
            self._calls[operation, user] = [*recent, now]
