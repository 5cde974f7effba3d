"""Composes the sandbox and serves it on 127.0.0.1: emulator, Cognito's SMS behaviour, SNS email, control API."""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hypercorn.asyncio import serve
from hypercorn.config import Config

from sms_redirect.sandbox import cloudformation, emulator, stack_pools
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.operations import cognito_operations
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.invocations import Invocations, SenderFault
from sms_redirect.sandbox.operations import Operation, dispatcher
from sms_redirect.sandbox.user_pools import PoolFault, UserPools

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HOST = "127.0.0.1"
START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0


class SandboxError(Exception):
    """The sandbox could not start; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What `sms-redirect sandbox` lets a person choose."""

    port: int = 0  # 0: any free one
    region: str = "us-east-1"
    auto_confirm: bool = False
    limits: bool = True
    test_code: str | None = None


class Sandbox:
    """One sandbox per process: the emulator keeps its state in its modules. Use as a context manager."""

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.clock = Clock()
        self.incidents = Incidents()
        self.sender_fault = SenderFault()
        self.pool_fault = PoolFault()
        self._invocations = Invocations(self.sender_fault)
        self._folder: Path | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client exports to use this sandbox."""
        return emulator.client_environment(self.endpoint_url, self.settings.region)

    def start(self) -> None:
        """Listen, and return when the first request would be answered.

        Raises:
            SandboxError: the port is taken, or the emulator did not start.
        """
        listener = _listen(self.settings.port)
        self.port: int = listener.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="sms-redirect-"))
        emulator.configure(port=self.port, region=self.settings.region, folder=self._folder)
        application = _Front(emulator.application())
        emulator.replace_service("cognito-idp", dispatcher(self._operations()))
        cloudformation.install()
        stack_pools.install()
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(listener.detach(), application, ready), name="sandbox", daemon=True
        )
        self._thread.start()
        if not ready.wait(START_TIMEOUT) or self._failure is not None:
            self.stop()
            raise SandboxError(f"The sandbox did not start: {self._failure or 'no answer in time'}") from self._failure

    def stop(self) -> None:
        """Close the port, end the functions' processes and remove every file. Safe to call twice."""
        self._invocations.stop()
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT)
        if self._folder is not None:
            emulator.end_functions()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _operations(self) -> dict[str, Operation]:
        settings = self.settings
        flows = cognito_operations(
            clock=self.clock,
            invocations=self._invocations,
            incidents=self.incidents,
            limits=settings.limits,
            test_code=settings.test_code,
        )
        return flows | UserPools(self.pool_fault).operations()

    def _serve(self, listener: int, application: _Front, ready: threading.Event) -> None:
        try:
            asyncio.run(self._main(listener, application, ready))
        except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits for the start
            self._failure = failure
        finally:
            ready.set()

    async def _main(self, listener: int, application: _Front, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._invocations.start(self._loop)
        application.when_started = ready.set
        config = Config()
        config.bind = [f"fd://{listener}"]
        config.loglevel = "WARNING"
        config.accesslog = None
        config.keep_alive_timeout = 75
        config.graceful_timeout = 1
        await serve(application, config, shutdown_trigger=self._stopping.wait)  # type: ignore[arg-type]


class _Front:
    """Our ASGI application in front of the emulator's."""

    def __init__(self, emulated: Application) -> None:
        self._emulated = emulated
        self.when_started: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._emulated(scope, receive, self._announcing(send))
        else:
            await self._emulated(_as_if_over_tls(scope), receive, send)

    def _announcing(self, send: Send) -> Send:
        async def announce(message: MutableMapping[str, Any]) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.when_started()

        return announce


def _as_if_over_tls(scope: Scope) -> Scope:
    # A policy may demand TLS, as the topic's does. Traffic that never leaves the machine counts as such.
    return {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError as problem:
        listener.close()
        raise SandboxError(
            f"Port {port} of {HOST} cannot be used: {problem.strerror}. Another sandbox may be running; "
            "stop it, choose another --port, or leave --port out for any free one."
        ) from problem
    return listener
