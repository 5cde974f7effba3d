"""Our ASGI application in front of the emulator's."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sms_redirect.sandbox.doors.control import PREFIX
from sms_redirect.sandbox.email.pages import PATHS

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
# Of the emulator's own endpoints only those that its services and functions call: its queues are nobody's to read.
EMULATORS_OWN = ("/_ministack/", "/_localstack/")
CALLED_BY_SERVICES = tuple(
    f"/_ministack/{name}"
    for name in ("health", "ready", "cfn-response/", "cfn-signal/", "lambda-code/", "lambda-layers/")
)


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
        if refusal := _refusal(scope, path):
            return PlainTextResponse(refusal, 403)
        if path.startswith(f"{PREFIX}/"):
            return self._control
        return self._links if path in PATHS else self._emulated

    def _announcing(self, send: Send) -> Send:
        async def announce(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.when_started()

        return announce


def _refusal(scope: Scope, path: str) -> str | None:
    """A page elsewhere that points its own name at 127.0.0.1 (DNS rebinding) is given away by the Host header."""
    host = Headers(scope=scope).get("host", LOOPBACK_NAMES[0]).lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in LOOPBACK_NAMES and not name.endswith(".localhost"):
        return "The sandbox answers as 127.0.0.1 and localhost only.\n"
    if path.startswith(EMULATORS_OWN) and not path.startswith(CALLED_BY_SERVICES):
        return (
            f"The emulator's own endpoints are closed. See {PREFIX} in docs/sandbox.md for what the sandbox offers.\n"
        )
    return None


def _as_if_over_tls(scope: Scope) -> Scope:
    # A policy may demand TLS, as the topic's does. Traffic that never leaves the machine counts as such.
    return {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
