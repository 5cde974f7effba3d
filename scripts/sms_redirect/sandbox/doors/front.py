"""Our ASGI application in front of the emulator's."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sms_redirect.loopback.hosts import Hosts, name_in
from sms_redirect.sandbox.doors.control import PREFIX
from sms_redirect.sandbox.doors.door import Door
from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.refusals import Malformed

# Of the emulator's own endpoints, only those that its services and functions call are open. Others show its queues.
EMULATORS_OWN = ("/_ministack/", "/_localstack/")
CALLED_BY_SERVICES = tuple(
    f"/_ministack/{name}"
    for name in ("health", "ready", "cfn-response/", "cfn-signal/", "lambda-code/", "lambda-layers/")
)


class Front:
    """The control API to its own application, everything else to the door; `inside` has the emulator's lifespan."""

    def __init__(self, inside: ASGIApp, *, door: Door, control: ASGIApp, hosts: Hosts) -> None:
        self._inside = inside
        self._door = door
        self._control = control
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._inside(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = Incoming.of(scope)
        except Malformed as error:
            await PlainTextResponse(f"{error}\n", 400, {"connection": "close"})(scope, receive, send)
            return
        if refusal := _refusal(request, self._hosts):
            await PlainTextResponse(refusal, 403)(scope, receive, send)
        elif request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
            await self._control(scope, receive, send)
        else:
            await self._door.serve(request, scope, receive, send)


class Inside:
    """What is behind the door: applications of our own for some paths, else the emulator."""

    def __init__(self, emulated: ASGIApp, applications: Mapping[str, ASGIApp]) -> None:
        self._emulated = emulated
        self._applications = applications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._applications.get(scope.get("path", ""), self._emulated)(scope, receive, send)


def _refusal(request: Incoming, hosts: Hosts) -> str | None:
    host = request.header("host") or ""
    if not hosts.has(host) and not name_in(host).endswith(".localhost"):
        names = ", ".join(("127.0.0.1", "localhost", *sorted(hosts.allowed)))
        return (
            f"The sandbox accepts requests to these hosts only: {names}.\n"
            "Start it with --allow-host NAME to let requests name another.\n"
        )
    if request.path.startswith(EMULATORS_OWN) and not request.path.startswith(CALLED_BY_SERVICES):
        return (
            f"The emulator's own endpoints are closed. See {PREFIX} in docs/sandbox.md for what the sandbox offers.\n"
        )
    return None
