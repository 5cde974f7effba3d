"""Serves an ASGI application on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Self

from hypercorn.asyncio import serve
from hypercorn.config import Config

from sms_redirect.loopback import HOST, CannotListen, listen

if TYPE_CHECKING:
    from starlette.applications import Starlette

USUAL_PORT = 8025  # where mail catchers listen
START_TIMEOUT = 30.0
STOP_TIMEOUT = 10.0


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
            CannotListen: the wanted port is taken.
        """
        listener = _usual_or_any() if self._wanted_port is None else listen(self._wanted_port)
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


def _usual_or_any() -> socket.socket:
    try:
        return listen(USUAL_PORT)
    except CannotListen:
        return listen(0)
