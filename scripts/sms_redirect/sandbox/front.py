"""Our ASGI application in front of the emulator's."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sms_redirect.sandbox.control import PREFIX
from sms_redirect.sandbox.email.pages import PATHS


class Front:
    """Control API and links of mails to their own applications, everything else to the emulator."""

    def __init__(self, emulated: ASGIApp, *, control: ASGIApp, links: ASGIApp) -> None:
        self._emulated = emulated
        self._control = control
        self._links = links
        self.when_started: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._emulated(scope, receive, self._announcing(send))
        else:
            await self._application(scope)(_as_if_over_tls(scope), receive, send)

    def _application(self, scope: Scope) -> ASGIApp:
        path = scope.get("path", "")
        if path.startswith(f"{PREFIX}/"):
            return self._control
        return self._links if path in PATHS else self._emulated

    def _announcing(self, send: Send) -> Send:
        async def announce(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.when_started()

        return announce


def _as_if_over_tls(scope: Scope) -> Scope:
    # A policy may demand TLS, as the topic's does. Traffic that never leaves the machine counts as such.
    return {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
