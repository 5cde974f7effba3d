"""The inbox's JSON API and its live updates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sms_redirect.inbox import documents, export
from sms_redirect.inbox.parameters import FILTERS, BadParameter, Parameters
from sms_redirect.messages.query import Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from sms_redirect.inbox.sources import Email, EmailSource, SubscriptionSource, TrailSource
    from sms_redirect.messages.store import Entry, SmsStore

HEARTBEAT = 15.0  # seconds between comments, so that both ends notice if the other is gone
# Of an email as its sender wrote it: nothing in it runs, loads, submits or leaves its frame.
EMAIL_HEADERS = {
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
}
RETRY = 1000  # milliseconds before a browser connects again

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Inbox:
    """The request handlers and what they need. `closing` is set when the server stops."""

    store: SmsStore
    emails: EmailSource | None
    subscriptions: SubscriptionSource | None
    trails: TrailSource | None
    closing: asyncio.Event

    async def list_messages(self, request: Request) -> Response:
        parameters = _parameters(request, *FILTERS, "since", "limit", "offset", "group")
        since = parameters.since(self.store)
        found = self.store.find(parameters.query, after=since if since is not None else 0)
        return JSONResponse(documents.messages(found, parameters, self.store))

    async def next_message(self, request: Request) -> Response:
        parameters = _parameters(request, *FILTERS, "since", "wait")
        waiting = self.store.wait_async(parameters.query, after=parameters.since(self.store), timeout=parameters.wait)
        entry = await self._unless_closing(waiting)
        return Response(status_code=204) if entry is None else JSONResponse(documents.message(entry, self.store))

    async def get_message(self, request: Request) -> Response:
        _parameters(request)
        entry = self._entry(request)
        is_sms, identity = entry.message.kind == "sms", entry.message.id
        emails = await run_in_threadpool(self.emails.emails, identity) if self.emails and is_sms else None
        trail = self.trails.trail(identity) if self.trails and is_sms else None
        return JSONResponse(documents.whole_message(entry, self.store, emails, trail))

    async def show_html(self, request: Request) -> Response:
        _parameters(request)
        shown = self._entry(request).message
        if shown.kind != "email":
            raise HTTPException(404, "This message is an SMS: it has no HTML.")
        return Response(shown.html.encode("utf-8", "replace"), media_type="text/html", headers=EMAIL_HEADERS)

    def _entry(self, request: Request) -> Entry:
        entry = self.store.get(request.path_params["id"])
        if entry is None:
            raise HTTPException(
                404,
                "There is no such message: it was deleted, dropped because the inbox was full, or received before the "
                "inbox was started.",
            )
        return entry

    async def delete_messages(self, request: Request) -> Response:
        """Those that a list with these filters shows; without any filter all, emails too."""
        parameters = _parameters(request, *FILTERS)
        for name in request.query_params.keys() - parameters.values.keys():
            raise BadParameter(name, "is empty. To delete every message, send no parameter.")
        if not parameters.values:
            return JSONResponse({"deleted": self.store.clear()})
        return JSONResponse({"deleted": self.store.remove(parameters.query)})

    async def delete_message(self, request: Request) -> Response:
        _parameters(request)
        identity = self._entry(request).message.id
        return JSONResponse({"deleted": self.store.remove(Query(id=identity))})

    async def export_messages(self, request: Request) -> Response:
        parameters = _parameters(request, *FILTERS, "since", "format")
        since = parameters.since(self.store)
        found = self.store.find(parameters.query, after=since if since is not None else 0)
        makers: dict[str, tuple[Callable[[list[Entry]], bytes], str, str]] = {
            "json": (export.as_json_file, "application/json", "messages.json"),
            "csv": (export.as_csv, "text/csv; charset=utf-8", "messages.csv"),
            "eml": (partial(export.as_zip, emails=self._emails), "application/zip", "messages-eml.zip"),
        }
        make, media_type, name = makers[parameters.format]
        return _download(await run_in_threadpool(make, found), media_type, name)

    async def show_eml(self, request: Request) -> Response:
        _parameters(request)
        shown = self._entry(request).message
        emls = await run_in_threadpool(export.as_emls, shown, self._emails)
        return _download(emls[0], "message/rfc822", "message.eml")

    def _emails(self, sms_id: str) -> Sequence[Email]:
        return () if self.emails is None else self.emails.emails(sms_id)

    async def list_groups(self, request: Request) -> Response:
        parameters = _parameters(request, *FILTERS)
        return JSONResponse(documents.groups(self.store.find(parameters.query)))

    async def list_subscriptions(self, request: Request) -> Response:
        _parameters(request)
        pending = [] if self.subscriptions is None else await run_in_threadpool(self.subscriptions.pending)
        return JSONResponse({"pending": [documents.pending(each) for each in pending]})

    async def stream_events(self, request: Request) -> Response:
        parameters = _parameters(request, *FILTERS, "since")
        # The stream starts after the last event that the client received, at its cursor, or now.
        seen = request.headers.get("last-event-id") or parameters.cursor or self.store.state.cursor
        events = self._events(parameters.query, self.store.position(seen))
        return StreamingResponse(events, media_type="text/event-stream")

    async def _events(self, query: Query, position: int | None) -> AsyncIterator[str]:
        yield f"retry: {RETRY}\n\n"
        while not self.closing.is_set():
            try:
                async with asyncio.timeout(HEARTBEAT):
                    changes = await self._unless_closing(self.store.changes_async(position))
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if changes is None:
                return
            if changes.reset:
                yield _event("reset", {}, self.store.cursor(changes.position))
            else:
                for entry in changes.entries:
                    if query.matches(entry.message):
                        yield _event("message", documents.message(entry, self.store), self.store.cursor(entry.revision))
            position = changes.position

    async def _unless_closing(self, waiting: Coroutine[Any, Any, Result]) -> Result | None:
        """The result, or None as soon as the server stops."""
        tasks = asyncio.ensure_future(waiting), asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return tasks[0].result() if tasks[0].done() else None
        finally:
            for task in tasks:
                task.cancel()


def routes(inbox: Inbox) -> list[Route]:
    return [
        Route("/api/messages", inbox.list_messages, methods=["GET"]),
        Route("/api/messages", inbox.delete_messages, methods=["DELETE"]),
        Route("/api/messages/next", inbox.next_message, methods=["GET"]),
        Route("/api/messages/export", inbox.export_messages, methods=["GET"]),
        Route("/api/messages/{id}", inbox.get_message, methods=["GET"]),
        Route("/api/messages/{id}", inbox.delete_message, methods=["DELETE"]),
        Route("/api/messages/{id}/eml", inbox.show_eml, methods=["GET"]),
        Route("/api/messages/{id}/html", inbox.show_html, methods=["GET"]),
        Route("/api/groups", inbox.list_groups, methods=["GET"]),
        Route("/api/subscriptions", inbox.list_subscriptions, methods=["GET"]),
        Route("/api/events", inbox.stream_events, methods=["GET"]),
    ]


def _parameters(request: Request, *allowed: str) -> Parameters:
    return Parameters.parse(request.query_params.multi_items(), allowed)


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _event(name: str, data: dict[str, Any], identity: str) -> str:
    return f"id: {identity}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


async def _bad_parameter(request: Request, error: Exception) -> Response:
    del request
    name = error.name if isinstance(error, BadParameter) else None
    return JSONResponse({"error": str(error), "parameter": name}, status_code=400)


async def _http_error(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


ERRORS: Any = {BadParameter: _bad_parameter, HTTPException: _http_error}
