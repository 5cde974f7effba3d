"""Finds a deployed stack and reads what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.errors import NoSuchStack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

    from sms_redirect.topic.permissions import Policy

TOPIC = "TopicArn"


def outputs(aws: Aws, stack_name: str, policy: Policy | None = None) -> dict[str, str]:
    """The stack's outputs, key to value. `policy` is shown to callers who may not read them.

    Raises:
        NoSuchStack, NotAllowed, CannotReachAws
    """
    return {each["OutputKey"]: each["OutputValue"] for each in _described(aws, stack_name, policy).get("Outputs", [])}


def parameters(aws: Aws, stack_name: str, policy: Policy | None = None) -> dict[str, str]:
    """The parameters that the stack was deployed with, key to value.

    Raises:
        NoSuchStack, NotAllowed, CannotReachAws
    """
    found = _described(aws, stack_name, policy).get("Parameters", [])
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in found}


def _described(aws: Aws, stack_name: str, policy: Policy | None) -> StackTypeDef:
    with explained(f"Reading the stack {stack_name!r}", policy):
        try:
            return aws.cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
        except ClientError as error:
            if code_of(error) != "ValidationError":
                raise
            raise NoSuchStack(
                f"There is no stack {stack_name!r} in {aws.cloudformation.meta.region_name}. Its name, the region and "
                "the account (profile) must be those that it was deployed with; `sam list` or the console show them."
            ) from error


def topic_arn(aws: Aws, stack_name: str, policy: Policy | None = None) -> str:
    """The topic that a stack's SMS go to.

    Raises:
        NoSuchStack: also where the stack has no such topic.
        NotAllowed, CannotReachAws
    """
    found = outputs(aws, stack_name, policy).get(TOPIC)
    if found is None:
        raise NoSuchStack(
            f"The stack {stack_name!r} has no output {TOPIC}: it is none of sms-redirect's, or its deployment has not "
            "succeeded yet."
        )
    return found
