"""Lets a command clean up when it is terminated."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT  # the exit codes that shells show for these
TERMINATED = 128 + signal.SIGTERM


@contextmanager
def ends_cleanly() -> Iterator[None]:
    """SIGTERM raises an exception, as Ctrl-C does, so that `with` statements clean up."""
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, frame: FrameType | None) -> None:
    del number, frame
    sys.exit(TERMINATED)


@contextmanager
def cleans_up_undisturbed() -> Iterator[None]:
    """The same, and Ctrl-C too counts once: a second one does not interrupt the cleaning up. For short ones only."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with ends_cleanly():
            yield
    finally:
        signal.signal(signal.SIGINT, before)
