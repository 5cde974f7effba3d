"""The page for a person who opens the AWS endpoint in a browser: where everything is. It holds no key and no token."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from sms_redirect.inbox.connect import Connection

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Home:
    """An ASGI application. `connection` gets its pool once the stack is deployed, `inbox_port` once there is one."""

    def __init__(self, connection: Connection, *, token: bool) -> None:
        self.connection = connection
        self.inbox_port: int | None = None
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = self._page(Request(scope).headers.get("host", ""))
        await HTMLResponse(page, HTTPStatus.OK, headers=HEADERS)(scope, receive, send)

    def _page(self, host: str) -> str:
        import jinja2  # noqa: PLC0415 - slow to load, and most sandboxes are never opened in a browser

        to = self.connection.called(host)
        template = (Path(__file__).parent / "home.html").read_text(encoding="utf-8")
        return (
            jinja2.Environment(autoescape=True)
            .from_string(template)
            .render(
                to=to,
                inbox=f"http://{urlsplit(to.endpoint_url).hostname}:{self.inbox_port}" if self.inbox_port else None,
                token=self._token,
                first=next((each["text"] for each in to.snippets() if each["client"] == "curl"), None),
            )
        )
