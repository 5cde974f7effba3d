"""Serves an ASGI application in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from sms_redirect.loopback import CannotListen

Event = MutableMapping[str, Any]
Application = Callable[[Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]


class DidNotStart(CannotListen):
    """The application failed before it could be served; the cause is chained."""


class Server:
    """`build` makes the application in the thread's event loop, which it gets. `keep_alive` is in seconds."""

    def __init__(
        self,
        name: str,
        listener: socket.socket,
        build: Callable[[asyncio.AbstractEventLoop], Application],
        *,
        keep_alive: float = 5,
    ) -> None:
        self._build = build
        self._config = _config(listener, keep_alive)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._ready = threading.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None

    def start(self, timeout: float) -> None:
        """Return when the application has started.

        Raises:
            DidNotStart: it failed, or took longer than `timeout` seconds.
        """
        self._thread.start()
        if not self._ready.wait(timeout):
            raise DidNotStart(f"no response within {timeout:g} s")
        if self._failure is not None:
            raise DidNotStart(str(self._failure)) from self._failure

    def stop(self, timeout: float, first: Callable[[], None] = lambda: None) -> None:
        """Call `first` in the event loop, finish the current requests, close the port. Safe to call twice."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(first)
            self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - `start` raises it in its own thread
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        application = self._announcing_its_start(self._build(self._loop))
        await serve(application, self._config, shutdown_trigger=self._stopping.wait)  # type: ignore[arg-type]

    def _announcing_its_start(self, application: Application) -> Application:
        async def announcing(scope: Event, receive: Any, send: Callable[[Event], Awaitable[None]]) -> None:
            async def announce(event: Event) -> None:
                await send(event)
                if event["type"] == "lifespan.startup.complete":
                    self._ready.set()

            await application(scope, receive, announce if scope["type"] == "lifespan" else send)

        return announcing


def _config(listener: socket.socket, keep_alive: float) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    config.accesslog = None
    config.include_server_header = False
    config.keep_alive_timeout = keep_alive
    config.graceful_timeout = 1
    return config
