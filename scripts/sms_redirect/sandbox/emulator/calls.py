"""Calls of the services that every SMS needs, handed to the emulator as they are.

Its application first asks which of a hundred other things a request could be, by host and by path, and checks the
signature once more, which the door has verified.

Covered by tests/integration/test_emulator_contract_calls.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import uuid

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sms_redirect.loopback import HOST
from sms_redirect.loopback.hosts import name_in
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.doors.caller import Caller, caller
from sms_redirect.sandbox.doors.reply import send_whole
from sms_redirect.sandbox.emulator import Headers, Response, iam

SERVICES = frozenset({"kms", "sns"})


class Calls:
    """Everything else that is sent to the same path goes to `otherwise`."""

    def __init__(self, otherwise: ASGIApp) -> None:
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked_by, request = caller(scope), Request(scope, receive)
        if asked_by is None or asked_by.region is None or not _is_a_call(request, asked_by):
            await self._otherwise(scope, receive, send)
            return
        address = request.client.host if request.client else HOST
        with emulator.scope(asked_by.region), iam.called_from(address):
            status, headers, content = await _respond(_headers(request), await request.body())
        await send_whole(send, status, headers, content)


def _is_a_call(request: Request, asked_by: Caller) -> bool:
    """As the SDKs send them: not to a host that may be a bucket's or an API's, nor with anything in the address."""
    if asked_by.service not in SERVICES or request.method != "POST" or request.scope["query_string"]:
        return False
    return not name_in(request.headers.get("host", "")).endswith(".localhost")


def _headers(request: Request) -> Headers:
    found: Headers = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def _respond(headers: Headers, body: bytes) -> Response:
    from ministack import app

    response: Response = await app._dispatch_service_request("POST", "/", headers, body, {}, str(uuid.uuid4()))
    return response
