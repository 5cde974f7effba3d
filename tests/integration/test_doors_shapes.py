"""Whatever is sent to the AWS port, signed or not, the answer is a whole one and no 5xx."""

import http.client
import itertools
import json
import logging
import socket
import threading

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded"
TARGETS = [
    *(("cognito-idp", f"AWSCognitoIdentityProviderService.{name}") for name in ("SignUp", "ListUserPools", "None", "")),
    *(("kms", f"TrentService.{name}") for name in ("Decrypt", "CreateKey", "NoSuch")),
    *(("sqs", f"AmazonSQS.{name}") for name in ("CreateQueue", "SendMessage")),
    *(("logs", f"Logs_20140328.{name}") for name in ("PutLogEvents", "DescribeLogGroups")),
]  # fmt: skip
DOCUMENTS = [
    b"", b"null", b"[]", b"1", b'"a"', b"{", b"[" * 100_000, b'{"a":' + b"[" * 90 + b"]" * 90 + b"}", b"\xff\xfe",
    b'{"UserPoolId": "\\ud800"}', b'{"UserPoolId": "\x00"}', b'{"UserPoolId": "\\u0000"}', b'{"UserPoolId": 1e999}',
    b'{"UserPoolId": {"a": 1}}', b'{"UserPoolId": ["a"]}', b'{"KeyId": {"x": []}}', b'{"KeyId": 1}',
    b'{"QueueName": [1], "QueueUrl": {}, "Attributes": [1]}', b'{"logGroupName": ["a"], "limit": "x"}',
]  # fmt: skip
FORMS = [
    "", "Action=", "Action=%00", "Action=NoSuch", "Action=ACTION&Version=x&Version=y&Action=b",
    "Action=ACTION&TopicArn=%00&Name=%00&StackName=%00&RoleName=%00&TemplateBody=%00",
    "Action=ACTION&MaxItems=x&Marker=%FF",
    "Action=ACTION&StackName=a&TemplateBody=" + "%5B" * 30_000,
    "Action=ACTION&StackName=a&TemplateBody=" + "{a: " * 3000,
    "Action=ACTION&StackName=a&TemplateBody=%7B%22Resources%22%3A%22a%22%7D",
    "Action=ACTION&StackName=a&TemplateBody=%7B%22Resources%22%3A%7B%22A%22%3A1%7D%7D",
    "Action=ACTION&RoleName=a&AssumeRolePolicyDocument=" + "[" * 5000,
    "Action=ACTION&TopicArn=arn:aws:sns:us-east-1:123456789012:a&MessageStructure=json&Message=" + "[" * 5000,
]  # fmt: skip
ACTIONS = {
    "sns": ["CreateTopic", "Publish", "Subscribe"],
    "cloudformation": ["CreateStack", "ValidateTemplate", "GetTemplateSummary", "CreateChangeSet"],
    "iam": ["CreateRole", "PutRolePolicy"],
    "sts": ["AssumeRole"],
}
PATHS = [
    ("lambda", "POST", "/2015-03-31/functions"),
    ("lambda", "POST", "/2015-03-31/functions/none/invocations"),
    ("lambda", "PUT", "/2015-03-31/functions/none/configuration"),
    ("lambda", "GET", "/2015-03-31/functions?MaxItems=x"),
    ("lambda", "GET", "/2015-03-31/functions/%ED%A0%80"),
    ("lambda", "GET", "/2015-03-31/functions/%00"),
    ("s3", "PUT", "/none?policy"),
    ("s3", "GET", "/none?max-keys=x"),
    ("s3", "GET", "/none/key?response-content-type=%0D%0AX-Evil%3A1"),
    ("s3", "POST", "/none?delete"),
    ("s3", "PUT", "/none/%ED%A0%80"),
    ("s3", "GET", "/none/..%2f..%2fetc"),
]


@pytest.fixture
def send(sandbox):
    """One signed request: its status."""
    environment = sandbox.environment
    credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)

    def send(service, method, path, headers, body):
        request = AWSRequest(method, sandbox.endpoint_url + path, headers, body)
        (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, "us-east-1").add_auth(request)
        connection.request(method, path, body, dict(request.headers))
        response = connection.getresponse()
        assert len(response.read()) == int(response.headers.get("content-length", 0))
        return response.status

    yield send
    connection.close()


@pytest.fixture(autouse=True)
def nothing_is_logged_as_an_error(caplog):
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(("service", "target"), TARGETS)
def test_json(send, service, target):
    headers = {"X-Amz-Target": target, "Content-Type": JSON}

    statuses = {document: send(service, "POST", "/", headers, document) for document in DOCUMENTS}

    assert {document[:40] for document, status in statuses.items() if status >= 500} == set()
    assert statuses[b"null"] == statuses[b"[" * 100_000] == 400


@pytest.mark.parametrize("service", ACTIONS)
def test_forms(send, service):
    for action, form in itertools.product(ACTIONS[service], FORMS):
        status = send(service, "POST", "/", {"Content-Type": FORM}, form.replace("ACTION", action))

        assert status < 500, (action, form[:60])


@pytest.mark.parametrize(("service", "method", "path"), PATHS)
def test_paths(send, service, method, path):
    for document in DOCUMENTS:
        assert send(service, method, path, {"Content-Type": "application/json"}, document) < 500, document[:40]


def raw(sandbox, *lines, body=b""):
    """What the server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=30) as connection:
        connection.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1") + body)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


HOST = "Host: 127.0.0.1"
SIGN_UP = "X-Amz-Target: AWSCognitoIdentityProviderService.SignUp"


@pytest.mark.parametrize(
    "lines",
    [
        ("POST / HTTP/1.1", HOST, "Content-Length: 2", "Transfer-Encoding: chunked"),
        ("POST / HTTP/1.1", HOST, "Content-Length: 2", "Content-Length: 3"),
        ("POST / HTTP/1.1", HOST, "Content-Length: -1"),
        ("POST / HTTP/1.1", HOST, "Content-Length: x"),
        ("POST / HTTP/1.1", HOST, "Transfer-Encoding: gzip"),
        ("POST / HTTP/1.1", HOST, SIGN_UP, SIGN_UP.replace("SignUp", "GetUser")),
        ("POST / HTTP/1.1", HOST, "Host: evil.example"),
        ("GET http://127.0.0.1/ HTTP/1.1", HOST),
        ("GET /\xff HTTP/1.1", HOST),
        ("GET /?a=\xff HTTP/1.1", HOST),
        ("GET / HTTP/1.1", HOST, "X: " + "a" * 100_000),
        ("GET / HTTP/1.1",),
        ("nonsense",),
    ],
    ids=lambda lines: " ".join(lines)[:60],
)
@pytest.mark.parametrize("path", ["/", "/_sandbox/clock"])
def test_heads_that_can_be_read_in_two_ways(sandbox, lines, path):
    first = lines[0].replace(" / ", f" {path} ")

    answer = raw(sandbox, first, *lines[1:], body=b"{}")

    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501"))  # 501: a transfer encoding that nobody implements


def test_a_request_without_a_host_is_refused(sandbox):
    assert raw(sandbox, "GET /_ministack/health HTTP/1.0").startswith(b"HTTP/1.1 403")


def test_a_body_is_counted_while_it_comes(sandbox):
    """Unsigned, so at most a megabyte; four times as much is on its way, in chunks without a length."""
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"

    answer = raw(
        sandbox, "POST / HTTP/1.1", HOST, SIGN_UP, "Transfer-Encoding: chunked", body=chunk * 64 + b"0\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 413")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["__type"] == "RequestEntityTooLargeException"


def test_a_body_that_says_how_long_it_is_is_not_even_read(sandbox):
    answer = raw(sandbox, "POST / HTTP/1.1", HOST, SIGN_UP, "Content-Length: 100000000")

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_response_is_as_long_as_it_says_whatever_a_service_does(sandbox, session, monkeypatch):
    """Responses that share their headers, as simulated faults easily do, had the length of one another."""
    from ministack import app

    headers, texts = {"Content-Type": JSON}, itertools.cycle([b"{}", b'{"__type": "ThrottlingException"}'])

    async def answer(*_):
        return 400, headers, next(texts)

    monkeypatch.setitem(app.SERVICE_HANDLERS, "kms", answer)
    kms, failures = session.client("kms", config=Config(retries={"total_max_attempts": 1})), []

    def call():
        for _ in range(20):
            try:
                kms.list_keys()
            except kms.exceptions.ClientError:
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not happen
                failures.append(error)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_failing_service_responds_in_its_protocol(sandbox, session, monkeypatch, caplog):
    from ministack import app

    def fail(*_):
        raise RuntimeError("inside")

    monkeypatch.setattr(app, "detect_service", fail)
    with pytest.raises(session.client("sns").exceptions.ClientError) as caught:
        session.client("sns").list_topics()

    assert caught.value.response["Error"]["Code"] == "InternalFailure"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert any("The emulator failed at POST /." in record.getMessage() for record in caplog.records)
    caplog.clear()
