"""How long which error is worth another try."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pool_attachment.errors import AttachmentError, DeniedError, SmsRoleError, TransientError

T = TypeVar("T")

_FIRST_DELAY = 0.5  # seconds
_LONGEST_DELAY = 10.0
_IAM_SPREADS = 120.0  # seconds until a new policy or role counts everywhere: docs/cognito-facts.md, "Permissions"
_A_MOMENT = 10.0


@dataclass(frozen=True)
class Limits:
    """Seconds for which an error of each kind is worth retrying."""

    transient: float
    denied: float
    sms_role: float

    def of(self, error: AttachmentError) -> float:
        limits = {TransientError: self.transient, DeniedError: self.denied, SmsRoleError: self.sms_role}
        return limits.get(type(error), 0.0)


# A role and a policy that were made with the stack may not have spread yet, nor may the SMS role of a new pool.
ATTACHING = Limits(transient=_IAM_SPREADS, denied=_IAM_SPREADS, sms_role=_IAM_SPREADS)
# On the way back the policy may have changed a moment ago; an SMS role that fails now has been broken for longer.
DETACHING = Limits(transient=_IAM_SPREADS, denied=_IAM_SPREADS, sms_role=_A_MOMENT)
# A person with credentials of their own waits in front of the terminal.
BY_HAND = Limits(transient=60.0, denied=0.0, sms_role=_A_MOMENT)


@dataclass(frozen=True)
class Clock:
    """Seconds, and the means to let some pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Retry:
    """Retries for as long as an error's class is worth it (`limits`, seconds from `start`), never past `end`.

    The waits grow and have jitter, so that stacks that were throttled together do not come back together.
    """

    clock: Clock
    limits: Limits
    start: float
    end: float

    def wait(self, error: AttachmentError, attempt: int) -> None:
        """Wait after attempt number `attempt`, from 1. Raises the error when its time would be over by then."""
        longest = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (attempt - 1))
        delay = longest * random.uniform(0.5, 1)  # noqa: S311 - spreads retries, guards nothing
        until = min(self.start + self.limits.of(error), self.end)
        if self.clock.now() + delay > until:
            raise error
        self.clock.sleep(delay)

    def call(self, call: Callable[[], T]) -> T:
        """A call that may be made twice, until it returns."""
        for attempt in itertools.count(1):
            try:
                return call()
            except AttachmentError as error:
                self.wait(error, attempt)
        raise AssertionError  # the loop above has no end
