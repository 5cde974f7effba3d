"""What a caller must be allowed to do, as an IAM policy to paste."""

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
        """None where the text is no topic's ARN."""
        match arn.split(":"):
            case ["arn", partition, "sns", region, account, name] if all((partition, region, account, name)):
                return cls(partition, region, account, name)
        return None

    def queue_arn(self, name: str) -> str:
        """The ARN of a queue beside the topic."""
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{name}"


ANYWHERE = TopicArn("aws", "*", "*", "*")


def policy(topic_arn: str | None = None, stack_name: str | None = None) -> Policy:
    """For reading one topic (None: any) through temporary queues, for sweeping, and for finding a stack's topic."""
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
        # Neither can be narrowed to a topic: a subscription's ARN is not known before.
        _allow(["sns:ListSubscriptions", "sns:Unsubscribe", "sqs:ListQueues"], "*"),
    ]
    if stack_name:
        stack = f"arn:{place.partition}:cloudformation:{place.region}:{place.account}:stack/{stack_name}/*"
        statements.append(_allow(["cloudformation:DescribeStacks"], stack))
    return {"Version": "2012-10-17", "Statement": statements}


def subscribers_policy(topic_arn: str) -> Policy:
    """For listing, adding, confirming, filtering and ending the subscribers of one topic."""
    topic = ["sns:ConfirmSubscription", "sns:ListSubscriptionsByTopic", "sns:Subscribe"]
    # A subscription's ARN begins with its topic's.
    subscription = ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
    statements = [_allow(topic, topic_arn), _allow(subscription, f"{topic_arn}*")]
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
