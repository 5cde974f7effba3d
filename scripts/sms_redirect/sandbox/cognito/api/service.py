"""The user pools service: finds the operation, calls it, and responds in the API's form."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Mapping
from typing import Any

from sms_redirect.sandbox.cognito.api import model, requests, responses, table
from sms_redirect.sandbox.cognito.api.operations import NotSimulated
from sms_redirect.sandbox.cognito.api.responses import Response
from sms_redirect.sandbox.cognito.call import Call, signed_region
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.errors import CognitoError

logger = logging.getLogger(__name__)

Headers = Mapping[str, str]


class Service:
    """Responds to every operation of the API. `strict` also refuses responses that the model does not know."""

    def __init__(self, context: Context, *, strict: bool = False) -> None:
        self.context = context
        self.strict = strict

    async def handle(self, _method: str, _path: str, headers: Headers, body: bytes, _query: Any) -> Response:
        """A request as the emulator passes it to a service: header names in lower case."""
        return await self.respond(headers.get("x-amz-target", "").rpartition(".")[2], body, headers)

    async def respond(self, operation: str, body: bytes, headers: Headers | None = None) -> Response:
        """The response to a request. Never raises: what goes wrong becomes an error of the API."""
        headers = headers or {}
        try:
            document = await self._result(operation, body, headers)
            return responses.success(operation, document, strict=self.strict)
        except CognitoError as error:
            return responses.failure(_as_modelled(operation, error))
        except Exception:
            crash = uuid.uuid4()
            logger.exception("%s failed, request %s", operation, crash)
            text = f"The sandbox failed; its log names request {crash}."
            return responses.failure(CognitoError("InternalErrorException", text))

    async def _result(self, operation: str, body: bytes, headers: Headers) -> Mapping[str, Any] | None:
        if operation not in model.operation_names():
            raise CognitoError(
                "UnknownOperationException", f"Amazon Cognito user pools has no operation {operation!r}."
            )
        region = signed_region(headers) if model.signs_its_requests(operation) else None
        call = Call(operation, requests.parsed(operation, body), region, headers)
        row = table.row_of(operation)
        if isinstance(row, NotSimulated):
            self.context.trouble.not_simulated(operation, row.why, call.request)
            raise CognitoError("UnsupportedOperationException", row.refusal(operation))
        result = row.run(self.context, call)
        return await result if isinstance(result, Awaitable) else result


def _as_modelled(operation: str, error: CognitoError) -> CognitoError:
    """AdminListDevices, GlobalSignOut and a few more have no error for a user who is not there (any more)."""
    if error.code != "UserNotFoundException" or error.code in model.error_names(operation):
        return error
    speaks_for_a_user = "AccessToken" in model.input_shape(operation).members
    return CognitoError("NotAuthorizedException" if speaks_for_a_user else "ResourceNotFoundException", error.message)
