"""Clients are made once per process, while Lambda starts, with time limits that fit into the function's own."""

import importlib
import re
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import parse_qs

import botocore.awsrequest
import pytest
from botocore.awsrequest import AWSResponse

import sms_sender.connections
import sms_sender.handler
from sender_world import ENVIRONMENT, FUNCTION_ARN
from sms_sender.connections import connect
from sms_sender.settings import Settings

REPOSITORY = Path(__file__).parents[3]


class RecordingSession:
    """Keeps which clients were asked for."""

    def __init__(self):
        self.made = {}

    def create_client(self, service, region_name, config):
        self.made[service] = (region_name, config)
        return Mock()


@pytest.fixture
def session(monkeypatch):
    recording = RecordingSession()
    monkeypatch.setattr(sms_sender.connections.botocore.session, "get_session", lambda: recording)
    connect.cache_clear()
    yield recording
    connect.cache_clear()


def settings(**changes):
    return Settings.read(ENVIRONMENT | changes)


def test_no_lambda_client_is_made_without_a_custom_message_function(session):
    connect(settings())

    assert set(session.made) == {"kms", "cognito-idp", "sns"}


def test_the_clients_are_in_the_functions_region(session):
    connect(settings(AWS_REGION="eu-central-1"))

    assert {region for region, _config in session.made.values()} == {"eu-central-1"}


def test_the_custom_message_function_is_asked_once_within_five_seconds(session):
    connect(settings(CUSTOM_MESSAGE_FUNCTION_ARN=FUNCTION_ARN))

    config = session.made["lambda"][1]
    assert config.read_timeout == 5
    assert config.retries == {"total_max_attempts": 1}


def test_the_slowest_calls_together_fit_into_the_functions_time(session):
    connect(settings(CUSTOM_MESSAGE_FUNCTION_ARN=FUNCTION_ARN))

    slowest = {service: _longest(config) for service, (_region, config) in session.made.items()}
    beside = max(slowest["kms"], slowest["lambda"] + slowest["cognito-idp"])
    template = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    sender = template.partition("  SenderFunction:")[2]
    assert beside + slowest["sns"] < int(re.search(r"Timeout: (\d+)", sender)[1])


def test_a_slow_service_is_waited_for_twice(session):
    connect(settings())

    for _region, config in session.made.values():
        assert (config.connect_timeout, config.read_timeout) == (1, 2)
        assert config.retries == {"total_max_attempts": 2, "mode": "standard"}


def _longest(config):
    """Seconds of all tries and the longest pause before each but the first."""
    tries = config.retries["total_max_attempts"]
    return tries * (config.connect_timeout + config.read_timeout) + tries - 1


@pytest.mark.parametrize(("seconds", "settled"), [(119, False), (120, True)])
def test_iam_has_settled_two_minutes_after_the_start(session, monkeypatch, seconds, settled):
    connections = connect(settings())
    now = sms_sender.connections._STARTED + seconds
    monkeypatch.setattr(sms_sender.connections.time, "monotonic", lambda: now)

    assert connections.decryptor._iam_has_settled() == settled
    assert connections.texts.templates._iam_has_settled() == settled


def test_the_time_that_iam_takes_is_a_setting(session):
    assert connect(settings(IAM_SETTLES_SECONDS="0")).decryptor._iam_has_settled()


def test_lambda_makes_the_clients_while_it_starts(session, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sender")

    importlib.reload(sms_sender.handler)

    assert session.made


def test_an_import_elsewhere_makes_no_client(session):
    importlib.reload(sms_sender.handler)

    assert session.made == {}


def test_a_start_with_a_bad_environment_leaves_the_error_to_the_first_event(session, monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sender")
    monkeypatch.delenv("TOPIC_ARN", raising=False)

    importlib.reload(sms_sender.handler)

    assert session.made == {}


@pytest.fixture
def published(monkeypatch):
    """Publishes with the client of a process, and returns the request that would have been sent."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    connect.cache_clear()
    sns = connect(settings(AWS_REGION="us-east-1")).topic._sns
    sent = []

    def answer(request, **_):
        sent.append(request)
        xml = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
        response = AWSResponse(request.url, 200, {}, None)
        response._content = xml
        return response

    sns.meta.events.register("before-send.sns.Publish", answer)

    def publish(**request):
        assert sns.publish(**request)["MessageId"] == "1"
        return sent.pop()

    yield publish
    connect.cache_clear()


MESSAGE = {
    "TopicArn": "arn:aws:sns:us-east-1:123456789012:topic",
    "Message": '{"default": "a&b=c +%41\\n\\u00e9", "email": "\U0001f600 é"}',
    "MessageAttributes": {"flow": {"DataType": "String", "StringValue": "é"}},
}


def test_a_message_is_sent_as_botocore_would_encode_it(published):
    request = published(**MESSAGE)

    assert request.headers["Content-Type"].startswith(b"application/x-www-form-urlencoded")
    assert parse_qs(request.body.decode()) == {
        "Action": ["Publish"],
        "Version": ["2010-03-31"],
        "TopicArn": [MESSAGE["TopicArn"]],
        "Message": [MESSAGE["Message"]],
        "MessageAttributes.entry.1.Name": ["flow"],
        "MessageAttributes.entry.1.Value.DataType": ["String"],
        "MessageAttributes.entry.1.Value.StringValue": ["é"],
    }
    assert int(request.headers["Content-Length"]) == len(request.body)


def test_a_message_is_encoded_once(published, monkeypatch):
    monkeypatch.setattr(botocore.awsrequest, "urlencode", Mock(side_effect=AssertionError))

    assert published(**MESSAGE).body


def test_another_protocol_is_left_to_botocore():
    params = {"body": b"{}"}

    sms_sender.connections._encode_once(params)

    assert params == {"body": b"{}"}
