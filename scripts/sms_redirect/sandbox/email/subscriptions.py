"""Where each email subscription stands: pending, confirmed, flooded, gone. Times in seconds of the sandbox's clock.

Rules: SNS developer guide, sns-email-notifications, and its API reference.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from dataclasses import dataclass, field

from sms_redirect.sandbox import emulator_sns
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.emulator_sns import Subscription

PROTOCOLS = ("email", "email-json")
DAY = 24 * 3600
TOKEN_VALID = 2 * DAY
PENDING_KEPT = 3 * DAY
FLOODED_KEPT = 2 * DAY
PER_SECOND = 10


@dataclass(slots=True)
class Standing:
    """What SNS knows of a subscription beside what the emulator keeps."""

    token: str = field(repr=False)
    pending_since: float
    kept_for: float = PENDING_KEPT
    only_signed_unsubscribe: bool = False
    recent: deque[float] = field(default_factory=deque, repr=False)


class Subscriptions:
    """Every email subscription of the run. `limits=False` switches the rule of ten messages a second off."""

    def __init__(self, clock: Clock, *, limits: bool) -> None:
        self.limits = limits
        self._clock = clock
        self._standings: dict[str, Standing] = {}
        self._lock = threading.RLock()

    def hold(self, subscription: Subscription, kept_for: float = PENDING_KEPT) -> Standing:
        """Make it pending, with a new token."""
        with self._lock:
            standing = Standing(secrets.token_hex(32), self._clock.now(), kept_for)
            self._standings[subscription["arn"]] = standing
            emulator_sns.set_confirmed(subscription, confirmed=False)
            return standing

    def standing(self, arn: str) -> Standing | None:
        with self._lock:
            return self._standings.get(arn)

    def confirm(self, topic_arn: str, token: str, *, only_signed_unsubscribe: bool) -> Subscription | None:
        """The subscription that a token confirms, or None: the token is unknown or too old."""
        with self._lock:
            self.drop_expired(topic_arn)
            for subscription in emulator_sns.subscriptions(topic_arn):
                standing = self._standings.get(subscription["arn"])
                if standing and secrets.compare_digest(standing.token, token):
                    if self._clock.now() - standing.pending_since > TOKEN_VALID:
                        return None
                    standing.only_signed_unsubscribe = only_signed_unsubscribe
                    emulator_sns.set_confirmed(subscription, confirmed=True)
                    return subscription
            return None

    def flooded(self, subscription: Subscription) -> bool:
        """Count one message; True when it is one too many within a second, which makes the subscription pending."""
        with self._lock:
            standing = self._standings.get(subscription["arn"])
            if standing is None or not self.limits:
                return False
            now = self._clock.now()
            while standing.recent and now - standing.recent[0] >= 1:
                standing.recent.popleft()
            standing.recent.append(now)
            return len(standing.recent) > PER_SECOND

    def drop_expired(self, topic_arn: str) -> None:
        """Forget what was pending for too long."""
        with self._lock:
            for subscription in list(emulator_sns.subscriptions(topic_arn)):
                standing = self._standings.get(subscription["arn"])
                if standing and not subscription["confirmed"] and self._is_over(standing):
                    emulator_sns.remove(subscription)
                    del self._standings[subscription["arn"]]

    def _is_over(self, standing: Standing) -> bool:
        return self._clock.now() - standing.pending_since > standing.kept_for

    def pending(self) -> list[tuple[Subscription, Standing]]:
        """Those that wait for their link."""
        with self._lock:
            topics = {emulator_sns.topic_of(arn) for arn in self._standings}
            for topic in topics:
                self.drop_expired(topic)
            return [
                (subscription, self._standings[subscription["arn"]])
                for topic in topics
                for subscription in emulator_sns.subscriptions(topic)
                if subscription["arn"] in self._standings and not subscription["confirmed"]
            ]


def find(arn: str) -> Subscription | None:
    found = emulator_sns.subscriptions(emulator_sns.topic_of(arn))
    return next((subscription for subscription in found if subscription["arn"] == arn), None)
