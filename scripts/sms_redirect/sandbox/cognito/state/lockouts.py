"""Wrong passwords: after five, a user is locked out for a second, and twice as long after each one more.

At most about 15 minutes; attempts within that time count as none: DG/authentication, "Lockout behavior for failed
sign-in attempts".
"""

from __future__ import annotations

import threading

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.rules.limits import WRONG_PASSWORDS
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.errors import CognitoError

LONGEST = 15 * 60

User = tuple[str, str]


class Lockouts:
    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._failed: dict[User, tuple[int, float]] = {}  # wrong passwords in a row, and locked until
        self._lock = threading.Lock()

    def check(self, user: User) -> None:
        """Raises CognitoError while the user is locked out."""
        _, until = self._failed.get(user, (0, 0.0))
        if self._limits.enabled and self._clock.now() < until:
            raise CognitoError("NotAuthorizedException", "Password attempts exceeded")

    def failed(self, user: User) -> None:
        with self._lock:
            times = self._failed.get(user, (0, 0.0))[0] + 1
            seconds = min(2.0 ** (times - WRONG_PASSWORDS), LONGEST) if times >= WRONG_PASSWORDS else 0.0
            self._failed[user] = (times, self._clock.now() + seconds)

    def succeeded(self, user: User) -> None:
        self._failed.pop(user, None)
