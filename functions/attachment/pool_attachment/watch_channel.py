"""What the watch needs beside the pool and the key: the topic with its subscriptions, its memory, the failure queue.

The memory is two tags on the stack's own topic. They go with the stack, can be read by anybody, cost nothing, and take
two permissions on one resource. A parameter or a table would be another resource that can drift from its template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from pool_attachment.notice import Notice
from pool_attachment.watch import Readers, State, addresses

STATE, OTHERS = "sms-redirect:watch", "sms-redirect:watch-readers"  # see `State`
_EMAIL = {"email", "email-json"}
_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


@dataclass(frozen=True)
class Channel:
    """Every method raises what botocore raises."""

    sns: Any
    sqs: Any
    topic_arn: str
    queue_url: str

    @classmethod
    def connect(cls, topic_arn: str, queue_url: str) -> Channel:
        session = boto3.session.Session()
        return cls(session.client("sns", config=_CONFIG), session.client("sqs", config=_CONFIG), topic_arn, queue_url)

    def close(self) -> None:
        self.sns.close()
        self.sqs.close()

    def remembered(self, pool_id: str) -> State:
        tags = self.sns.list_tags_for_resource(ResourceArn=self.topic_arn).get("Tags", [])
        values = {each["Key"]: each["Value"] for each in tags}
        return State.read(values.get(STATE, ""), pool_id, values.get(OTHERS, ""))

    def remember(self, state: State) -> None:
        tags = {STATE: state.encoded(), OTHERS: state.encoded_others()}
        self.sns.tag_resource(
            ResourceArn=self.topic_arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )

    def lost(self) -> int:
        """Events in the failure queue, those that somebody is reading included. SQS calls its numbers approximate."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names).get("Attributes", {})
        return sum(int(found.get(name, 0)) for name in names)

    def readers(self, expected: Iterable[str]) -> Readers:
        """A pending subscription has `PendingConfirmation` in place of its ARN, one that just ended `Deleted`."""
        pages = self.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self.topic_arn)
        listed = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] in _EMAIL]
        return addresses(
            confirmed=(each["Endpoint"] for each in listed if each["SubscriptionArn"].startswith("arn:")),
            pending=(each["Endpoint"] for each in listed if each["SubscriptionArn"] == "PendingConfirmation"),
            expected=expected,
        )

    def publish(self, notice: Notice) -> None:
        self.sns.publish(
            TopicArn=self.topic_arn,
            Subject=notice.subject,
            Message=notice.message,
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in notice.attributes.items()
            },
        )
