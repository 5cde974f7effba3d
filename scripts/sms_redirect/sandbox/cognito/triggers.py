"""A pool's Lambda triggers that Cognito waits for.

Five seconds for each try, three tries where a function is too slow, and its error becomes the caller's:
DG/cognito-user-identity-pools-working-with-aws-lambda-triggers. Texts as users published them (sst#1815,
amplify-flutter#1051, service-workbench-on-aws#1136).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sms_redirect.inbox.sources import Attempt
from sms_redirect.pool_rules.invoke_permission import missing_permission
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

SECONDS = 5.0
TRIES = 3
NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"  # what Cognito writes for admin calls
NO_SDK = "aws-sdk-unknown-unknown"


class Invocation(Protocol):
    """One that has ended."""

    @property
    def status(self) -> int: ...

    @property
    def function_error(self) -> str | None: ...

    @property
    def payload(self) -> bytes: ...


LateEvent = Callable[[], dict[str, Any] | None]
"""Makes the event when its turn comes; None if there is nothing to invoke for."""


class Functions(Protocol):
    """Lambda, as far as user pools need it."""

    async def invoke(self, function_arn: str, region: str, event: Mapping[str, Any]) -> Invocation: ...

    def invoke_later(
        self,
        function_arn: str,
        region: str,
        event: LateEvent,
        lost: Callable[[str], None],
        tried: Callable[[Attempt], None],
    ) -> None:
        """Asynchronously, with Lambda's retries. `tried` is called after each try, `lost` when all of them are over,
        with the reason.
        """

    def log_group(self, function_arn: str, region: str) -> str: ...

    def policy(self, function_arn: str, region: str) -> list[dict[str, Any]]: ...


def event(  # noqa: PLR0917 - what every trigger is told
    pool: Pool, source: str, user_name: str, client_id: str | None, request: Mapping[str, Any], version: str = "1"
) -> dict[str, Any]:
    """What every trigger is told, whatever it is for."""
    return {
        "version": version,
        "triggerSource": source,
        "region": pool.region,
        "userPoolId": pool.id,
        "userName": user_name,
        "callerContext": {"awsSdkVersion": NO_SDK, "clientId": client_id or NO_CLIENT},
        "request": dict(request),
        "response": {},
    }


class Triggers:
    def __init__(self, functions: Functions, seconds: float = SECONDS) -> None:
        self._functions = functions
        self._seconds = seconds

    async def call(  # noqa: PLR0917 - what a trigger is told
        self,
        pool: Pool,
        trigger: str,
        source: str,
        user_name: str,
        client_id: str | None,
        request: Mapping[str, Any],
        response: Mapping[str, Any] | None = None,
        *,
        version: str = "1",
    ) -> dict[str, Any] | None:
        """The `response` that a trigger's function returns; None if the pool has no such trigger.

        `trigger` is its name in LambdaConfig, `source` the event's `triggerSource`, `response` what the function finds
        there.

        Raises:
            CognitoError: UserLambdaValidationException with the function's own words, UnexpectedLambdaException, or
                InvalidLambdaResponseException.
        """
        function_arn = pool.trigger(trigger)
        if function_arn is None:
            return None
        if missing_permission(self._functions.policy(function_arn, pool.region), pool.arn):
            raise _unexpected(trigger, "AccessDeniedException")
        told = event(pool, source, user_name, client_id, _as_told(request), version)
        told["response"] = dict(response or {})
        invocation = await self._invoke(trigger, function_arn, pool.region, told)
        return _response(trigger, invocation)

    async def _invoke(self, trigger: str, function_arn: str, region: str, told: Mapping[str, Any]) -> Invocation:
        for _ in range(TRIES):
            try:
                return await asyncio.wait_for(self._functions.invoke(function_arn, region, told), self._seconds)
            except TimeoutError:
                continue
        raise _unexpected(trigger, "Socket timeout while invoking Lambda function")


def _as_told(request: Mapping[str, Any]) -> dict[str, Any]:
    """Without `clientMetadata`, and with null as `validationData`, if the caller gave none (amplify docs#4147)."""
    told = {name: value for name, value in request.items() if value or name != "clientMetadata"}
    return told | {"validationData": told["validationData"] or None} if "validationData" in told else told


def _response(trigger: str, invocation: Invocation) -> dict[str, Any]:
    if invocation.status == 404:  # noqa: PLR2004 - no such function
        raise _unexpected(trigger, "ResourceNotFoundException")
    if invocation.status >= 300 and invocation.function_error is None:  # noqa: PLR2004 - HTTP's success range
        raise _unexpected(trigger, "ServiceException")
    try:
        document = json.loads(invocation.payload or b"null")
    except (ValueError, RecursionError):
        document = None
    if invocation.function_error is not None:
        said = document.get("errorMessage") if isinstance(document, dict) else None
        raise CognitoError("UserLambdaValidationException", f"{trigger} failed with error {said or 'unknown'}.")
    response = document.get("response") if isinstance(document, dict) else None
    if not isinstance(response, dict):
        raise CognitoError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    return response


def _unexpected(trigger: str, error: str) -> CognitoError:
    return CognitoError("UnexpectedLambdaException", f"{trigger} invocation failed due to error {error}.")
