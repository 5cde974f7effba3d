"""Keeps other web pages away from the codes: only this machine's own address, only this page's own requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORT = 80  # a browser leaves it out

SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """ASGI middleware: refuses requests that neither the inbox's own pages nor a program on this machine made.

    Another site's page can point its host name at 127.0.0.1 (DNS rebinding): the Host header gives that away. It can
    also send requests whose responses it cannot read: Origin and Sec-Fetch-Site give that away.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope)
        answer: ASGIApp = self._app if refusal is None else JSONResponse({"error": refusal}, status_code=403)
        await answer(scope, receive, _with_security_headers(send))


def _refusal(scope: Scope) -> str | None:
    headers = Headers(scope=scope)
    hosts = _own_hosts(scope)
    host = headers.get("host", "").lower()
    if host not in hosts:
        return f"Use http://{hosts[0]}: the inbox accepts no other host name, so that no other site can read the codes."
    if "origin" in headers and headers["origin"].lower() != f"http://{host}":
        return "The inbox refuses requests of other sites' pages. From a program, send no Origin header."
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not _opens_the_page(scope, headers):
        return "The inbox refuses requests of other sites' pages."
    return None


def _own_hosts(scope: Scope) -> list[str]:
    port = (scope.get("server") or (None, None))[1]
    hosts = [f"{name}:{port}" for name in LOOPBACK_NAMES]
    return [*hosts, *LOOPBACK_NAMES] if port == DEFAULT_PORT else hosts


def _opens_the_page(scope: Scope, headers: Headers) -> bool:
    """Somebody followed a link to the inbox: the other site cannot read the page that opens."""
    return (
        scope["method"] == "GET"
        and not scope["path"].startswith("/api/")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _with_security_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(SECURITY_HEADERS)
        await send(message)

    return send_with_headers
