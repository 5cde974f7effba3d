"""Fault injection."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Fault:
    """The next `times` of something go wrong, in one of the ways in `modes`; "none" stands for no trouble."""

    def __init__(self, modes: Iterable[str]) -> None:
        self.modes = ("none", *modes)
        self._mode, self._times = "none", 0
        self._lock = threading.Lock()

    def set(self, mode: str, times: int) -> None:
        """Raises ValueError for a mode that is not among `modes`."""
        if mode not in self.modes:
            raise ValueError(f"no such fault: {mode!r}; there are {', '.join(self.modes)}")
        with self._lock:
            self._mode, self._times = mode, times

    @property
    def state(self) -> tuple[str, int]:
        """The mode and how many times are left; none are if it is over."""
        with self._lock:
            return (self._mode, self._times) if self._times > 0 else ("none", 0)

    def take(self) -> str | None:
        """How this time goes wrong; None if it does not."""
        with self._lock:
            if self._mode == "none" or self._times <= 0:
                return None
            self._times -= 1
            return self._mode
