"""A CloudFormation stack with one `Custom::UserPoolAttachment`, as far as the attachment function can tell."""

import itertools
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pool_attachment.handler import serve
from pool_attachment.pool import Aws
from pool_attachment.retry import Clock
from random_pools import POOL_ID
from strict_cognito import ACCOUNT, REGION, KilledError, StrictCognito, quick_session

STACK_ARN = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/redirect/11111111-2222-3333-4444-555555555555"
STACK_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/bbbbbbbb-2222-4bbb-8bbb-bbbbbbbbbbbb"
URL = "https://cloudformation-custom-resource-response.s3.amazonaws.com/answer?X-Amz-Signature=topsecret"


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


@dataclass
class FakeTime:
    """Time that passes only when somebody sleeps. `slept`: how long each time."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept.append(seconds)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, sleep=self.sleep)


@dataclass
class Context:
    """Lambda's context, as long before its end as the template says."""

    milliseconds: int = 420_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class Wire:
    """One pair of clients for all tests, led to the Cognito of the moment: making them takes longer than the rest."""

    cognito: StrictCognito

    @cached_property
    def aws(self) -> Aws:
        session = quick_session(REGION)
        session.events.register("before-send", lambda request, **_: self.cognito.serve(request))
        return Aws.of(session)


_wire = Wire()


@dataclass
class FakeStack:
    """Sends events, keeps responses. `deliver` raises KilledError when the function's process dies.

    `sender`: the function that the stack has now, named by the attachment function's environment.
    """

    cognito: StrictCognito
    time: FakeTime = field(default_factory=FakeTime)
    answers: list[dict[str, Any]] = field(default_factory=list)
    arn: str = STACK_ARN
    physical_id: str | None = None
    sender: str = "redirect"

    def properties(self, pool_id: str = POOL_ID, sender: str = "redirect", key: str = STACK_KEY, **more: str):
        return {
            "ServiceToken": function_arn("attachment"),
            "ServiceTimeout": "600",
            "UserPoolId": pool_id,
            "SenderFunctionArn": function_arn(sender),
            "KmsKeyArn": key,
            "KeyIsOurs": "true" if key == STACK_KEY else "false",
            "StackArn": self.arn,
            "MaxPoolUsers": "1000",
            "AllowProduction": "no",
            **more,
        }

    def event(self, kind: str, properties: dict[str, str], old: dict[str, str] | None = None, **more: Any):
        event = {
            "RequestType": kind,
            "ResponseURL": URL,
            "StackId": self.arn,
            "RequestId": f"request-{next(_numbers)}",
            "ResourceType": "Custom::UserPoolAttachment",
            "LogicalResourceId": "Attachment",
            "ResourceProperties": properties,
        }
        if kind != "Create":
            event["PhysicalResourceId"] = self.physical_id
        if old is not None:
            event["OldResourceProperties"] = old
        return {**event, **more}

    def deliver(self, event: dict[str, Any], context: Any = None) -> dict[str, Any]:
        """One invocation; the answer."""
        before = len(self.answers)
        if (
            event["RequestType"] != "Delete"
        ):  # of a replaced function, CloudFormation deletes with the properties of old
            self.sender = (event["ResourceProperties"] or {}).get("SenderFunctionArn", "").rpartition(":")[2]
        serve(
            event,
            context or Context(),
            connect=self.connect,
            clock=self.time.clock(),
            put=self._put,
            environment=self.environment(),
        )
        assert len(self.answers) == before + 1, "exactly one answer"
        return self.answers[-1]

    def deliver_until_answered(self, event: dict[str, Any]) -> dict[str, Any]:
        """As Lambda does: an invocation that died is repeated."""
        for _ in range(3):
            try:
                return self.deliver(event)
            except KilledError:
                continue
        raise AssertionError("died three times")

    def environment(self) -> dict[str, str]:
        return {"STACK_ARN": self.arn, "SENDER_FUNCTION_ARN": function_arn(self.sender or "redirect")}

    def connect(self) -> Aws:
        _wire.cognito = self.cognito
        return _wire.aws

    def create(self, **properties: str) -> dict[str, Any]:
        answer = self.deliver_until_answered(self.event("Create", self.properties(**properties)))
        self.physical_id = answer["PhysicalResourceId"]
        return answer

    def update(self, old: dict[str, str], **properties: str) -> dict[str, Any]:
        answer = self.deliver_until_answered(self.event("Update", self.properties(**properties), old))
        if answer["Status"] == "SUCCESS":
            self.physical_id = answer["PhysicalResourceId"]
        return answer

    def delete(self, **properties: str) -> dict[str, Any]:
        return self.deliver_until_answered(self.event("Delete", self.properties(**properties)))

    def _put(self, url: str, body: bytes) -> int:
        assert url == URL
        assert len(body) < 4096
        self.answers.append(json.loads(body))
        return 200


_numbers = itertools.count(1)
