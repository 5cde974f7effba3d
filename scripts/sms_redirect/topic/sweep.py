"""Removes the queues and subscriptions that killed runs left behind.

A queue goes when its process on this machine has ended, or when it has shown no sign of life for long. A subscription
goes with its queue, and where its queue is gone already.
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

QUIET = timedelta(minutes=15)  # three missed signs of life


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
    """Remove what is left in the session's account and region, of one topic where one is named.

    `older_than` is the time since the last sign of life; inboxes show one every few minutes. Zero removes all, also
    those in use.

    Raises:
        NotAllowed, CannotReachAws
    """
    with explained("Removing left inbox queues", policy(topic_arn)):
        # In this order: the queue of a subscription that is seen here was made before it.
        subscriptions = _subscriptions(aws, topic_arn)
        queues = {_name(url): url for url in _queue_urls(aws) if _is_left(_tags(aws, url), older_than, topic_arn)}
        left = [each for each in subscriptions if each.queue_name in queues or not _exists(aws, each.queue_name)]
        for each in left:
            with _already_gone():
                aws.sns.unsubscribe(SubscriptionArn=each.arn)
        for url in queues.values():
            with _already_gone():
                aws.sqs.delete_queue(QueueUrl=url)
    return Swept(tuple(queues), tuple(each.arn for each in left))


def _subscriptions(aws: Aws, topic_arn: str | None) -> list[_Subscription]:
    """Those of inbox queues in this region and the topic's account."""
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
    # Without a page size SQS gives the first thousand alone, and no token for more.
    pages = aws.sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=QUEUE_PREFIX, PaginationConfig={"PageSize": 1000}
    )
    return [url for page in pages for url in page.get("QueueUrls", [])]


def _tags(aws: Aws, url: str) -> Mapping[str, str]:
    with _already_gone():
        return aws.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return {}


def _is_left(tags: Mapping[str, str], older_than: timedelta, topic_arn: str | None) -> bool:
    """Whether a queue with these tags has nobody any more. One without our tags is not ours, whatever its name."""
    if TOPIC_TAG not in tags or (topic_arn and tags[TOPIC_TAG] != topic_arn):
        return False
    return has_ended(tags.get(OWNER_TAG, "")) or _age(tags.get(ALIVE_TAG, "")) >= older_than


def _age(alive_at: str) -> timedelta:
    try:
        return datetime.now(UTC) - datetime.fromisoformat(alive_at)
    except (ValueError, TypeError):
        return timedelta.max  # never a sign of life


def _exists(aws: Aws, name: str) -> bool:
    try:
        aws.sqs.get_queue_url(QueueName=name)
    except ClientError as error:
        if code_of(error) not in NO_QUEUE:
            raise
        return False
    return True


def _name(url: str) -> str:
    return url.rpartition("/")[2]


@contextmanager
def _already_gone() -> Iterator[None]:
    """Another sweep, or the owner, may be quicker."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in NO_QUEUE | NO_TOPIC:
            raise
