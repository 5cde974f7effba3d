"""Lets a command clean up when it is terminated."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM  # the exit code that shells show for it


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
