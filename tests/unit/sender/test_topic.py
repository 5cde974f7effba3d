"""What the topic does not take is raised: it ends in the failure queue, because no subscriber can be told."""

import logging

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from cognito_codes import client_error
from sender_world import TOPIC_ARN, event
from sms_sender.errors import PublishError

REFUSALS = {
    "NotFound": "the topic is gone",
    "AuthorizationError": "sns:Publish",
    "KMSAccessDenied": "kms:GenerateDataKey",
    "KMSDisabled": "is disabled",
    "KMSInvalidState": "pending deletion",
    "KMSNotFound": "key is gone",
    "KMSThrottling": "a retry may succeed",
    "Throttled": "a retry may succeed",
    "InternalError": "a retry may succeed",
    "InvalidParameter": "sns:Publish",
}


@pytest.mark.parametrize(("code", "words"), REFUSALS.items())
def test_a_refusal_says_why(world, send, code, words):
    world.sns.faults = [client_error(code, "Publish", message="quotes 123456")]

    with pytest.raises(PublishError, match=words) as raised:
        send(event(code=world.encrypted()))

    assert TOPIC_ARN in str(raised.value)
    assert code in str(raised.value)


@pytest.mark.parametrize(
    "fault",
    [ReadTimeoutError(endpoint_url="https://sns"), EndpointConnectionError(endpoint_url="x"), ConnectionResetError()],
)
def test_no_response_is_raised(world, send, fault):
    world.sns.faults = [fault]

    with pytest.raises(PublishError, match=type(fault).__name__):
        send(event(code=world.encrypted()))


def test_a_failure_that_cannot_be_published_is_raised_too(world, send):
    world.sns.faults = [client_error("NotFound", "Publish")]

    with pytest.raises(PublishError):
        send(event(code=None))


def test_what_is_raised_is_logged_with_its_ids(world, send, caplog):
    world.sns.faults = [client_error("NotFound", "Publish")]

    with pytest.raises(PublishError):
        send(event(code=world.encrypted()))

    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.error == "PublishError"
    assert record.flow == "SignUp"
    assert "the topic is gone" in record.reason
