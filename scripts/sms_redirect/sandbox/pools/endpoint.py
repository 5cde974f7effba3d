"""The user pools API's address: IAM decides about each signed operation, then the service does it.

In front of the emulator, which has no part in it: its dispatch costs as much as most operations, and adds headers that
Cognito does not send.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sms_redirect.loopback import HOST
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.cognito.api import model, responses
from sms_redirect.sandbox.cognito.api.responses import Response
from sms_redirect.sandbox.cognito.api.service import Service
from sms_redirect.sandbox.doors.caller import Caller, caller
from sms_redirect.sandbox.doors.reply import send_whole
from sms_redirect.sandbox.doors.signature import ALGORITHM
from sms_redirect.sandbox.emulator import iam
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools import permissions

UNSIGNED = "Missing Authentication Token"
TARGET = "AWSCognitoIdentityProviderService."


class Endpoint:
    """Everything else that is sent to the same path goes to `otherwise`. Unsigned requests act in `region`."""

    def __init__(self, service: Service, region: str, otherwise: ASGIApp) -> None:
        self._service = service
        self._region = region
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        target = request.headers.get("x-amz-target", "")
        if request.method != "POST" or not target.startswith(TARGET):
            await self._otherwise(scope, receive, send)
            return
        asked_by = caller(scope)
        region = (asked_by and asked_by.region) or self._region
        headers, body = _verified(request.headers, asked_by, region), await request.body()
        with emulator.scope(region), iam.called_from(request.client.host if request.client else HOST):
            status, sent, content = await self._respond(target.removeprefix(TARGET), headers, body, region)
        await send_whole(send, status, sent, content)

    async def _respond(self, operation: str, headers: Mapping[str, str], body: bytes, region: str) -> Response:
        if operation in model.operation_names() and model.signs_its_requests(operation):
            if "authorization" not in headers:
                return responses.failure(CognitoError("MissingAuthenticationTokenException", UNSIGNED))
            try:
                permissions.check_operation(operation, self._named(_document(body), region), headers)
            except CognitoError as denied:
                return responses.failure(denied)
        return await self._service.respond(operation, body, headers)

    def _named(self, document: Mapping[str, Any], region: str) -> permissions.Named:
        """What a request names, so that policies can."""
        named = permissions.named(document, region)
        pool = self._service.context.store.pools.get(named.resource.rpartition("/")[2])
        return replace(named, resource_tags=pool.settings.get("UserPoolTags", {})) if pool else named


def _verified(headers: Mapping[str, str], asked_by: Caller | None, region: str) -> dict[str, str]:
    """Headers in which only the caller that the door has verified is named, however the request was signed."""
    kept = {name: value for name, value in headers.items() if name != "authorization"}
    if asked_by is None:
        return kept
    scope = f"{asked_by.access_key_id}/{datetime.now(UTC):%Y%m%d}/{region}/cognito-idp/aws4_request"
    return kept | {"authorization": f"{ALGORITHM} Credential={scope}"}


def _document(body: bytes) -> Mapping[str, Any]:
    """What a request says; nothing, if it is not a JSON object: the service refuses that later."""
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
