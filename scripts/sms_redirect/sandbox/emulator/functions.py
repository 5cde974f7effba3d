"""Lambda as the emulator runs it: with `emulator`, the only module that knows its functions.

Covered by tests/integration/test_emulator_contract.py.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sms_redirect.sandbox.emulator import enforcement

LONGEST_WORDS = 300
MOST_INVOCATIONS = 1000  # at a time: Lambda's default quota of concurrent executions


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came back of one synchronous invocation of a function."""

    status: int
    function_error: str | None
    payload: bytes
    log: str = field(default="", repr=False)  # the end of what it logged

    @property
    def failed(self) -> bool:
        return self.status >= 300 or self.function_error is not None  # noqa: PLR2004 - HTTP's success range

    @property
    def response(self) -> Any:
        """What the payload holds; None if it is not JSON."""
        try:
            return json.loads(self.payload)
        except (ValueError, RecursionError):
            return None

    @property
    def said(self) -> str | None:
        """The error of a function that failed, in its own words and on one line; None if it left none."""
        response = self.response
        if not isinstance(response, dict) or not response.get("errorMessage"):
            return None
        words = (str(response[name]) for name in ("errorType", "errorMessage") if response.get(name))
        return " ".join(": ".join(words).split())[:LONGEST_WORDS]


async def invoke_function(function_arn: str, event: Mapping[str, Any]) -> Invocation:
    """Invoke a deployed function and wait for it, through the emulator's Lambda API."""
    from ministack.services import lambda_svc

    path = f"/2015-03-31/functions/{function_arn}/invocations"
    wanted = {"X-Amz-Log-Type": "Tail"}
    status, headers, body = await lambda_svc.handle_request("POST", path, wanted, json.dumps(event).encode(), {})
    log = base64.b64decode(headers.get("X-Amz-Log-Result", "")).decode(errors="replace")
    return Invocation(status, headers.get("X-Amz-Function-Error"), body, log)


def invoke_and_wait(function_arn: str, event: Mapping[str, Any]) -> Invocation:
    """The same, in a thread without an event loop, which waits for the function itself."""

    def complete() -> Invocation:
        try:
            invoke_function(function_arn, event).send(None)
        except StopIteration as done:
            invocation: Invocation = done.value
            return invocation
        raise RuntimeError("the emulator waits for something else than the function")

    return contextvars.copy_context().run(complete)


def reuse_threads() -> None:
    """Keep the threads that wait for functions: the emulator starts one for each invocation, and its event loop waits.

    There are as many as invocations at a time, so a function that invokes another one finds a thread, too.
    """
    from ministack.services import lambda_svc

    threads = ThreadPoolExecutor(MOST_INVOCATIONS, "invocation")

    async def run(function: Callable[..., Any], *arguments: Any, **_names: str) -> Any:
        context = contextvars.copy_context()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # of `invoke_and_wait`
            return context.run(function, *arguments)
        return await loop.run_in_executor(threads, context.run, function, *arguments)

    lambda_svc.run_reentrant = run


def keep_deleted_log_groups_deleted() -> None:
    """Do as Lambda does where a function names its log group: its role may write there, but not make the group anew."""
    from ministack.services import cloudwatch_logs, lambda_svc

    original = getattr(lambda_svc._emit_lambda_logs, "of_the_emulator", lambda_svc._emit_lambda_logs)

    def emit(function: dict[str, Any], *arguments: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if group is None or (group in cloudwatch_logs._log_groups and enforcement.may_write_logs(config, group)):
            original(function, *arguments, **named)

    emit.of_the_emulator = original  # type: ignore[attr-defined]
    lambda_svc._emit_lambda_logs = emit


def end_functions() -> None:
    """End the processes that the deployed functions run in."""
    from ministack.core import lambda_runtime

    lambda_runtime.reset()


def function_record(function_arn: str) -> dict[str, Any] | None:
    from ministack.services import lambda_svc

    record: dict[str, Any] | None = lambda_svc._get_func_record_for_ref(function_arn)[0]
    return record


def log_group(function_arn: str) -> str:
    """Where a function logs."""
    record = function_record(function_arn) or {}
    config = record.get("config") or record
    name = function_arn.partition(":function:")[2].partition(":")[0]
    return str((config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}")


def function_policy(function_arn: str) -> list[dict[str, Any]]:
    """The statements of a function's resource policy, as `lambda:AddPermission` made them."""
    record = function_record(function_arn)
    statements: list[dict[str, Any]] = (record or {}).get("policy", {}).get("Statement", [])
    return statements


def event_invoke_config(function_arn: str) -> dict[str, Any]:
    """`MaximumRetryAttempts`, `MaximumEventAgeInSeconds` and `DestinationConfig` of asynchronous invocations."""
    record = function_record(function_arn) or {}
    config: dict[str, Any] = (
        record.get("event_invoke_config") or (record.get("event_invoke_configs") or {}).get("$LATEST") or {}
    )
    return config


def send_to_failure_destination(destination: str, function_arn: str, event: Mapping[str, Any], payload: Any) -> bool:
    """Put an event that was given up on into its OnFailure destination, in Lambda's invocation record.

    False: the function's role may not, so Lambda drops the event (its metric DestinationDeliveryFailures counts it).
    """
    from ministack.services import lambda_svc

    record = function_record(function_arn) or {}
    if not enforcement.may_send(record.get("config") or record, destination):
        return False
    name = function_arn.rpartition(":function:")[2]
    lambda_svc._route_async_failure(destination, name, dict(event), {"body": payload, "error": True})
    return True
