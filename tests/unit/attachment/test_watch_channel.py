"""What the watch asks of SNS and SQS, and leaves with them."""

from datetime import UTC, datetime

import pytest

from pool_attachment.notice import compose
from pool_attachment.watch import State
from pool_attachment.watch_channel import OTHERS, STATE, Channel

POOL, TOPIC, QUEUE = "eu-west-1_AbCdEfGhI", "arn:aws:sns:eu-west-1:123456789012:topic", "https://sqs/queue"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class FakeSns:
    def __init__(self):
        self.tags = []
        self.published = []
        self.closed = False

    def list_tags_for_resource(self, *, ResourceArn):  # noqa: N803 - botocore's name
        assert ResourceArn == TOPIC
        return {"Tags": self.tags} if self.tags else {}

    def tag_resource(self, *, ResourceArn, Tags):  # noqa: N803 - botocore's names
        assert ResourceArn == TOPIC
        self.tags = [{"Key": "team", "Value": "qa"}, *Tags]

    def publish(self, **request):
        self.published.append(request)

    def close(self):
        self.closed = True


class FakeSqs:
    def __init__(self, **attributes):
        self.attributes = attributes
        self.closed = False

    def get_queue_attributes(self, *, QueueUrl, AttributeNames):  # noqa: N803 - botocore's names
        assert QueueUrl == QUEUE
        found = {name: value for name, value in self.attributes.items() if name in AttributeNames}
        return {"Attributes": found} if found else {}

    def close(self):
        self.closed = True


@pytest.fixture
def channel():
    return Channel(FakeSns(), FakeSqs(), TOPIC, QUEUE)


def test_it_is_connected_to_the_region_of_the_function(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    channel = Channel.connect(TOPIC, QUEUE)

    assert (channel.sns.meta.region_name, channel.sqs.meta.region_name) == ("eu-west-1", "eu-west-1")
    assert (channel.topic_arn, channel.queue_url) == (TOPIC, QUEUE)
    channel.close()


def test_what_is_remembered_comes_back(channel):
    state = State(POOL, on=NOON, others=frozenset({"abcdef", "123456"}))

    assert channel.remembered(POOL) == State(POOL)
    channel.remember(state)

    assert {each["Key"] for each in channel.sns.tags} == {"team", STATE, OTHERS}
    assert channel.remembered(POOL) == state


@pytest.mark.parametrize(
    ("attributes", "lost"),
    [
        ({}, 0),
        ({"ApproximateNumberOfMessages": "2"}, 2),
        ({"ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "3"}, 5),
        ({"ApproximateNumberOfMessagesDelayed": "7"}, 0),
    ],
)
def test_events_that_somebody_reads_are_lost_as_well(attributes, lost):
    assert Channel(FakeSns(), FakeSqs(**attributes), TOPIC, QUEUE).lost() == lost


def test_a_notice_has_a_text_for_each_protocol_and_attributes_for_filters(channel):
    notice = compose("It is off.", "redirect", POOL, "eu-west-1", NOON)

    channel.publish(notice)

    [request] = channel.sns.published
    assert (request["TopicArn"], request["Subject"], request["MessageStructure"]) == (TOPIC, notice.subject, "json")
    assert request["Message"] == notice.message
    assert request["MessageAttributes"]["flow"] == {"DataType": "String", "StringValue": "Notice"}


def test_both_clients_are_closed(channel):
    channel.close()

    assert channel.sns.closed
    assert channel.sqs.closed
