"""Feeds the web inbox of a deployed stack: SMS from a temporary queue, and pending subscriptions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from sms_redirect.aws import Aws
from sms_redirect.errors import SmsInboxError
from sms_redirect.gallery import reading
from sms_redirect.gallery.pool import Pool
from sms_redirect.inbox.sources import PendingSubscription
from sms_redirect.messages.store import SmsStore
from sms_redirect.topic.queue import TemporaryQueue
from sms_redirect.topic.receiver import Receiver

logger = logging.getLogger(__name__)

PENDING = "PendingConfirmation"


@contextmanager
def fed(store: SmsStore, aws: Aws, topic_arn: str, give_up: Callable[[SmsInboxError], object]) -> Iterator[None]:
    """While the context lasts, every SMS of the topic goes to the store. Calls `give_up` if no more can arrive.

    Raises:
        NoSuchTopic, TopicElsewhere, NotAllowed, CannotReachAws
    """
    queue = TemporaryQueue(aws, topic_arn)
    queue.open()
    try:
        receiver = Receiver(queue, store.add, give_up)
        receiver.start()
        try:
            yield
        finally:
            receiver.stop()
    finally:
        queue.remove()


class StackPool:
    """Implements the inbox's `Pools` over a stack: the one pool whose SMS it redirects. Reads, and never writes."""

    def __init__(self, aws: Aws, stack_name: str) -> None:
        self._aws = aws
        self._stack_name = stack_name

    def pools(self) -> Sequence[Pool]:
        return [reading.read(self._aws, reading.pool_of_stack(self._aws, self._stack_name))]


class TopicSubscriptions:
    """Implements the inbox's `SubscriptionSource` for a topic."""

    def __init__(self, aws: Aws, topic_arn: str) -> None:
        self._aws = aws
        self._topic_arn = topic_arn

    def pending(self) -> Sequence[PendingSubscription]:
        """Without confirmation links: SNS sends them to the address only."""
        try:
            pages = self._aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic_arn)
            found = [each for page in pages for each in page["Subscriptions"]]
        except (BotoCoreError, ClientError) as error:
            logger.warning("The topic's subscriptions cannot be read (%s).", type(error).__name__)
            return ()
        return [PendingSubscription(each["Endpoint"], None) for each in found if each["SubscriptionArn"] == PENDING]
