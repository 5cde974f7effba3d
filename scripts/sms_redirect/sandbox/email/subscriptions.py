"""The state of each email subscription: pending, confirmed, suspended, removed.

Times are in seconds by the sandbox's clock. Rules: SNS developer guide, sns-email-notifications, and API reference,
ConfirmSubscription and Unsubscribe; see docs/cognito-facts.md, "SNS email".
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sms_redirect.sandbox.clock import Clock

DAY = 24 * 3600
TOKEN_VALID = 2 * DAY
PENDING_KEPT = 3 * DAY
SUSPENDED_KEPT = 2 * DAY
PER_SECOND = 10


@dataclass(slots=True)
class SubscriptionState:
    """What SNS knows about an email subscription besides its attributes. `tokens`: when each was sent."""

    pending_since: float
    kept_for: float
    tokens: dict[str, float] = field(default_factory=dict, repr=False)
    confirmed: bool = False
    only_signed_unsubscribe: bool = False
    recent: deque[float] = field(default_factory=deque, repr=False)


class Subscriptions:
    """Every email subscription of the run, by ARN. Any thread may use it.

    `limited`: whether the limit of ten messages a second applies.
    """

    def __init__(self, clock: Clock, *, limited: Callable[[], bool]) -> None:
        self._limited = limited
        self._clock = clock
        self._states: dict[str, SubscriptionState] = {}
        self._lock = threading.RLock()

    def hold(self, arn: str, kept_for: float = PENDING_KEPT) -> str:
        """Make it pending from now on, whatever its state; returns the token for its link."""
        with self._lock:
            self._states[arn] = SubscriptionState(self._clock.now(), kept_for)
            return self._new_token(arn)

    def hold_new(self, arn: str) -> str | None:
        """Make it pending if it is not known yet, else None: two threads may find the same new subscription."""
        with self._lock:
            return None if arn in self._states else self.hold(arn)

    def renew(self, arn: str) -> str:
        """Another token for one that is still pending, which starts to wait again. Earlier ones stay valid."""
        with self._lock:
            state = self._states[arn]
            state.pending_since, state.kept_for = self._clock.now(), PENDING_KEPT
            return self._new_token(arn)

    def _new_token(self, arn: str) -> str:
        token = secrets.token_hex(32)
        self._states[arn].tokens[token] = self._clock.now()
        return token

    def confirm(self, topic_arn: str, token: str, *, only_signed_unsubscribe: bool = False) -> str | None:
        """The ARN of the subscription that a token confirms, or None: the token is unknown or too old.

        A second visit of the link changes nothing: it must not take the protection of the first away.
        """
        with self._lock:
            arn = self._arn_of(topic_arn, token)
            if arn is None:
                return None
            state = self._states[arn]
            if not state.confirmed:
                state.confirmed, state.only_signed_unsubscribe = True, only_signed_unsubscribe
            return arn

    def _arn_of(self, topic_arn: str, token: str) -> str | None:
        now, presented = self._clock.now(), token.encode()
        for arn, state in self._states.items():
            if arn.rpartition(":")[0] != topic_arn:
                continue
            for valid, since in state.tokens.items():
                if secrets.compare_digest(valid.encode(), presented) and now - since <= TOKEN_VALID:
                    return arn
        return None

    def is_confirmed(self, arn: str) -> bool:
        with self._lock:
            state = self._states.get(arn)
            return state is not None and state.confirmed

    def is_pending(self, arn: str) -> bool:
        with self._lock:
            state = self._states.get(arn)
            return state is not None and not state.confirmed

    def needs_signature(self, arn: str) -> bool:
        """Whether it was confirmed with `AuthenticateOnUnsubscribe`: the link in its emails then has no effect."""
        with self._lock:
            state = self._states.get(arn)
            return state is not None and state.only_signed_unsubscribe

    def exceeds_rate(self, arn: str) -> bool:
        """Count one message; True when it is one too many within a second."""
        with self._lock:
            if not self._limited():
                return False
            now, recent = self._clock.now(), self._states[arn].recent
            while recent and now - recent[0] >= 1:
                recent.popleft()
            recent.append(now)
            return len(recent) > PER_SECOND

    def take_expired(self) -> list[str]:
        """The ARNs that were pending for too long; they are forgotten."""
        with self._lock:
            now = self._clock.now()
            expired = [
                arn
                for arn, state in self._states.items()
                if not state.confirmed and now - state.pending_since > state.kept_for
            ]
            for arn in expired:
                del self._states[arn]
            return expired

    def forget(self, arn: str) -> None:
        with self._lock:
            self._states.pop(arn, None)

    def pending(self) -> dict[str, str]:
        """Those that wait for their link: ARN to the newest token."""
        with self._lock:
            return {arn: list(each.tokens)[-1] for arn, each in self._states.items() if not each.confirmed}
