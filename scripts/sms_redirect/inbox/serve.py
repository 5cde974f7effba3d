"""Serves an ASGI application on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from typing import TYPE_CHECKING, Self

from hypercorn.asyncio import serve
from hypercorn.config import Config

if TYPE_CHECKING:
    from starlette.applications import Starlette

HOST = "127.0.0.1"
USUAL_PORT = 8025  # where mail catchers listen
START_TIMEOUT = 30.0
STOP_TIMEOUT = 10.0


class CannotServe(Exception):  # noqa: N818 - says what cannot be done
    """The port cannot be used; the text says why and what to do."""


class InboxServer:
    """Use as a context manager. `port` None: the usual one, or any free one when that is taken; 0: any free one."""

    def __init__(self, app: Starlette, port: int | None = None) -> None:
        self._app = app
        self._wanted_port = port
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; whoever connects from then on is answered.

        Raises:
            CannotServe: the wanted port is taken.
        """
        listener = _listen(USUAL_PORT, or_any=True) if self._wanted_port is None else _listen(self._wanted_port)
        self.port: int = listener.getsockname()[1]
        main = self._main(listener.detach())
        self._thread = threading.Thread(target=asyncio.run, args=(main,), name="inbox", daemon=True)
        self._thread.start()
        self._ready.wait(START_TIMEOUT)

    def stop(self) -> None:
        """Answer whoever waits, close the port and end the thread. Safe to call twice."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stop)
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT)

    def _stop(self) -> None:
        self._app.state.closing.set()
        self._stopping.set()

    async def _main(self, listener: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._ready.set)
        await serve(self._app, _config(listener), shutdown_trigger=self._stopping.wait)  # type: ignore[arg-type]


def _config(listener: int) -> Config:
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.loglevel = "WARNING"
    config.accesslog = None
    config.include_server_header = False
    config.graceful_timeout = 1
    return config


def _listen(port: int, *, or_any: bool = False) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as problem:
        listener.close()
        if or_any and problem.errno == errno.EADDRINUSE:
            return _listen(0)
        raise CannotServe(
            f"Port {port} of {HOST} cannot be used: {problem.strerror}. Choose another, or none for any free one."
        ) from problem
    return listener
