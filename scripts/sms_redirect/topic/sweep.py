"""Removes the queues and subscriptions that killed runs left behind.

A queue is removed if its process on this machine has ended, or if nobody has renewed its tag for long. A subscription
is removed with its queue, or if its queue no longer exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.topic.owner import has_ended
from sms_redirect.topic.permissions import QUEUE_PREFIX, policy
from sms_redirect.topic.queue import ALIVE_TAG, NO_QUEUE, NO_TOPIC, OWNER_TAG, TOPIC_TAG

QUIET = timedelta(minutes=15)  # an inbox renews its tag every five


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed: queue names and subscription ARNs."""

    queues: tuple[str, ...]
    subscriptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Subscription:
    arn: str
    endpoint: str

    @property
    def queue_name(self) -> str:
        return self.endpoint.rpartition(":")[2]

    @property
    def is_an_inbox(self) -> bool:
        return self.endpoint.startswith("arn:") and self.queue_name.startswith(QUEUE_PREFIX)

    @property
    def place(self) -> str:
        """The queue's region."""
        return self.endpoint.split(":")[3]


def sweep(aws: Aws, older_than: timedelta = QUIET, topic_arn: str | None = None) -> Swept:
    """Remove what is left in the session's account and region, for one topic if it is named.

    `older_than` is the time since a queue's tag was last renewed; inboxes do that every five minutes. Zero removes
    every queue, including those in use.

    Raises:
        NotAllowed, CannotReachAws
    """
    with explained("Removing inbox queues that were left behind", policy(topic_arn)):
        # In this order: each subscription listed here was made after its queue, so that queue can be seen now.
        subscriptions = _subscriptions(aws, topic_arn)
        queues = {
            url.rpartition("/")[2]: url for url in _queue_urls(aws) if _is_left(_tags(aws, url), older_than, topic_arn)
        }
        left = [each for each in subscriptions if each.queue_name in queues or not _exists(aws, each.queue_name)]
        for each in left:
            with _already_gone():
                aws.sns.unsubscribe(SubscriptionArn=each.arn)
        for url in queues.values():
            with _already_gone():
                aws.sqs.delete_queue(QueueUrl=url)
    return Swept(tuple(queues), tuple(each.arn for each in left))


def _subscriptions(aws: Aws, topic_arn: str | None) -> list[_Subscription]:
    """The subscriptions of inbox queues in this region."""
    pages = (
        aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        if topic_arn
        else aws.sns.get_paginator("list_subscriptions").paginate()
    )
    found = [
        _Subscription(each["SubscriptionArn"], each["Endpoint"]) for page in pages for each in page["Subscriptions"]
    ]
    return [each for each in found if each.is_an_inbox and each.place == aws.sns.meta.region_name]


def _queue_urls(aws: Aws) -> list[str]:
    # Without a page size, SQS returns the first thousand only, and no token for more (ListQueues).
    pages = aws.sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=QUEUE_PREFIX, PaginationConfig={"PageSize": 1000}
    )
    return [url for page in pages for url in page.get("QueueUrls", [])]


def _tags(aws: Aws, url: str) -> Mapping[str, str]:
    with _already_gone():
        return aws.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return {}


def _is_left(tags: Mapping[str, str], older_than: timedelta, topic_arn: str | None) -> bool:
    """Whether nobody uses a queue with these tags. One without our tags is not ours, whatever its name."""
    if TOPIC_TAG not in tags or (topic_arn and tags[TOPIC_TAG] != topic_arn):
        return False
    return has_ended(tags.get(OWNER_TAG, "")) or _age(tags.get(ALIVE_TAG, "")) >= older_than


def _age(alive_at: str) -> timedelta:
    try:
        return datetime.now(UTC) - datetime.fromisoformat(alive_at)
    except (ValueError, TypeError):
        return timedelta.max  # no tag that can be read


def _exists(aws: Aws, name: str) -> bool:
    try:
        aws.sqs.get_queue_url(QueueName=name)
    except ClientError as error:
        if code_of(error) not in NO_QUEUE:
            raise
        return False
    return True


@contextmanager
def _already_gone() -> Iterator[None]:
    """Another sweep, or the queue's owner, may remove it first."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in NO_QUEUE | NO_TOPIC:
            raise
