"""Interrupts the work shortly before Lambda would."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from pool_attachment.errors import OutOfTimeError


@contextmanager
def alarm(seconds: float | None) -> Iterator[None]:
    """Raises OutOfTimeError inside the block after `seconds`. None: never.

    A signal and no thread: the work itself stops, nobody can respond twice, nothing is left to go off in the next
    invocation, and the function then returns normally. Were it killed instead, Lambda would deliver a Create again
    after CloudFormation had given up on it and rolled back. Signals reach the main thread only, where Lambda runs
    handlers; elsewhere there is no alarm.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTimeError
