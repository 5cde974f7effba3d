"""Serves a sandbox on 127.0.0.1 and where else the user wants it, in a thread of its own."""

from __future__ import annotations

import asyncio
from typing import Self

from sms_redirect.inbox.token import VARIABLE
from sms_redirect.loopback import HOST, CannotListen, listen_also
from sms_redirect.loopback.server import DidNotStart, Server
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.api.service import Service
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.doors.front import Front
from sms_redirect.sandbox.doors.home import Home
from sms_redirect.sandbox.doors.keys import AccessKey
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.email.user_pools import UserPoolEmails
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.harshness import Harshness
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.parts import Parts
from sms_redirect.sandbox.run_folder import RunFolder
from sms_redirect.sandbox.saved import StateError, StateFolder
from sms_redirect.sandbox.saved.pools import store_in
from sms_redirect.sandbox.settings import SandboxSettings
from sms_redirect.sandbox.trails import Trails

__all__ = ["Sandbox", "SandboxError", "SandboxSettings"]

START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0


class SandboxError(Exception):
    """The sandbox could not start; the text says why and what to do."""


class Sandbox:
    """One sandbox per process: the emulator keeps its state in its modules. Use as a context manager.

    `clock`, `harshness`, `incidents`, `trails`, `mailroom`, `user_pool_emails`, the user `pools` service, `limits` and
    the faults are there from `start` on.
    """

    clock: Clock
    harshness: Harshness
    home: Home
    incidents: Incidents
    trails: Trails
    mailroom: Mailroom
    user_pool_emails: UserPoolEmails
    limits: Limits
    sender_fault: Fault
    pool_fault: Fault
    pools: Service
    port: int

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.access_key = self.settings.access_key or AccessKey.new()
        self._parts: Parts | None = None
        self._folder: RunFolder | None = None
        self._server: Server | None = None
        self.saved: StateFolder | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # Ctrl-C too
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client exports to use this sandbox."""
        environment = emulator.client_environment(self.endpoint_url, self.settings.region, self.access_key)
        return environment | ({VARIABLE: self.settings.token.value} if self.settings.token else {})

    def start(self) -> None:
        """Listen, and return when the first request would get a response.

        Raises:
            SandboxError: the port is taken, the state folder cannot be used, or the emulator did not start.
        """
        try:
            listeners = listen_also(self.settings.host, self.settings.port)
        except CannotListen as error:
            raise SandboxError(str(error)) from error
        try:
            self.saved = StateFolder(self.settings.state) if self.settings.state else None
            store = store_in(self.saved) if self.saved else Store()
        except StateError as error:
            for listener in listeners:
                listener.close()
            self.stop()
            raise SandboxError(str(error)) from error
        self.port = listeners[0].getsockname()[1]
        self._folder = RunFolder()
        folder = self._folder.path
        emulator.configure(port=self.port, region=self.settings.region, folder=folder, key=self.access_key)
        parts = self._parts = Parts(self.settings, self.endpoint_url, self.access_key, store)
        self.clock, self.harshness = parts.clock, parts.harshness
        self.home = parts.home
        self.incidents, self.mailroom, self.trails = parts.incidents, parts.mailroom, parts.trails
        self.user_pool_emails = parts.user_pool_emails
        self.limits = parts.limits
        self.sender_fault, self.pool_fault = parts.sender_fault, parts.pool_fault
        self.pools = parts.pools

        def build(loop: asyncio.AbstractEventLoop) -> Front:
            front = parts.install(folder)
            parts.start(loop)
            return front

        self._server = Server("sandbox", listeners, build, keep_alive=75)
        try:
            self._server.start(START_TIMEOUT)
        except DidNotStart as error:
            self.stop()
            raise SandboxError(f"The sandbox did not start: {error}") from error

    def wait_until_quiet(self) -> None:
        """Return when the sender has handled every SMS so far: what has not arrived then never will."""
        if self._parts:
            self._parts.invocations.wait_until_done()

    def stop(self) -> None:
        """Close the port, end the functions' processes and remove every file. Safe to call twice."""
        if self._parts is not None:
            self._parts.stop()
        if self._server is not None:
            self._server.stop(STOP_TIMEOUT)
        if self._folder is not None:
            emulator_lambda.end_functions()
            self._folder.remove()
            self._folder = None
        if self.saved is not None:
            self.saved.close()
