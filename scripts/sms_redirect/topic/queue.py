"""The temporary queue of an inbox: made, subscribed to the topic, read, removed.

AWS: SQS CreateQueue, SNS Subscribe with RawMessageDelivery. The queue is created with its policy, because a later
change takes up to 60 s to take effect (SQS API Reference, SetQueueAttributes).
"""

from __future__ import annotations

import json
import logging
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sms_redirect.aws import FAILURES, Aws, code_of, explained, unreadable
from sms_redirect.errors import BadInput, LeftBehind, NoSuchTopic, QueueGone, TopicElsewhere
from sms_redirect.topic.owner import this_process
from sms_redirect.topic.permissions import QUEUE_PREFIX, Policy, TopicArn, policy
from sms_redirect.topic.quiet import unlogged

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = logging.getLogger(__name__)

NO_QUEUE = {"NonExistentQueue", "QueueDoesNotExist"}
NO_TOPIC = {"NotFound", "NotFoundException", "TopicNotFound"}
TOPIC_TAG = "sms-redirect:topic"
OWNER_TAG = "sms-redirect:owner"
ALIVE_TAG = "sms-redirect:alive-at"  # RFC 3339, UTC
LONG_POLL = 20  # seconds, the longest that SQS allows
SHORT_POLL = 1  # seconds; for somebody who waits
# Seconds of silence after the end of a poll. After that its response is lost, and with it the messages in it.
GRACE = 2
# Seconds until SQS hands out messages of a lost response again. One that arrives twice is dropped by its id.
VISIBILITY_TIMEOUT = 2
BATCH = 10  # messages, the most that SQS gives at once
RETENTION = 3600  # seconds; nobody needs a message after that, and it holds a code

SERVER_ERROR = 500  # HTTP status: from here on, the call may have worked

FilterPolicy = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """One message: `body` is what was published, raw."""

    body: str = field(repr=False)  # holds a code
    handle: str = field(repr=False)


class TemporaryQueue:
    """The queue of one inbox. `open` creates and subscribes it, `remove` removes both; a failed `open` leaves nothing.

    Raises:
        BadInput: `topic_arn` is not a topic's ARN.
        TopicElsewhere: the topic is not in the session's region.
    """

    def __init__(
        self, aws: Aws, topic_arn: str, filter_policy: FilterPolicy | None = None, *, poll: int = LONG_POLL
    ) -> None:
        topic = TopicArn.parse(topic_arn)
        if topic is None:
            raise BadInput(
                f"topic_arn must be a topic's ARN (arn:aws:sns:REGION:ACCOUNT:NAME), not {topic_arn[:200]!r}. "
                "Use the stack's TopicArn output."
            )
        if aws.region and aws.region != topic.region:
            raise TopicElsewhere(
                f"The topic {topic_arn} is in {topic.region}, but the session works in {aws.region}. "
                f'Pass session=boto3.Session(region_name="{topic.region}"), or set AWS_REGION={topic.region}.'
            )
        self.name = f"{QUEUE_PREFIX}{uuid.uuid4().hex}"
        self.topic_arn = topic_arn
        self._topic = topic
        self._aws = aws if aws.region else Aws(aws.session, aws.endpoint_url, topic.region)
        self._filter_policy = filter_policy
        self.poll = poll
        self._reader: SQSClient | None = None
        self._url: str | None = None
        self._subscription_arn: str | None = None
        # Set before the call that creates it: a call that was interrupted may have worked.
        self._may_exist = False
        self._may_be_subscribed = False
        self._policy: Policy = policy(topic_arn)

    @property
    def url(self) -> str:
        """Of the open queue; raises QueueGone."""
        if self._url is None:
            raise QueueGone("The inbox's queue does not exist: it was removed, or never created.")
        return self._url

    def open(self) -> None:
        """Create the queue and subscribe it. From then on it receives everything that is published.

        Raises:
            NoSuchTopic, TopicElsewhere, NotAllowed, CannotReachAws
        """
        try:
            if self.poll < LONG_POLL:
                with explained("Opening the inbox"):
                    self._reader = self._aws.sqs_with(read_timeout=self.poll + GRACE)
            self._create()
            self._subscribe()
        except BaseException:  # Ctrl-C as well
            self.remove()
            raise

    def _create(self) -> None:
        only_the_topic_may_send = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self._topic.queue_arn(self.name),
            "Condition": {"ArnEquals": {"aws:SourceArn": self.topic_arn}},
        }
        attributes = {
            "SqsManagedSseEnabled": "true",
            "MessageRetentionPeriod": str(RETENTION),
            "VisibilityTimeout": str(VISIBILITY_TIMEOUT),
            "ReceiveMessageWaitTimeSeconds": str(LONG_POLL),
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": [only_the_topic_may_send]}),
        }
        tags = {TOPIC_TAG: self.topic_arn, OWNER_TAG: this_process(), ALIVE_TAG: _now()}
        doing = "Creating the inbox's SQS queue"
        self._may_exist = True
        with explained(doing, self._policy), self._unless_refused("_may_exist"):
            response = self._aws.sqs.create_queue(QueueName=self.name, Attributes=attributes, tags=tags)  # type: ignore[arg-type]
        if "QueueUrl" not in response:
            raise unreadable(doing)
        self._url = response["QueueUrl"]
        if f"/{self._topic.account}/" not in self._url:
            raise TopicElsewhere(
                f"The topic {self.topic_arn} is in account {self._topic.account}, but these credentials are for "
                "another one. Use credentials (a profile) for the topic's account."
            )

    def _subscribe(self) -> None:
        attributes = {"RawMessageDelivery": "true"}
        if self._filter_policy:
            attributes["FilterPolicy"] = json.dumps(self._filter_policy)
        self._may_be_subscribed = True
        doing = "Subscribing the inbox's queue to the topic"
        with explained(doing, self._policy):
            try:
                with self._unless_refused("_may_be_subscribed"):
                    self._subscription_arn = self._aws.sns.subscribe(
                        TopicArn=self.topic_arn,
                        Protocol="sqs",
                        Endpoint=self._topic.queue_arn(self.name),
                        Attributes=attributes,
                        ReturnSubscriptionArn=True,
                    )["SubscriptionArn"]
            except ClientError as error:
                if code_of(error) not in NO_TOPIC:
                    raise
                raise NoSuchTopic(
                    f"There is no topic {self.topic_arn}. Was the stack deleted or redeployed? Its TopicArn output "
                    "has the current topic."
                ) from error

    @contextmanager
    def _unless_refused(self, flag: str) -> Iterator[None]:
        """Clear a flag if AWS refused the call: then there is nothing to remove."""
        try:
            yield
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < SERVER_ERROR:
                setattr(self, flag, False)
            raise

    # ---- while it is open ----

    def receive(self, wait: int | None = None) -> list[Received]:
        """The messages that have arrived; if there are none, those that arrive within `wait` seconds (`poll`).

        Raises:
            QueueGone: somebody deleted the queue.
            NotAllowed, CannotReachAws
        """
        doing = "Reading the inbox's queue"
        with explained(doing, self._policy):
            try:
                with unlogged():
                    response = (self._reader or self._aws.sqs).receive_message(
                        QueueUrl=self.url,
                        MaxNumberOfMessages=BATCH,
                        WaitTimeSeconds=self.poll if wait is None else wait,
                    )
            except ClientError as error:
                if code_of(error) not in NO_QUEUE:
                    raise
                raise self._gone() from error
        return [_received(each, doing) for each in response.get("Messages", [])]

    def check(self) -> None:
        """Check that it still exists: a `receive` that waits finds out only at its end.

        Raises:
            QueueGone: somebody deleted the queue.
        """
        try:
            self._aws.sqs.get_queue_url(QueueName=self.name)
        except FAILURES as error:
            if _has_code(error, NO_QUEUE):
                raise self._gone() from error
            logger.debug("checking the queue failed: %s", type(error).__name__)

    def _gone(self) -> QueueGone:
        return QueueGone(
            f"The inbox's queue {self.name} was deleted while it was in use, so no more SMS can arrive. The cause may "
            "be a sweep with too short an --older-than, or a cleanup of the account. Open a new inbox."
        )

    def acknowledge(self, messages: Iterable[Received]) -> int:
        """Delete received messages from the queue. One that is not deleted arrives again and is dropped by its id.

        Returns how many were deleted.
        """
        entries = [{"Id": str(number), "ReceiptHandle": each.handle} for number, each in enumerate(messages)]
        if entries:
            with _best_effort("acknowledging messages"):
                response = self._aws.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]
                return len(response.get("Successful", []))
        return 0

    def wake(self) -> bool:
        """End a `receive` that waits, with a message of our own. Returns False if that failed."""
        with _best_effort("waking the receiver"):
            self._aws.sqs.send_message(QueueUrl=self.url, MessageBody="wake")
            return True
        return False

    def show_alive(self) -> None:
        """Renew the tag that tells sweeps that this queue is in use."""
        with _best_effort("renewing the queue's tag"):
            self._aws.sqs.tag_queue(QueueUrl=self.url, Tags={ALIVE_TAG: _now()})

    # ---- the end ----

    def remove(self) -> None:
        """Remove subscription and queue. What cannot be removed causes a `LeftBehind` warning, never an error.

        If a call was interrupted before its response arrived, this looks for what it may have created.
        """
        problems = [error for error in (self._unsubscribe(), self._delete()) if error]
        self._url = None
        if problems:
            warnings.warn(
                f"The inbox's queue {self.name} or its subscription could not be removed ({'; '.join(problems)}). "
                "`sms-redirect inbox --sweep` removes what is left.",
                LeftBehind,
                stacklevel=2,
            )

    def _unsubscribe(self) -> str | None:
        if not self._may_be_subscribed:
            return None
        try:
            for arn in [self._subscription_arn] if self._subscription_arn else self._find_subscriptions():
                self._aws.sns.unsubscribe(SubscriptionArn=arn)
        except FAILURES as error:
            if not _has_code(error, NO_TOPIC):
                return str(error)
        self._may_be_subscribed = False
        return None

    def _find_subscriptions(self) -> list[str]:
        pages = self._aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self.topic_arn)
        endpoint = self._topic.queue_arn(self.name)
        return [
            each["SubscriptionArn"] for page in pages for each in page["Subscriptions"] if each["Endpoint"] == endpoint
        ]

    def _delete(self) -> str | None:
        if not self._may_exist:
            return None
        try:
            url = self._url or self._aws.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
            self._aws.sqs.delete_queue(QueueUrl=url)
        except FAILURES as error:
            if not _has_code(error, NO_QUEUE):
                return str(error)
        self._may_exist = False
        return None


def _received(message: Any, doing: str) -> Received:
    body, handle = (message.get(name) if isinstance(message, dict) else None for name in ("Body", "ReceiptHandle"))
    if not (isinstance(body, str) and isinstance(handle, str)):
        raise unreadable(doing)
    return Received(body, handle)


def _has_code(error: Exception, codes: set[str]) -> bool:
    return isinstance(error, ClientError) and code_of(error) in codes


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _best_effort(doing: str) -> Iterator[None]:
    """Ignore the failure of a call that nothing depends on."""
    try:
        yield
    except (*FAILURES, QueueGone) as error:
        logger.debug("%s failed: %s", doing, type(error).__name__)
