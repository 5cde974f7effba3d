"""What KMS says is told: transient errors are raised for a retry, the rest is shown with its cause."""

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from cognito_codes import KEY_ARN, client_error
from sender_world import event
from sms_sender.errors import TransientError

TRANSIENT = [
    client_error("ThrottlingException", "Decrypt"),
    client_error("Throttling", "Decrypt"),
    client_error("LimitExceededException", "Decrypt"),
    client_error("TooManyRequestsException", "Decrypt", 429),
    client_error("WhoKnows", "Decrypt", 429),
    client_error("KMSInternalException", "Decrypt", 500),
    client_error("DependencyTimeoutException", "Decrypt", 503),
    client_error("KeyUnavailableException", "Decrypt", 500),
    client_error("ServiceUnavailable", "Decrypt", 503),
    client_error("InternalFailure", "Decrypt", 500),
    client_error("WhoKnows", "Decrypt", 502),
    client_error("RequestTimeout", "Decrypt", 408),
    client_error("ExpiredTokenException", "Decrypt"),
    ReadTimeoutError(endpoint_url="https://kms"),
    ConnectTimeoutError(endpoint_url="https://kms"),
    EndpointConnectionError(endpoint_url="https://kms"),
    HTTPClientError(error="reset"),
    ResponseParserError("no JSON"),
    NoCredentialsError(),
    ConnectionResetError("reset"),
]


@pytest.mark.parametrize("fault", TRANSIENT, ids=repr)
def test_a_transient_error_is_raised_and_nothing_is_published(world, send, fault):
    code = world.encrypted()
    world.kms.faults = [fault]

    with pytest.raises(TransientError) as raised:
        send(event(code=code))

    assert world.sns.published == []
    assert raised.value.__suppress_context__


def test_the_next_try_shows_it(world, send):
    sent = event(code=world.encrypted())
    world.kms.faults = [client_error("ThrottlingException", "Decrypt")]

    with pytest.raises(TransientError):
        send(sent)
    send(sent)

    assert world.document["code"] == "123456"


LASTING = {
    "AccessDeniedException": ("may not decrypt", "kms:Decrypt"),
    "DisabledException": ("is disabled", "Enable it"),
    "KMSInvalidStateException": ("pending deletion", "Cancel its deletion"),
    "NotFoundException": ("does not exist", "another key"),
    "IncorrectKeyException": ("does not belong to the key", "LambdaConfig.KMSKeyID"),
    "InvalidCiphertextException": ("does not belong to the key", "LambdaConfig.KMSKeyID"),
    "InvalidKeyUsageException": ("InvalidKeyUsageException", "kms:Decrypt"),
}


@pytest.mark.parametrize(("code", "words"), LASTING.items())
def test_what_lasts_is_shown_with_its_cause(world, send, code, words):
    sent = event(code=world.encrypted())
    world.kms.faults = [client_error(code, "Decrypt")]

    send(sent)

    failure = world.document["failure"]
    assert words[0] in failure["reason"]
    assert KEY_ARN in failure["reason"]
    assert words[1] in failure["hint"]


@pytest.mark.parametrize("status", [400, 428, 430, 499])
def test_an_unknown_refusal_is_shown_with_its_name(world, send, status):
    sent = event(code=world.encrypted())
    world.kms.faults = [client_error("WhoKnows", "Decrypt", status)]

    send(sent)

    assert "WhoKnows" in world.document["failure"]["reason"]


def test_each_lasting_refusal_says_something_of_its_own(world, send):
    told = set()
    for code in ("AccessDeniedException", "DisabledException", "KMSInvalidStateException", "NotFoundException"):
        sent = event(code=world.encrypted())
        world.kms.faults = [client_error(code, "Decrypt")]
        send(sent)
        told.add(tuple(world.document["failure"].values()))

    assert len(told) == 4


@pytest.mark.parametrize("answer", [{"KeyId": "arn:aws:kms:x"}, {"Plaintext": b"short"}])
def test_a_response_that_is_not_a_data_key_is_left_to_a_retry(world, send, answer):
    sent = event(code=world.encrypted())
    world.kms.answers_with = answer

    with pytest.raises(TransientError, match="something other than a data key"):
        send(sent)

    world.kms.answers_with = {}
    send(sent)
    assert world.document["code"] == "123456"


def test_a_denial_soon_after_the_start_is_left_to_a_retry(world, send):
    """IAM may not have spread a new policy yet. A refusal of another kind has nothing to do with that."""
    world.iam_has_settled = False
    sent = event(code=world.encrypted())
    world.kms.faults = [client_error("AccessDeniedException", "Decrypt")]

    with pytest.raises(TransientError, match="may not decrypt") as raised:
        send(sent)

    assert world.sns.published == []
    assert KEY_ARN in str(raised.value)
    assert raised.value.__suppress_context__
    world.kms.faults = [client_error("DisabledException", "Decrypt")]
    send(sent)
    assert "is disabled" in world.document["failure"]["reason"]


def test_a_refusal_is_not_remembered_for_the_next_sms(world, send):
    first, second = event(code=world.encrypted()), event(code=world.encrypted("654321"))
    world.kms.faults = [client_error("AccessDeniedException", "Decrypt")]

    send(first)
    send(second)

    assert world.document["code"] == "654321"
