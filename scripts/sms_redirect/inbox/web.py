"""The inbox as a web application: the page, its files and the API."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sms_redirect.inbox import api
from sms_redirect.inbox.guard import Guard

if TYPE_CHECKING:
    from starlette.requests import Request

    from sms_redirect.inbox.sources import MailSource, Subscriptions
    from sms_redirect.messages.store import SmsStore

FOLDER = Path(__file__).parent


def create_app(
    store: SmsStore,
    *,
    mails: MailSource | None = None,
    subscriptions: Subscriptions | None = None,
    title: str = "",
) -> Starlette:
    """The application over a store; `title` says whose messages they are ("sandbox", "stack qa in eu-west-1").

    `app.state.closing` (an asyncio.Event) ends the requests that wait; `serve.InboxServer` sets it when it stops.
    """
    inbox = api.Inbox(store, mails, subscriptions, closing=asyncio.Event())
    pages = [
        Route("/", _page("index.html", title=title), methods=["GET"]),
        Route("/docs", _page("docs.html", title=title, document=openapi()), methods=["GET"]),
        Route("/api/openapi.json", _describe, methods=["GET"]),
        Mount("/static", StaticFiles(directory=FOLDER / "static")),
    ]
    app = Starlette(
        routes=[*pages, *api.routes(inbox)],
        middleware=[Middleware(Guard)],
        exception_handlers=api.ERRORS,
    )
    app.state.closing = inbox.closing
    return app


@cache
def openapi() -> dict[str, Any]:
    """The API's description."""
    document: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
    return document


async def _describe(request: Request) -> JSONResponse:
    del request
    return JSONResponse(openapi())


def _page(name: str, **values: Any) -> Any:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER / "templates"), autoescape=True)
    content = environment.get_template(name).render(values)

    async def show(request: Request) -> HTMLResponse:
        del request
        return HTMLResponse(content)

    return show
