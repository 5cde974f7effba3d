"""Serves the inbox on 127.0.0.1 and where else the user wants it, in a thread of its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Self

from sms_redirect.loopback import HOST, CannotListen, listen_also
from sms_redirect.loopback.server import Server

if TYPE_CHECKING:
    from starlette.applications import Starlette

USUAL_PORT = 8025  # where mail catchers listen
START_TIMEOUT = 30.0
STOP_TIMEOUT = 10.0


class InboxServer:
    """Use as a context manager. `port` None: the usual one, or any free one if that is taken; 0: any free one.

    `host` is another address to listen on, see `loopback.listen_also`.
    """

    def __init__(self, app: Starlette, port: int | None = None, host: str = HOST) -> None:
        self._app = app
        self._host = host
        self._wanted_port = port
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and return when the first request would get a response.

        Raises:
            CannotListen: the wanted port is taken.
        """
        listeners = self._usual_or_any() if self._wanted_port is None else listen_also(self._host, self._wanted_port)
        self.port: int = listeners[0].getsockname()[1]
        self._server = Server("inbox", listeners, lambda _loop: self._app)
        self._server.start(START_TIMEOUT)

    def stop(self) -> None:
        """End waiting requests, close the port and end the thread. Safe to call twice."""
        if self._server is not None:
            self._server.stop(STOP_TIMEOUT, first=self._app.state.closing.set)

    def _usual_or_any(self) -> list[socket.socket]:
        try:
            return listen_also(self._host, USUAL_PORT)
        except CannotListen:
            return listen_also(self._host, 0)
