"""The permissions that a caller needs, as an IAM policy to paste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]

QUEUE_PREFIX = "sms-redirect-inbox-"


@dataclass(frozen=True, slots=True)
class TopicArn:
    """The parts of `arn:PARTITION:sns:REGION:ACCOUNT:NAME`."""

    partition: str
    region: str
    account: str
    name: str

    @classmethod
    def parse(cls, arn: str) -> TopicArn | None:
        """None if the text is not a topic's ARN."""
        match arn.split(":"):
            case ["arn", partition, "sns", region, account, name] if all((partition, region, account, name)):
                return cls(partition, region, account, name)
        return None

    def queue_arn(self, name: str) -> str:
        """The ARN of a queue in the topic's region and account."""
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{name}"


ANYWHERE = TopicArn("aws", "*", "*", "*")


def policy(topic_arn: str | None = None, stack_name: str | None = None) -> Policy:
    """To read one topic (None: any) through temporary queues, to sweep, and to find a stack's topic."""
    place = (TopicArn.parse(topic_arn) if topic_arn else None) or ANYWHERE
    queue = [
        "sqs:CreateQueue",
        "sqs:DeleteMessage",
        "sqs:DeleteQueue",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
        "sqs:TagQueue",
    ]
    topic = ["sns:ListSubscriptionsByTopic", "sns:Subscribe"]
    statements = [
        _allow(queue, place.queue_arn(f"{QUEUE_PREFIX}*")),
        _allow(topic, topic_arn or "*"),
        # None of these can be restricted to a topic: a subscription's ARN is not known in advance.
        _allow(["sns:ListSubscriptions", "sns:Unsubscribe", "sqs:ListQueues"], "*"),
    ]
    if stack_name:
        stack = f"arn:{place.partition}:cloudformation:{place.region}:{place.account}:stack/{stack_name}/*"
        statements.append(_allow(["cloudformation:DescribeStacks"], stack))
    return {"Version": "2012-10-17", "Statement": statements}


def subscribers_policy(topic_arn: str) -> Policy:
    """To list, add, confirm, filter and end the subscriptions of one topic."""
    topic = ["sns:ConfirmSubscription", "sns:ListSubscriptionsByTopic", "sns:Subscribe"]
    # A subscription's ARN begins with its topic's.
    subscription = ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
    statements = [_allow(topic, topic_arn), _allow(subscription, f"{topic_arn}*")]
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
