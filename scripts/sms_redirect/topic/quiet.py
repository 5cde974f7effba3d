"""Keeps what is read from the queue out of botocore's log: at the level DEBUG it logs responses, and with them codes.

Only our own reads: what else a program does with botocore is logged as it wishes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = "botocore.parsers"  # of all of botocore's, the one that gets to see the body of a response

_thread = threading.local()


@contextmanager
def unlogged() -> Iterator[None]:
    """While the context lasts, responses that this thread gets are not logged."""
    _thread.reads = True
    try:
        yield
    finally:
        _thread.reads = False


class _NotOurs(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        del record
        return not getattr(_thread, "reads", False)


logging.getLogger(LOGGER).addFilter(_NotOurs())
