"""How long and how often what may pass is tried again."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pool_attachment.errors import PassingError

T = TypeVar("T")

_FIRST_DELAY = 0.5  # seconds
_LONGEST_DELAY = 10.0
_REPEATS = 6


@dataclass(frozen=True)
class Clock:
    """Seconds, and the means to let some pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Patience:
    """Tries until `until` (a moment of the clock), waiting longer each time.

    The waits have jitter, so that stacks that were throttled together do not come back together.
    """

    clock: Clock
    until: float

    def wait(self, error: PassingError, attempt: int) -> None:
        """Wait after attempt number `attempt`, from 1. Raises the error when the time would be over by then."""
        longest = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (attempt - 1))
        delay = longest * random.uniform(0.5, 1)  # noqa: S311 - spreads retries, guards nothing
        if self.clock.now() + delay > self.until:
            raise error
        self.clock.sleep(delay)

    def repeat(self, call: Callable[[], T]) -> T:
        """A call that may be made twice, a handful of times."""
        for attempt in itertools.count(1):
            try:
                return call()
            except PassingError as error:
                if attempt == _REPEATS:
                    raise
                self.wait(error, attempt)
        raise AssertionError  # the loop above has no end
