"""HTTP as uvicorn reads it, with bounds and logs of our own."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 256 * 1024  # bytes; a part of the body may have come with the last of them
MOST_WAITING = 64 * 1024  # bytes
REFUSAL_SECONDS = 2  # for the refusal of a request that ended too early: it may wait a second for the rest
logger = logging.getLogger(__name__)


class BoundedHead(HttpToolsProtocol):
    """Refuses a request whose head does not end: httptools would keep all of it in memory."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = logger
        self._head_size: int | None = 0  # None: the head is complete

    def connection_made(self, transport: Any) -> None:
        super().connection_made(cast("asyncio.Transport", OneWrite(transport)))

    def data_received(self, data: bytes) -> None:
        if self._head_size is not None:
            self._head_size += len(data)
            if self._head_size > HEAD_LIMIT:
                self.send_400_response("The request's head is too long.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._head_size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_size = None
        super().on_headers_complete()

    def eof_received(self) -> bool:  # type: ignore[override] # as asyncio.Protocol has it
        """Whether to stay connected: a client that has sent all of its request may still wait for the response."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        self.cycle.keep_alive = False
        if self.cycle.more_body:  # and none will come
            asyncio.get_running_loop().call_later(REFUSAL_SECONDS, self.transport.close)
        return True


class OneWrite:
    """A transport that sends at once what is written in one turn of the event loop.

    uvicorn writes a response's head and its body one by one: two system calls, and two packets for the client to read.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._waiting: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append(data)
        self._size += len(data)
        if self._size > MOST_WAITING:  # a long response; only the transport knows when to pause it
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            data, self._waiting, self._size = b"".join(self._waiting), [], 0
            self._transport.write(data)


def _has_a_cause(record: logging.LogRecord) -> bool:
    """Not the end of the server, which cancels the requests that are under way."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


logger.setLevel(logging.ERROR)  # below are the requests that uvicorn refuses by itself
logger.addFilter(_has_a_cause)
