"""The temporary queue: what it is like, that nothing of it stays, and what its errors say."""

from __future__ import annotations

import json
import warnings

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from sms_publisher import publish
from sms_redirect.aws import Aws
from sms_redirect.errors import (
    BadInput,
    CannotReachAws,
    LeftBehind,
    NoSuchTopic,
    NotAllowed,
    QueueGone,
    TopicElsewhere,
)
from sms_redirect.topic.queue import TemporaryQueue

UNREACHABLE = EndpointConnectionError(endpoint_url="https://sqs.us-east-1.amazonaws.com")


@pytest.fixture
def queue(aws, topic_arn):
    queue = TemporaryQueue(aws, topic_arn)
    queue.open()
    yield queue
    queue.remove()


def test_each_queue_has_a_name_of_its_own(aws, topic_arn):
    names = {TemporaryQueue(aws, topic_arn).name for _ in range(100)}

    assert len(names) == 100
    assert all(name.startswith("sms-redirect-inbox-") and len(name) <= 80 for name in names)


def test_it_is_encrypted_and_keeps_messages_for_an_hour(queue, sqs):
    attributes = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]

    assert attributes["SqsManagedSseEnabled"] == "true"
    assert attributes["MessageRetentionPeriod"] == "3600"


def test_only_its_topic_may_send_to_it(queue, sqs, topic_arn):
    attributes = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]

    (statement,) = json.loads(attributes["Policy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }


def test_its_tags_name_topic_owner_and_last_use(queue, sqs, topic_arn):
    tags = sqs.list_queue_tags(QueueUrl=queue.url)["Tags"]

    assert tags.keys() == {"sms-redirect:topic", "sms-redirect:owner", "sms-redirect:alive-at"}
    assert tags["sms-redirect:topic"] == topic_arn


def test_the_subscription_is_raw_and_has_the_filter(aws, topic_arn, sns):
    queue = TemporaryQueue(aws, topic_arn, {"flow": ["SignUp"]})
    queue.open()

    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]

    assert attributes["RawMessageDelivery"] == "true"
    assert json.loads(attributes["FilterPolicy"]) == {"flow": ["SignUp"]}
    queue.remove()


def test_messages_are_received_as_published_and_deleted_when_acknowledged(queue, sns, sqs, topic_arn):
    made = publish(sns, topic_arn, 1)

    received = queue.receive()
    queue.acknowledge(received)

    assert [json.loads(each.body) for each in received] == [made]
    counts = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    assert counts["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_no_repr_shows_a_message_body(queue, sns, topic_arn):
    made = publish(sns, topic_arn, 1)

    assert made["code"] not in repr(queue.receive())


def test_a_waiting_receive_can_be_woken(queue):
    assert queue.wake()

    assert [each.body for each in queue.receive()] == ["wake"]


def test_remove_leaves_nothing_and_can_be_repeated(queue, left):
    queue.remove()
    queue.remove()

    assert left() == []


def test_reading_a_removed_queue_is_an_error(queue):
    queue.remove()

    with pytest.raises(QueueGone):
        queue.receive(0)


def test_reading_a_queue_that_somebody_deleted_raises_queue_gone(queue, sqs):
    sqs.delete_queue(QueueUrl=queue.url)

    for look in (queue.check, lambda: queue.receive(0)):
        with pytest.raises(QueueGone, match=f"{queue.name} was deleted while it was in use"):
            look()


# ---- faults while it opens ----


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("operation", ["sqs.CreateQueue", "sns.Subscribe"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), UNREACHABLE, MemoryError()], ids=lambda each: type(each).__name__
)
def test_an_interrupted_open_leaves_nothing(aws, topic_arn, faults, left, operation, when, error):
    getattr(faults, when)(operation, error)
    queue = TemporaryQueue(aws, topic_arn)

    expected = CannotReachAws if error is UNREACHABLE else type(error)
    with pytest.raises(expected):
        queue.open()

    assert left() == []


@pytest.mark.parametrize("operation", ["sqs.CreateQueue", "sns.Subscribe"])
def test_a_missing_permission_is_shown_as_a_policy_to_paste(aws, topic_arn, faults, denied, left, operation):
    faults.before(operation, denied(operation))

    with pytest.raises(NotAllowed) as caught:
        TemporaryQueue(aws, topic_arn).open()

    pasted = json.loads(str(caught.value)[str(caught.value).index("{") :])
    actions = {action for statement in pasted["Statement"] for action in statement["Action"]}
    assert pasted == caught.value.policy
    assert {"sqs:CreateQueue", "sqs:TagQueue", "sqs:ReceiveMessage", "sqs:DeleteQueue", "sns:Subscribe"} <= actions
    assert left() == []


def test_a_topic_that_does_not_exist(aws, topic_arn, left):
    with pytest.raises(NoSuchTopic, match=f"There is no topic {topic_arn}-old"):
        TemporaryQueue(aws, f"{topic_arn}-old").open()

    assert left() == []


def test_a_topic_of_another_account(aws, left):
    with pytest.raises(TopicElsewhere, match="account 999999999999"):
        TemporaryQueue(aws, "arn:aws:sns:us-east-1:999999999999:sms").open()

    assert left() == []


def test_a_topic_of_another_region_is_refused_with_what_to_pass(aws):
    with pytest.raises(TopicElsewhere, match=r'is in eu-west-1.*in us-east-1.*region_name="eu-west-1"'):
        TemporaryQueue(aws, "arn:aws:sns:eu-west-1:123456789012:sms")


def test_a_session_without_a_region_uses_the_topics(session, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    arn = session.client("sns", region_name="eu-west-1").create_topic(Name="sms")["TopicArn"]

    queue = TemporaryQueue(Aws(boto3.Session()), arn)
    queue.open()

    assert "eu-west-1" in queue.url
    queue.remove()


@pytest.mark.parametrize("text", ["sms", "arn:aws:sqs:us-east-1:123456789012:sms", "arn:aws:sns:us-east-1::sms"])
def test_an_invalid_topic_arn_is_refused(aws, text):
    with pytest.raises(BadInput, match=r"arn:aws:sns:REGION:ACCOUNT:NAME.*TopicArn"):
        TemporaryQueue(aws, text)


# ---- faults while it is removed ----


@pytest.mark.parametrize(
    ("operation", "stays"), [("sqs.DeleteQueue", "sms-redirect-inbox-"), ("sns.Unsubscribe", "arn:aws:sns")]
)
def test_a_removal_that_fails_is_a_warning(aws, topic_arn, faults, denied, left, operation, stays):
    queue = TemporaryQueue(aws, topic_arn)
    queue.open()
    faults.before(operation, denied(operation))

    with pytest.warns(LeftBehind, match=r"could not be removed.*inbox --sweep"):
        queue.remove()

    (rest,) = left()
    assert stays in rest


def test_removing_what_somebody_else_deleted_is_not_an_error(queue, sqs, sns, topic_arn, left):
    sqs.delete_queue(QueueUrl=queue.url)
    sns.delete_topic(TopicArn=topic_arn)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        queue.remove()

    assert not [each for each in left() if "sqs" in each]


@pytest.mark.parametrize("operation", ["sqs.DeleteMessageBatch", "sqs.SendMessage", "sqs.TagQueue"])
def test_calls_that_nothing_depends_on_may_fail(queue, faults, denied, sns, topic_arn, operation):
    faults.before(operation, denied(operation))
    publish(sns, topic_arn, 1)

    queue.acknowledge(queue.receive())
    queue.wake()
    queue.show_alive()
