"""How often a user may ask for a code or try one, within an hour."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from types import MappingProxyType

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.errors import CognitoError

WINDOW = 3600.0

# Calls per user and hour: the developer guide's quotas page (2023). It gives ConfirmForgotPassword as 5 to 20, by risk.
PER_HOUR: Mapping[str, int] = MappingProxyType(
    {
        "ResendConfirmationCode": 5,
        "GetUserAttributeVerificationCode": 5,
        "ConfirmSignUp": 15,
        "VerifyUserAttribute": 15,
        "ConfirmForgotPassword": 5,
    }
)


class Limits:
    """Counts calls by operation and user. `enabled=False` lets everything pass."""

    def __init__(self, clock: Clock, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._clock = clock
        self._calls: defaultdict[tuple[str, tuple[str, str]], deque[float]] = defaultdict(deque)

    def count(self, operation: str, user: tuple[str, str]) -> None:
        """One more call.

        Raises:
            CognitoError: LimitExceededException.
        """
        if not self.enabled:
            return
        calls, now = self._calls[operation, user], self._clock.now()
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        if len(calls) >= PER_HOUR[operation]:
            raise CognitoError("LimitExceededException", "Attempt limit exceeded, please try after some time.")
        calls.append(now)
