"""Each call to AWS fails as HTTP fails: refused, 5xx, garbage, broken connections. The clients are real."""

import json
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

import sms_sender.connections
import sms_sender.handler
from cognito_codes import encrypt
from local_aws import LocalAws, Response
from sender_world import ENVIRONMENT, FUNCTION_ARN, event
from sms_sender.errors import PublishError, TransientError

SETTINGS = ENVIRONMENT | {
    "CUSTOM_MESSAGE_FUNCTION_ARN": FUNCTION_ARN,
    "AWS_REGION": "us-east-1",
    "IAM_SETTLES_SECONDS": "0",
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="module")
def connections():
    """Real clients take long to make, so that these tests share them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        return sms_sender.connections.connect.__wrapped__(sms_sender.handler.Settings.read(SETTINGS))


@pytest.fixture(scope="module")
def wire(connections):
    aws = LocalAws()
    aws.watch(connections.decryptor._kms)
    aws.watch(connections.texts.templates._cognito)
    aws.watch(connections.topic._sns)
    aws.watch(connections.texts.custom_message._lambda)
    return aws


@pytest.fixture
def aws(connections, wire, monkeypatch):
    """Nothing asked, nothing known; no pauses between tries."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sms_sender.handler, "connect", lambda _settings: connections)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    connections.texts.templates._last_known.clear()
    wire.requests.clear()
    wire.faults = {}
    return wire


def send(aws):
    sms_sender.handler.handler(event(code=encrypt("123456", kms=aws.kms)), SimpleNamespace(aws_request_id="1"))


def _text(body):
    return body.decode() if isinstance(body, bytes) else body


def documents(aws):
    published = [parse_qs(_text(body))["Message"][0] for service, body in aws.requests if service == "sns"]
    return [json.loads(json.loads(message)["default"]) for message in published]


def called(aws):
    return [service for service, _body in aws.requests]


def refusal(code, status=400):
    return Response(status, json.dumps({"__type": code, "message": "quotes 123456"}).encode())


GARBAGE = {
    "garbage": Response(200, b"<html>captive portal</html>", "text/html"),
    "cut off": Response(200, b'{"KeyId": "arn:aw'),
    "empty": Response(200, b""),
}
NO_ANSWERS = {
    "500": Response(500, b""),
    "502 of a proxy": Response(502, b"<html>Bad Gateway</html>", "text/html"),
    "503": Response(503, b"{}"),
    "429 without words": Response(429, b""),
    "read timeout": ReadTimeoutError(endpoint_url="https://aws"),
    "connect timeout": ConnectTimeoutError(endpoint_url="https://aws"),
    "closed": ConnectionClosedError(endpoint_url="https://aws"),
    "no name": EndpointConnectionError(endpoint_url="https://aws"),
}


@pytest.fixture(params=NO_ANSWERS.values(), ids=NO_ANSWERS)
def no_answer(request):
    return request.param


@pytest.fixture(params=(NO_ANSWERS | GARBAGE).values(), ids=NO_ANSWERS | GARBAGE)
def nothing_useful(request):
    return request.param


def test_everything_is_asked_once_when_nothing_fails(aws):
    send(aws)

    assert sorted(called(aws)[:2]) == ["kms", "lambda"]
    assert called(aws)[2:] == ["sns"]
    assert documents(aws)[0]["text"] == "Function: 123456"


def test_kms_that_does_not_respond_is_left_to_a_retry(aws, no_answer):
    aws.faults["kms"] = [no_answer] * 2

    with pytest.raises(TransientError):
        send(aws)

    assert documents(aws) == []


def test_kms_that_responds_the_second_time_is_not_a_fault(aws):
    aws.faults["kms"] = [Response(500, b"")]

    send(aws)

    assert documents(aws)[0]["code"] == "123456"


@pytest.mark.parametrize("response", [*GARBAGE.values(), Response(200, b"{}")], ids=[*GARBAGE, "nothing"])
def test_kms_that_returns_nothing_useful_is_left_to_a_retry(aws, response):
    aws.faults["kms"] = [response]

    with pytest.raises(TransientError):
        send(aws)

    assert documents(aws) == []


def test_kms_throttling_is_left_to_a_retry(aws):
    aws.faults["kms"] = [refusal("ThrottlingException")] * 2

    with pytest.raises(TransientError, match="ThrottlingException"):
        send(aws)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "may not decrypt"),
        ("DisabledException", "is disabled"),
        ("KMSInvalidStateException", "pending deletion"),
        ("NotFoundException", "does not exist"),
        ("IncorrectKeyException", "does not belong"),
    ],
)
def test_a_refusal_of_kms_is_shown_at_once(aws, code, words):
    aws.faults["kms"] = [refusal(code)]

    send(aws)

    assert words in documents(aws)[0]["failure"]["reason"]
    assert called(aws).count("kms") == 1


def test_a_function_that_does_not_respond_leaves_the_pools_text(aws, nothing_useful):
    aws.faults["lambda"] = [nothing_useful]

    send(aws)

    [document] = documents(aws)
    assert document["text"] == "Your code is 123456"
    assert [warning["code"] for warning in document["warnings"]] == ["custom-message-failed"]
    assert called(aws).count("lambda") == 1


@pytest.mark.parametrize("empty", [b"{}", b'{"UserPool": null}', b'{"UserPool": {}}'])
def test_a_pool_without_settings_shows_a_text_all_the_same(aws, empty):
    aws.faults = {"lambda": [Response(500, b"")], "cognito-idp": [Response(200, empty)]}

    send(aws)

    assert documents(aws)[0]["text"] == "Your verification code is 123456."


def test_a_pool_that_does_not_respond_shows_the_default_and_says_so(aws, nothing_useful):
    aws.faults = {"lambda": [Response(500, b"")], "cognito-idp": [nothing_useful] * 2}

    send(aws)

    [document] = documents(aws)
    assert (document["text"], document["template_source"]) == ("Your verification code is 123456.", "default")
    assert [warning["code"] for warning in document["warnings"]] == ["custom-message-failed", "template-not-read"]


def test_a_topic_that_does_not_respond_is_raised(aws, nothing_useful):
    aws.faults["sns"] = [nothing_useful] * 2

    with pytest.raises(PublishError) as raised:
        send(aws)

    assert "123456" not in str(raised.value)
    assert "123456" not in repr(raised.value)


def test_a_publish_that_is_tried_again_carries_the_same_document(aws):
    aws.faults["sns"] = [ReadTimeoutError(endpoint_url="https://sns")]

    send(aws)

    first, second = documents(aws)
    assert first == second
