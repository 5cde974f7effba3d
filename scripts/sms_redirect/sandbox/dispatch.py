"""The seat of Cognito's operations in the sandbox: ours where there is one, else the emulator's."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import Headers, Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools import shapes as pool_shapes
from sms_redirect.sandbox.pools import user_names

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an operation of the user pools API, already authenticated and authorized by the emulator."""

    action: str
    request: dict[str, Any]
    headers: Headers

    async def forward(self, request: Mapping[str, Any] | None = None) -> Response:
        """Let the emulator's own operation answer, to this request or to another in its place."""
        return await emulator_cognito.call_cognito(self.action, self.request if request is None else request)


Operation = Callable[[Call], Awaitable[Response]]


def dispatcher(operations: Mapping[str, Operation]) -> Callable[[emulator.Handler], emulator.Handler]:
    """The replacement for the emulator's `cognito-idp` service (see `emulator.replace_service`)."""

    def replacement(original: emulator.Handler) -> emulator.Handler:
        async def handle(method: str, path: str, headers: Headers, body: bytes, query: dict[str, Any]) -> Response:
            action = emulator.action_of(headers)
            operation = operations.get(action)
            try:
                request = _checked(action, body)
                if operation is None:
                    return await original(method, path, headers, json.dumps(request).encode(), query)
                return await operation(Call(action, request, headers))
            except CognitoError as problem:
                return emulator.error(problem.code, problem.message)
            except Exception:
                crash = uuid.uuid4()
                logger.exception("%s failed, request %s", action, crash)
                return emulator.error(
                    "InternalErrorException", f"The sandbox failed; its log names request {crash}.", 500
                )

        return handle

    return replacement


def _checked(action: str, body: bytes) -> dict[str, Any]:
    """The request, held against the API's model, with the user's name as the pool has it.

    A null member counts as absent, as it does on AWS; JavaScript clients send them.

    Raises:
        CognitoError: it is no JSON object, or not of the operation's shape.
    """
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise CognitoError("SerializationException", "The request is no JSON.") from None
    if not isinstance(request, dict):
        raise CognitoError("SerializationException", "The request is no JSON object.")
    request = pool_shapes.without_nulls(request)
    if pool_shapes.knows(action):
        pool_shapes.check(action, request, unknown_members=True)
    emulator_cognito.pin_scope(request)
    return user_names.as_stored(request)
