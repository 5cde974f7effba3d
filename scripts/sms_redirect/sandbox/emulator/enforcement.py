"""Permissions and limits that AWS enforces and the emulator does not, enforced around it.

- Lambda must be able to assume a function's role (Lambda API reference, CreateFunction).
- Publishing to an encrypted topic takes kms:GenerateDataKey and kms:Decrypt on the topic's key, with the topic as
  encryption context (SNS developer guide, "Key management").
- A function writes logs with its role (Lambda developer guide, "Sending function logs to CloudWatch Logs").
- So does Lambda send a lost event to its destination ("Retaining records of asynchronous invocations").
- A Systems Manager parameter's value must match its AllowedPattern (API reference, PutParameter). In stacks only.

Covered by tests/integration/test_least_privilege.py and test_allowed_domains.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import Handler, Headers, Response, iam, sns, stacks

LAMBDA = "lambda.amazonaws.com"
WRITES_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
PUBLISHES_ENCRYPTED = ("kms:GenerateDataKey", "kms:Decrypt")
PUBLISH = {"Publish", "PublishBatch"}


class FunctionRefused(Exception):  # noqa: N818 - it names what happened
    """Lambda did not make a function. The text is what a stack event shows."""


class ParameterRefused(Exception):  # noqa: N818 - it names what happened
    """Systems Manager did not take a parameter's value. The text is what a stack event shows."""


def install() -> None:
    """Around the services. Of what stacks make, see `complete`."""
    emulator.replace_service("sns", _with_the_topics_key)


def complete() -> None:
    """Teach the emulator's stack engine, below whatever else replaces its steps."""
    from ministack.services.cloudformation import provisioners

    steps = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    if not getattr(steps["create"], "asks_for_trust", False):
        steps["create"] = _with_a_role_that_lambda_assumes(steps["create"])
    stacks.replace_handlers("AWS::SSM::Parameter", {"create": _with_allowed_pattern, "update": _with_allowed_pattern})


def _with_allowed_pattern(original: stacks.Step) -> stacks.Step:
    """Of a create's or an update's arguments, the properties are the last that are a mapping."""

    def step(*arguments: Any) -> Any:
        properties = [each for each in arguments if isinstance(each, Mapping)][-1]
        pattern = properties.get("AllowedPattern", "")
        if not re.search(pattern, str(properties.get("Value", ""))):
            raise ParameterRefused(
                f'Resource handler returned message: "Parameter value, cannot be validated against allowedPattern: '
                f'{pattern} (Service: Ssm, Status Code: 400)" (HandlerErrorCode: InvalidRequest)'
            )
        return original(*arguments)

    return step


def may_write_logs(function: Mapping[str, Any], group: str) -> bool:
    """Whether a function's role may write to a log group. `function` is the emulator's configuration of it."""
    role = iam.role(str(function.get("Role", "")))
    region, account = function["FunctionArn"].split(":")[3:5]
    stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:any"
    return role is not None and all(role.may(action, stream) for action in WRITES_LOGS)


def may_send(function: Mapping[str, Any], queue_arn: str) -> bool:
    """Whether Lambda may send a function's lost events to a queue, which it does with the function's role."""
    role = iam.role(str(function.get("Role", "")))
    return role is not None and role.may("sqs:SendMessage", queue_arn)


def _with_a_role_that_lambda_assumes(create: Callable[..., Any]) -> Callable[..., Any]:
    def created(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        role = iam.role(str(properties.get("Role", "")))
        if role is not None and not role.trusts(LAMBDA, {}):
            raise FunctionRefused(
                'Resource handler returned message: "The role defined for the function cannot be assumed by Lambda. '
                '(Service: Lambda, Status Code: 400)" (HandlerErrorCode: InvalidRequest)'
            )
        return create(logical_id, properties, stack_name)

    created.asks_for_trust = True  # type: ignore[attr-defined]
    return created


def _with_the_topics_key(original: Handler) -> Handler:
    async def handle(method: str, path: str, headers: Headers, body: bytes, query: dict[str, Any]) -> Response:
        request = sns.parameters(body, query)
        if request.get("Action") in PUBLISH:
            denied = _denied_key(headers, request.get("TopicArn", ""))
            if denied:
                return sns.error("KMSAccessDenied", denied, 400)
        return await original(method, path, headers, body, query)

    return handle


def _denied_key(headers: Headers, topic_arn: str) -> str | None:
    key = sns.attribute(topic_arn, "KmsMasterKeyId")
    if not key.startswith("arn:"):  # none, or alias/aws/sns, whose policy lets everybody through who may publish
        return None
    context = {"kms:EncryptionContext:aws:sns:topicArn": topic_arn}
    denials = (iam.denial(headers, action, key, context) for action in PUBLISHES_ENCRYPTED)
    return next((denial for denial in denials if denial), None)
