"""Serves an ASGI application in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import ExitStack
from typing import Any

import uvicorn

try:
    from uvloop import new_event_loop
except ImportError:  # on Windows
    from asyncio import new_event_loop  # type: ignore[assignment]

from sms_redirect.loopback import CannotListen
from sms_redirect.loopback.protocol import BoundedHead

Event = MutableMapping[str, Any]
Application = Callable[[Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]

GRACE_SECONDS = 1  # for the requests that are under way when the server stops


class DidNotStart(CannotListen):
    """The application failed before it could be served; the cause is chained."""


class Server:
    """`build` makes the application in the thread's event loop, which it gets. `keep_alive` is in seconds."""

    def __init__(
        self,
        name: str,
        listeners: Sequence[socket.socket],
        build: Callable[[asyncio.AbstractEventLoop], Application],
        *,
        keep_alive: int = 5,
    ) -> None:
        self._build = build
        self._listeners = listeners
        self._keep_alive = keep_alive
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
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - `start` raises it in its own thread
            # uvicorn ends with SystemExit when the application does not start; why, is known already.
            self._failure = self._failure or failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        with ExitStack() as sockets:
            for listener in self._listeners:
                sockets.enter_context(listener)
            server = uvicorn.Server(_config(self._announcing_its_start(self._build(self._loop)), self._keep_alive))
            serving = asyncio.ensure_future(server.serve(list(self._listeners)))
            stopping = asyncio.ensure_future(self._stop_when_told(server, serving))
            try:
                await serving
            finally:
                stopping.cancel()

    async def _stop_when_told(self, server: uvicorn.Server, serving: asyncio.Future[None]) -> None:
        await self._stopping.wait()
        server.should_exit = True
        if not server.started:
            serving.cancel()
        await asyncio.sleep(GRACE_SECONDS)
        for task in server.server_state.tasks:
            task.cancel()

    def _announcing_its_start(self, application: Application) -> Application:
        async def announcing(scope: Event, receive: Any, send: Callable[[Event], Awaitable[None]]) -> None:
            async def announce(event: Event) -> None:
                await send(event)
                if event["type"] == "lifespan.startup.complete":
                    self._ready.set()

            if scope["type"] != "lifespan":
                await application(scope, receive, send)
                return
            try:
                await application(scope, receive, announce)
            except Exception as failure:
                self._failure = failure
                raise

        return announcing


def _config(application: Application, keep_alive: int) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=BoundedHead,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=2 * GRACE_SECONDS,
    )
