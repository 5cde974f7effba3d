"""Fixtures: an AWS account in memory with a topic, and faults at any call. A conftest.py imports those it wants."""

from __future__ import annotations

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from moto import mock_aws

from sms_redirect.aws import Aws

LOADER = create_loader()  # reads each service's model once, not once a test
REGION = "us-east-1"


@pytest.fixture
def session(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with mock_aws():
        core = botocore.session.get_session()
        core.register_component("data_loader", LOADER)
        yield boto3.Session(botocore_session=core)


@pytest.fixture
def aws(session):
    return Aws(session)


@pytest.fixture
def sns(session):
    return session.client("sns")


@pytest.fixture
def sqs(session):
    return session.client("sqs")


@pytest.fixture
def topic_arn(sns):
    return sns.create_topic(Name="sms")["TopicArn"]


@pytest.fixture
def left(sqs, sns):
    """The queues and subscriptions in the account, without the tests' own."""

    def left():
        subscriptions = sns.list_subscriptions()["Subscriptions"]
        return sqs.list_queues().get("QueueUrls", []) + [each["SubscriptionArn"] for each in subscriptions]

    return left


class Faults:
    """Lets calls fail, before they reach AWS or after they worked there. Operations are named as `sqs.CreateQueue`."""

    def __init__(self, aws):
        self._aws = aws

    def before(self, operation, error):
        self._register("before-call", operation, error)

    def after(self, operation, error):
        self._register("after-call", operation, error)

    def _register(self, event, operation, error):
        client = getattr(self._aws, operation.partition(".")[0])
        client.meta.events.register(f"{event}.{operation}", _raising(error))


def _raising(error):
    def fail(**_):
        raise error

    return fail


@pytest.fixture
def faults(aws):
    return Faults(aws)


@pytest.fixture
def denied():
    def denied(operation, code="AccessDenied"):
        answer = {
            "Error": {"Code": code, "Message": f"User qa is not authorized to perform {operation}"},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }
        return ClientError(answer, operation)

    return denied
