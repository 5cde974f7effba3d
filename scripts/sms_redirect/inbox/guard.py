"""Keeps other web pages away from the codes: only this machine's own address, only this page's own requests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from sms_redirect.inbox.token import PARAMETER, VARIABLE, Token
from sms_redirect.loopback.hosts import ONLY_LOOPBACK, Hosts

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASKED = (
    "A token is asked for: open the link that was printed at the start, or send the header Authorization: Bearer "
    f"TOKEN. Programs find it in the environment variable {VARIABLE}."
)

SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; "
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
    also send requests whose responses it cannot read: Origin and Sec-Fetch-Site give that away. Only a token keeps
    other users of the machine out.
    """

    def __init__(self, app: ASGIApp, token: Token | None = None, hosts: Hosts = ONLY_LOOPBACK) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope, self._hosts)
        if refusal is not None:
            respond: ASGIApp = JSONResponse({"error": refusal}, status_code=403)
        else:
            respond = self._app if self._token is None else _asking_for(self._token, Request(scope)) or self._app
        await respond(scope, receive, _with_security_headers(send))


def _asking_for(token: Token, request: Request) -> Response | None:
    """The response to a request without the token; None if it has the token, or the cookie of its link."""
    cookie = f"sms-redirect-{(request.scope.get('server') or ('', ''))[1]}"  # browsers share them between ports
    path, query = request.url.path, request.query_params
    if request.method == "GET" and not path.startswith("/api/") and token.is_value(query.get(PARAMETER, "")):
        rest = urlencode([pair for pair in query.multi_items() if pair[0] != PARAMETER])
        opened = RedirectResponse(f"/{path.lstrip('/')}{f'?{rest}' if rest else ''}", 303)
        opened.set_cookie(cookie, token.cookie, httponly=True, samesite="lax")
        return opened
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.is_value(value.strip()):
        return None
    if token.is_cookie(request.cookies.get(cookie, "")):
        return None
    return JSONResponse({"error": ASKED}, 401, {"WWW-Authenticate": "Bearer"})


def _refusal(scope: Scope, hosts: Hosts) -> str | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "").lower()
    port = (scope.get("server") or (None, None))[1]
    if not hosts.has_at(host, port):
        return (
            f"Use http://127.0.0.1:{port}: the inbox accepts no other host name, so that no other site can read the "
            "codes. `sms-redirect sandbox --allow-host NAME` allows one more."
        )
    if "origin" in headers and headers["origin"].lower() != f"http://{host}":
        return "The inbox refuses requests of other sites' pages. From a program, send no Origin header."
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not _opens_the_page(scope, headers):
        return "The inbox refuses requests of other sites' pages."
    return None


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
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)  # the frame of an email has a stricter policy of its own
        await send(message)

    return send_with_headers
