"""Serves a sandbox on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Self

from hypercorn.asyncio import serve
from hypercorn.config import Config

from sms_redirect.loopback import HOST, CannotListen, listen
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.api.service import Service
from sms_redirect.sandbox.doors.front import Front
from sms_redirect.sandbox.doors.keys import AccessKey
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.harshness import Harshness
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.parts import Parts
from sms_redirect.sandbox.run_folder import RunFolder
from sms_redirect.sandbox.settings import SandboxSettings

__all__ = ["Sandbox", "SandboxError", "SandboxSettings"]

START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0


class SandboxError(Exception):
    """The sandbox could not start; the text says why and what to do."""


class Sandbox:
    """One sandbox per process: the emulator keeps its state in its modules. Use as a context manager.

    `clock`, `harshness`, `incidents`, `mailroom`, the user `pools` service and the faults are there from `start` on.
    """

    clock: Clock
    harshness: Harshness
    incidents: Incidents
    mailroom: Mailroom
    sender_fault: Fault
    pool_fault: Fault
    pools: Service
    port: int

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.access_key = self.settings.access_key or AccessKey.new()
        self._parts: Parts | None = None
        self._folder: RunFolder | None = None
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
        return emulator.client_environment(self.endpoint_url, self.settings.region, self.access_key)

    def start(self) -> None:
        """Listen, and return when the first request would be answered.

        Raises:
            SandboxError: the port is taken, or the emulator did not start.
        """
        try:
            listener = listen(self.settings.port)
        except CannotListen as problem:
            raise SandboxError(str(problem)) from problem
        self.port = listener.getsockname()[1]
        self._folder = RunFolder()
        folder = self._folder.path
        emulator.configure(port=self.port, region=self.settings.region, folder=folder, key=self.access_key)
        parts = self._parts = Parts(self.settings, self.endpoint_url, self.access_key)
        self.clock, self.harshness = parts.clock, parts.harshness
        self.incidents, self.mailroom = parts.incidents, parts.mailroom
        self.sender_fault, self.pool_fault = parts.sender_fault, parts.pool_fault
        self.pools = parts.pools
        ready = threading.Event()
        arguments = (listener.detach(), parts, folder, ready)
        self._thread = threading.Thread(target=self._serve, args=arguments, name="sandbox", daemon=True)
        self._thread.start()
        if not ready.wait(START_TIMEOUT) or self._failure is not None:
            self.stop()
            raise SandboxError(f"The sandbox did not start: {self._failure or 'no answer in time'}") from self._failure

    def wait_until_quiet(self) -> None:
        """Return when the sender has handled every SMS so far: what has not arrived then never will."""
        if self._parts:
            self._parts.invocations.wait_until_done()

    def stop(self) -> None:
        """Close the port, end the functions' processes and remove every file. Safe to call twice."""
        if self._parts is not None:
            self._parts.stop()
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT)
        if self._folder is not None:
            emulator_lambda.end_functions()
            self._folder.remove()
            self._folder = None

    def _serve(self, listener: int, parts: Parts, folder: Path, ready: threading.Event) -> None:
        try:
            asyncio.run(self._main(listener, parts, folder, ready))
        except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits for the start
            self._failure = failure
        finally:
            ready.set()

    async def _main(self, listener: int, parts: Parts, folder: Path, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        front: Front = parts.install(folder)
        parts.start(self._loop)
        front.when_started = ready.set
        await serve(front, _config(listener), shutdown_trigger=self._stopping.wait)  # type: ignore[arg-type]


def _config(listener: int) -> Config:
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.loglevel = "WARNING"
    config.accesslog = None
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    return config
