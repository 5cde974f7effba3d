"""The temporary queue of an inbox: made, subscribed to the topic, read, removed.

AWS: SQS CreateQueue, SNS Subscribe with RawMessageDelivery. A queue's policy is given when it is made, because a later
change takes up to 60 s to be seen.
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

from botocore.exceptions import BotoCoreError, ClientError

from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.errors import BadInput, LeftBehind, NoSuchTopic, QueueGone, TopicElsewhere
from sms_redirect.topic.owner import this_process
from sms_redirect.topic.permissions import QUEUE_PREFIX, Policy, TopicArn, policy

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

logger = logging.getLogger(__name__)

NO_QUEUE = {"NonExistentQueue", "QueueDoesNotExist"}
NO_TOPIC = {"NotFound", "NotFoundException", "TopicNotFound"}
TOPIC_TAG = "sms-redirect:topic"
OWNER_TAG = "sms-redirect:owner"
ALIVE_TAG = "sms-redirect:alive-at"  # RFC 3339, UTC
LONG_POLL = 20  # seconds, the longest that SQS allows
BATCH = 10  # messages, the most that SQS gives at once
RETENTION = 3600  # seconds; what nobody read by then is of no use, and holds codes

SERVER_ERROR = 500  # HTTP: from here on it is not known whether the call worked

FilterPolicy = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came: `body` is what was published, raw."""

    body: str = field(repr=False)  # holds a code
    handle: str = field(repr=False)


class TemporaryQueue:
    """A queue of one inbox. `open` makes and subscribes it, `remove` takes both away; a failed `open` leaves nothing.

    Raises:
        BadInput: that is no topic's ARN.
        TopicElsewhere: the topic is in another region than the session's.
    """

    def __init__(self, aws: Aws, topic_arn: str, filter_policy: FilterPolicy | None = None) -> None:
        topic = TopicArn.parse(topic_arn)
        if topic is None:
            raise BadInput(
                f"topic_arn must be a topic's ARN (arn:aws:sns:REGION:ACCOUNT:NAME), not {topic_arn[:200]!r}. "
                "The stack's output TopicArn has it."
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
        self._url: str | None = None
        self._subscription_arn: str | None = None
        # True from before the call that makes it: a call that was interrupted may have worked.
        self._may_exist = False
        self._may_be_subscribed = False
        self._policy: Policy = policy(topic_arn)

    @property
    def url(self) -> str:
        """Of the open queue."""
        if self._url is None:
            raise QueueGone("The inbox's queue is not there: it was removed, or never made.")
        return self._url

    def open(self) -> None:
        """Make the queue and subscribe it. From then on nothing that is published is missed.

        Raises:
            NoSuchTopic, TopicElsewhere, NotAllowed, CannotReachAws
        """
        try:
            self._create()
            self._subscribe()
        except BaseException:  # Ctrl-C as well
            self.remove()
            raise

    def _create(self) -> None:
        self._may_exist = True
        with explained("Creating the inbox's SQS queue", self._policy), self._unless_refused("_may_exist"):
            self._url = self._aws.sqs.create_queue(
                QueueName=self.name,
                Attributes={
                    "SqsManagedSseEnabled": "true",
                    "MessageRetentionPeriod": str(RETENTION),
                    "ReceiveMessageWaitTimeSeconds": str(LONG_POLL),
                    "Policy": json.dumps(self._queue_policy()),
                },
                tags={TOPIC_TAG: self.topic_arn, OWNER_TAG: this_process(), ALIVE_TAG: _now()},
            )["QueueUrl"]
        if f"/{self._topic.account}/" not in self._url:
            raise TopicElsewhere(
                f"The topic {self.topic_arn} belongs to account {self._topic.account}, but these credentials to "
                "another one. Use credentials (a profile) of the topic's account."
            )

    def _queue_policy(self) -> Policy:
        """Lets just this topic send."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self._topic.queue_arn(self.name),
            "Condition": {"ArnEquals": {"aws:SourceArn": self.topic_arn}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _subscribe(self) -> None:
        attributes = {"RawMessageDelivery": "true"}
        if self._filter_policy:
            attributes["FilterPolicy"] = json.dumps(self._filter_policy)
        self._may_be_subscribed = True
        with explained("Subscribing the inbox's queue to the topic", self._policy):
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
                    f"There is no topic {self.topic_arn}. Was the stack deleted or deployed anew? Its output TopicArn "
                    "names the topic of today."
                ) from error

    @contextmanager
    def _unless_refused(self, flag: str) -> Iterator[None]:
        """Lower a flag where AWS refused: then there is nothing to remove."""
        try:
            yield
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < SERVER_ERROR:
                setattr(self, flag, False)
            raise

    # ---- while it is there ----

    def receive(self, wait: int = LONG_POLL) -> list[Received]:
        """What has come, at once; else what comes within `wait` seconds.

        Raises:
            QueueGone: somebody deleted the queue.
            NotAllowed, CannotReachAws
        """
        with explained("Reading the inbox's queue", self._policy):
            try:
                answer = self._aws.sqs.receive_message(
                    QueueUrl=self.url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=wait
                )
            except ClientError as error:
                if code_of(error) not in NO_QUEUE:
                    raise
                raise self._gone() from error
        return [_received(message) for message in answer.get("Messages", [])]

    def check(self) -> None:
        """A look whether it is still there: a `receive` that waits learns it only at its end.

        Raises:
            QueueGone: somebody deleted the queue.
        """
        try:
            self._aws.sqs.get_queue_url(QueueName=self.name)
        except (BotoCoreError, ClientError) as error:
            if _says(error, NO_QUEUE):
                raise self._gone() from error
            logger.debug("looking for the queue failed: %s", type(error).__name__)

    def _gone(self) -> QueueGone:
        return QueueGone(
            f"The inbox's queue {self.name} was deleted while it was in use, so no SMS can arrive any more. "
            "A sweep with too small an age, or a clean-up of the account, does that. Open a new inbox."
        )

    def acknowledge(self, messages: Iterable[Received]) -> None:
        """Take received messages off the queue. One that stays comes again, which does no harm: its id is known."""
        entries = [{"Id": str(number), "ReceiptHandle": each.handle} for number, each in enumerate(messages)]
        if entries:
            with _tolerated("acknowledging messages"):
                self._aws.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]

    def wake(self) -> bool:
        """End a `receive` that waits, by a message that is none of the topic's; False where that is not possible."""
        with _tolerated("waking the receiver"):
            self._aws.sqs.send_message(QueueUrl=self.url, MessageBody="wake")
            return True
        return False

    def show_alive(self) -> None:
        """Renew the sign of life that keeps sweeps away."""
        with _tolerated("renewing the queue's tag"):
            self._aws.sqs.tag_queue(QueueUrl=self.url, Tags={ALIVE_TAG: _now()})

    # ---- the end ----

    def remove(self) -> None:
        """Take away subscription and queue. What cannot be removed is a `LeftBehind` warning, never an error.

        Both are looked for where a call was interrupted before its answer came.
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
        except (BotoCoreError, ClientError) as error:
            if not _says(error, NO_TOPIC):
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
        except (BotoCoreError, ClientError) as error:
            if not _says(error, NO_QUEUE):
                return str(error)
        self._may_exist = False
        return None


def _says(error: Exception, codes: set[str]) -> bool:
    return isinstance(error, ClientError) and code_of(error) in codes


def _received(message: MessageTypeDef) -> Received:
    return Received(message.get("Body", ""), message.get("ReceiptHandle", ""))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _tolerated(doing: str) -> Iterator[None]:
    """Go on where a call fails that is only a courtesy."""
    try:
        yield
    except (BotoCoreError, ClientError, QueueGone) as error:
        logger.debug("%s failed: %s", doing, type(error).__name__)
