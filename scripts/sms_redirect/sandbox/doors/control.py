"""The control API at `/_sandbox`: injects faults, advances the clock, and shows emails and incidents.

Described for people in docs/sandbox.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sms_redirect.inbox.guard import Guard
from sms_redirect.inbox.parameters import BadParameter, Parameters
from sms_redirect.inbox.requests import Bounded, Methods
from sms_redirect.inbox.token import Token
from sms_redirect.loopback.hosts import ONLY_LOOPBACK, Hosts
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.doors import bodies
from sms_redirect.sandbox.doors.refusals import Malformed
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.harshness import Harshness
from sms_redirect.sandbox.incidents import Incidents

PREFIX = "/_sandbox"
MOST_TIMES = 1_000_000
LONGEST_JUMP = 10 * 365 * 24 * 3600


class Mails(Protocol):
    """The emails that were sent, and a company's mail filter that opens their links."""

    def documents(self) -> list[dict[str, Any]]:
        """Every email, for programs."""

    def scan_links(self, email: str) -> bool:
        """Open every link in the last email to an address. False if there is none."""


class Control:
    def __init__(
        self,
        *,
        clock: Clock,
        harshness: Harshness,
        limits: Limits,
        sender_fault: Fault,
        pool_fault: Fault,
        incidents: Incidents,
        mails: Mails,
        emails: SmsStore,
        token: Token | None = None,
        hosts: Hosts = ONLY_LOOPBACK,
    ) -> None:
        self._clock = clock
        self._harshness = harshness
        self._limits = limits
        self._sender_fault = sender_fault
        self._pool_fault = pool_fault
        self._incidents = incidents
        self._mails = mails
        self._emails = emails
        self._token = token
        self._hosts = hosts

    def application(self) -> Starlette:
        routes = [
            Route(f"{PREFIX}/clock", _json(self._show_clock), methods=["GET"]),
            Route(f"{PREFIX}/clock", _json(self._advance), methods=["POST"]),
            Route(f"{PREFIX}/limits", _json(self._set_limits), methods=["POST"]),
            Route(f"{PREFIX}/harshness", _json(self._show_harshness), methods=["GET"]),
            Route(f"{PREFIX}/harshness", _json(self._set_harshness), methods=["POST"]),
            Route(f"{PREFIX}/sender", _json(self._set_sender), methods=["POST"]),
            Route(f"{PREFIX}/user-pools", _json(self._set_user_pools), methods=["POST"]),
            Route(f"{PREFIX}/link-scanner", _json(self._scan_links), methods=["POST"]),
            Route(f"{PREFIX}/mails", _json(self._show_mails), methods=["GET"]),
            Route(f"{PREFIX}/emails", self._show_emails, methods=["GET"]),
            Route(f"{PREFIX}/incidents", _json(self._show_incidents), methods=["GET"]),
        ]
        return Starlette(
            routes=routes,
            middleware=[
                Middleware(Guard, token=self._token, hosts=self._hosts),
                Middleware(Bounded),
                Middleware(Methods),
            ],
            exception_handlers={HTTPException: _http_error},
        )

    def _show_clock(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"now": self._clock.datetime().isoformat()}

    def _advance(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self._clock.advance(_number(body, "advance_seconds", LONGEST_JUMP))
        return self._show_clock(body)

    def _set_limits(self, body: Mapping[str, Any]) -> dict[str, Any]:
        enabled = body.get("enabled")
        if not isinstance(enabled, bool):
            raise _BadRequest("enabled: true or false")
        self._limits.enabled = enabled
        return {"enabled": enabled}

    def _show_harshness(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return self._harshness.as_document()

    def _set_harshness(self, body: Mapping[str, Any]) -> dict[str, Any]:
        wanted = replace(self._harshness)
        try:
            for name, value in body.items():
                wanted.set(name, value)
        except ValueError as error:
            raise _BadRequest(f"switches: {error}") from error
        for name in body:
            self._harshness.set(name, body[name])
        return self._show_harshness(body)

    def _set_sender(self, body: Mapping[str, Any]) -> dict[str, Any]:
        mode, times = _fault(body, self._sender_fault.modes)
        self._sender_fault.set(mode, times)
        return {"mode": mode, "times": times}

    def _set_user_pools(self, body: Mapping[str, Any]) -> dict[str, Any]:
        mode, times = _fault(body, self._pool_fault.modes)
        self._pool_fault.set(mode, times)
        return {"mode": mode, "times": times}

    def _scan_links(self, body: Mapping[str, Any]) -> dict[str, Any]:
        email = body.get("email")
        if not isinstance(email, str):
            raise _BadRequest("email: the address whose email is scanned")
        if not self._mails.scan_links(email):
            raise _BadRequest(f"email: no mail to {email} is there")
        return {"scanned": email}

    def _show_mails(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"mails": self._mails.documents()}

    async def _show_emails(self, request: Request) -> JSONResponse:
        """The documents of the emails that user pools sent, oldest first. `since`: a cursor, or a time of receipt."""
        try:
            parameters = Parameters.parse(request.query_params.multi_items(), ("since",))
            since = parameters.since(self._emails)
        except BadParameter as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        cursor = self._emails.state.cursor  # before the look: rather one of them twice than one never
        found = self._emails.find(after=since if since is not None else 0)
        return JSONResponse({"emails": [entry.message.raw for entry in reversed(found)], "cursor": cursor})

    def _show_incidents(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"incidents": [incident.document() for incident in self._incidents.all()]}


class _BadRequest(Exception):  # noqa: N818 - an HTTP status, not an error of the program
    """The text names the member and what it should be."""


def _json(view: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def respond(request: Request) -> JSONResponse:
        try:
            body = bodies.check_json(await request.body())
            if not isinstance(body, dict):
                raise _BadRequest("the body: a JSON object")  # noqa: TRY301 - one way out for every bad request
            return JSONResponse(view(body))
        except Malformed as error:
            return JSONResponse({"error": f"Expected the body: JSON. {error}"}, status_code=400)
        except _BadRequest as error:
            return JSONResponse({"error": f"Expected {error}"}, status_code=400)

    return respond


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    known = sorted({f"{method} {route.path}" for route in request.app.routes for method in route.methods - {"HEAD"}})
    text = f"There is no {request.method} {request.url.path}. There is: {', '.join(known)}."
    return JSONResponse({"error": text}, error.status_code, error.headers)


def _fault(body: Mapping[str, Any], modes: Collection[str]) -> tuple[str, int]:
    """The kind of trouble and how often it happens."""
    mode = body.get("mode")
    if not isinstance(mode, str) or mode not in modes:
        raise _BadRequest(f"mode: one of {', '.join(modes)}")
    times = _number(body, "times", MOST_TIMES) if mode != "none" else 0
    if times != int(times):
        raise _BadRequest("times: a whole number")
    return mode, int(times)


def _number(body: Mapping[str, Any], name: str, most: float) -> float:
    value = body.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise _BadRequest(f"{name}: a number from 0 to {most}")
    return value
