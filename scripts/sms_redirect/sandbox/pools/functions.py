"""The emulator's Lambda, as the user pools service needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sms_redirect.inbox.sources import Attempt
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.cognito.triggers import LateEvent
from sms_redirect.sandbox.emulator import functions
from sms_redirect.sandbox.emulator.functions import Invocation
from sms_redirect.sandbox.invocations import Invocations, Job


class PoolFunctions:
    """Implements `triggers.Functions`."""

    def __init__(self, invocations: Invocations) -> None:
        self._invocations = invocations

    async def invoke(self, function_arn: str, region: str, event: Mapping[str, Any]) -> Invocation:
        with emulator.scope(region):
            return await functions.invoke_function(function_arn, event)

    def invoke_later(
        self,
        function_arn: str,
        region: str,
        event: LateEvent,
        lost: Callable[[str], None],
        tried: Callable[[Attempt], None],
    ) -> None:
        self._invocations.submit(Job(function_arn, region, event, lost, tried))

    def log_group(self, function_arn: str, region: str) -> str:
        with emulator.scope(region):
            return functions.log_group(function_arn)

    def policy(self, function_arn: str, region: str) -> list[dict[str, Any]]:
        with emulator.scope(region):
            return functions.function_policy(function_arn)
