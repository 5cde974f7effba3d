"""The stack under test: a deployed one, or a sandbox's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from sms_redirect.aws import Aws
from sms_redirect.stack import outputs, required
from sms_redirect.topic.permissions import policy


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsStack:
    """A deployed stack. `user_pool_client_id` is None if the stack is attached to an existing user pool."""

    stack_name: str
    region: str
    endpoint_url: str | None  # None: AWS itself
    topic_arn: str
    user_pool_id: str
    user_pool_client_id: str | None
    session: boto3.Session = field(repr=False)

    @classmethod
    def find(cls, name: str, region: str | None, endpoint_url: str | None) -> SmsStack:
        """Look it up; without a region, in that of the AWS configuration.

        Raises:
            SmsInboxError: there is no such stack, or AWS cannot be reached.
        """
        aws = Aws.of(region, None, endpoint_url)
        found = outputs(aws, name, policy(stack_name=name))
        topic_arn = required(found, "TopicArn", name)
        return SmsStack(
            stack_name=name,
            region=topic_arn.split(":")[3],
            endpoint_url=endpoint_url,
            topic_arn=topic_arn,
            user_pool_id=required(found, "UserPoolId", name),
            user_pool_client_id=found.get("UserPoolClientId"),
            session=aws.session,
        )

    def client(self, service: str) -> Any:
        """A boto3 client for the stack's region and endpoint, for example `client("cognito-idp")`."""
        return self.session.client(service, region_name=self.region, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSandbox(SmsStack):
    """A sandbox with the stack deployed. `environment` points the AWS SDKs of an application to it.

    `token`: what its inbox and control API ask for, if `SMS_REDIRECT_TOKEN` was set when it started.
    """

    inbox_url: str
    token: str | None = field(default=None, repr=False)
    environment: Mapping[str, str] = field(repr=False)
