"""What every request is held to before an application of ours reads it: one framing, a body of a bounded length, and
a method that there is.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_BODY = 1024 * 1024  # bytes; what these APIs take is a line of JSON
PATIENCE = 1.0  # seconds
ONCE = ("content-length", "host", "transfer-encoding", "authorization")


class Bounded:
    """ASGI middleware: refuses what can be read in two ways, and bodies that are longer than any that is taken."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        twice = [name for name in ONCE if len(headers.getlist(name)) > 1]
        if twice or ("content-length" in headers and "transfer-encoding" in headers):
            await _refuse("The request can be read in two ways.", 400)(scope, receive, send)
        elif int(headers.get("content-length", 0)) > LONGEST_BODY:
            await _refuse_long(scope, receive, send)
        else:
            await self._read(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LONGEST_BODY:
                raise _TooLong
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLong:
            await _refuse_long(scope, receive, send)


class Methods:
    """ASGI middleware: `OPTIONS` lists the methods of a path, and so does a refusal of another method."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = _methods(scope["app"].routes, scope) if scope["type"] == "http" else ""
        if allowed and scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
            return

        async def send_all_methods(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:  # noqa: PLR2004 - not allowed
                MutableHeaders(scope=message)["Allow"] = allowed
            await send(message)

        await self._app(scope, receive, send_all_methods)


class _TooLong(Exception):  # noqa: N818 - an HTTP status, not an error of the program
    pass


def _methods(routes: list[BaseRoute], scope: Scope) -> str:
    found: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            found |= {"OPTIONS"} | ((route.methods if isinstance(route, Route) else None) or {"GET", "HEAD"})
    return ", ".join(sorted(found))


def _refuse(text: str, status: int) -> JSONResponse:
    return JSONResponse({"error": text}, status, {"connection": "close"})


async def _refuse_long(scope: Scope, receive: Receive, send: Send) -> None:
    """Read on for a moment, keeping nothing: a client that sends before it listens gets the refusal, too."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (await receive()).get("more_body", False):
                pass
    await _refuse(f"The body is longer than {LONGEST_BODY} bytes.", 413)(scope, receive, send)
