"""The sandbox's time: the machine's, plus whatever a tester moved it forward."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch. Only goes forward: codes expire, sessions end, rate windows close."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.time() + self._offset

    @property
    def ahead(self) -> float:
        """Seconds by which it was moved forward."""
        return self._offset

    def datetime(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> float:
        """Move forward; returns the new time. Raises ValueError for a negative number: nothing can un-expire."""
        if seconds < 0:
            raise ValueError(f"the clock only moves forward, not by {seconds} seconds")
        with self._lock:
            self._offset += seconds
        return self.now()
