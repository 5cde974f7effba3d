"""The inbox as a web application: the page, its files and the API."""

from __future__ import annotations

import asyncio
import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sms_redirect.inbox import api, controls, docs_page, preview
from sms_redirect.inbox.connect import ConnectApi
from sms_redirect.inbox.diagnosis import DiagnosisApi
from sms_redirect.inbox.guard import Guard
from sms_redirect.inbox.requests import Bounded, Methods
from sms_redirect.inbox.token import Token
from sms_redirect.loopback.hosts import ONLY_LOOPBACK, Hosts
from sms_redirect.messages import email, sms
from sms_redirect.messages.members import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from sms_redirect.inbox.sources import Controls, EmailSource, Pools, PoolWriter, SubscriptionSource, TrailSource
    from sms_redirect.messages.store import SmsStore

FOLDER = Path(__file__).parent


def create_app(
    store: SmsStore,
    *,
    emails: EmailSource | None = None,
    subscriptions: SubscriptionSource | None = None,
    trails: TrailSource | None = None,
    pools: Pools | None = None,
    writer: PoolWriter | None = None,
    title: str = "",
    token: Token | None = None,
    hosts: Hosts = ONLY_LOOPBACK,
    connect: ConnectApi | None = None,
    diagnosis: DiagnosisApi | None = None,
    sandbox: Controls | None = None,
) -> Starlette:
    """The application for a store; `title` says whose messages it holds ("sandbox", "stack qa in eu-west-1").

    With a `token` it answers only those who have it. `hosts` are its own names. `pools` are those whose texts can be
    tried out; only a sandbox has a `writer`, a `connect` that says how clients reach it, and controls (`sandbox`).
    `diagnosis` answers "No SMS?".

    `app.state.closing` (an asyncio.Event) ends waiting requests; `serve.InboxServer` sets it when it stops.
    """
    diagnosis = diagnosis or DiagnosisApi()
    inbox = api.Inbox(store, emails, subscriptions, trails, closing=asyncio.Event())
    shown = {"title": title, "diagnosis": diagnosis.available, "sandbox": sandbox is not None}
    pages = [
        Route("/", _page("index.html", **shown), methods=["GET"]),
        Route("/preview", _page("preview.html", title=title), methods=["GET"]),
        Route(
            "/docs",
            _page("docs.html", lambda: docs_page.content(openapi()), title=title),
            methods=["GET"],
        ),
        Route("/api/openapi.json", _describe, methods=["GET"]),
        Mount("/static", StaticFiles(directory=FOLDER / "static")),
    ]
    app = Starlette(
        routes=[
            *pages,
            *api.routes(inbox),
            *preview.routes(preview.PreviewApi(pools, writer)),
            *(connect or ConnectApi()).routes(),
            *diagnosis.routes(),
            *controls.routes(controls.ControlsApi(sandbox)),
        ],
        middleware=[Middleware(Guard, token=token, hosts=hosts), Middleware(Bounded), Middleware(Methods)],
        exception_handlers=api.ERRORS,
    )
    app.state.closing = inbox.closing
    return app


@cache
def openapi() -> dict[str, Any]:
    """The API's description: `openapi.json`, and in it the members of the message document."""
    description: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    schemas["Message"] = _with_members_of(schema_of(sms.Sms), schemas["Message"])
    schemas["EmailMessage"] = _with_members_of(schema_of(email.Email), schemas["EmailMessage"])
    schemas["WholeEmailMessage"] = _with_members_of(schemas["EmailMessage"], schemas["WholeEmailMessage"])
    schemas["EmailDocument"] = email.schema()
    schemas["WholeMessage"] = _with_members_of(schemas["Message"], schemas["WholeMessage"])
    # A newer sender's document has members that this version does not know.
    schemas["MessageDocument"] = {**sms.schema(), "additionalProperties": True, "required": []}
    return description


def _with_members_of(basis: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {
        **schema,
        "required": [*basis["required"], *schema["required"]],
        "properties": {**basis["properties"], **schema["properties"]},
    }


async def _describe(request: Request) -> JSONResponse:
    del request
    return JSONResponse(openapi())


def _page(name: str, make: Callable[[], dict[str, Any]] = dict, /, **values: Any) -> Any:
    """A page of its template; `make` makes values when it is first shown."""

    @lru_cache(maxsize=4)
    def content(url: str) -> str:
        import jinja2  # noqa: PLC0415 - slow to load, and a sandbox in a test run shows no page

        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER / "templates"), autoescape=True)
        return environment.get_template(name).render(values, **make(), url=url)

    async def show(request: Request) -> HTMLResponse:
        # The Guard has held the Host header against the names of this machine.
        return HTMLResponse(content(str(request.base_url).rstrip("/")))

    return show
