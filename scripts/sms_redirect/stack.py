"""Finds a deployed stack; reads its outputs and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.errors import NoSuchStack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

    from sms_redirect.topic.permissions import Policy

TOPIC = "TopicArn"


def outputs(aws: Aws, stack_name: str, policy: Policy | None = None) -> dict[str, str]:
    """The stack's outputs, key to value. `policy` is shown to callers who lack the permission.

    Raises:
        NoSuchStack, NotAllowed, CannotReachAws
    """
    return outputs_of(described(aws, stack_name, policy))


def outputs_of(stack: StackTypeDef) -> dict[str, str]:
    """The outputs of a stack as DescribeStacks shows it, key to value."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def required(found: Mapping[str, str], key: str, stack_name: str) -> str:
    """One of a stack's outputs.

    Raises:
        NoSuchStack: it is missing.
    """
    if key not in found:
        raise NoSuchStack(
            f"The stack {stack_name!r} has no output {key}: it is not an sms-redirect stack, or it is not fully "
            "deployed."
        )
    return found[key]


def parameters(aws: Aws, stack_name: str, policy: Policy | None = None) -> dict[str, str]:
    """The parameters that the stack was deployed with, key to value.

    Raises:
        NoSuchStack, NotAllowed, CannotReachAws
    """
    found = described(aws, stack_name, policy).get("Parameters", [])
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in found}


def described(aws: Aws, stack_name: str, policy: Policy | None = None) -> StackTypeDef:
    """What CloudFormation says of the stack.

    Raises:
        NoSuchStack, NotAllowed, CannotReachAws
    """
    with explained(f"Reading the stack {stack_name!r}", policy):
        try:
            return aws.cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
        except ClientError as error:
            if code_of(error) != "ValidationError":
                raise
            raise NoSuchStack(
                f"There is no stack {stack_name!r} in {aws.cloudformation.meta.region_name}. Check its name, the "
                "region and the account (profile): `aws cloudformation list-stacks` lists the stacks there."
            ) from error


def topic_arn(aws: Aws, stack_name: str, policy: Policy | None = None) -> str:
    """The ARN of the topic that a stack's SMS go to.

    Raises:
        NoSuchStack: there is none, or it has no topic.
        NotAllowed, CannotReachAws
    """
    return required(outputs(aws, stack_name, policy), TOPIC, stack_name)
