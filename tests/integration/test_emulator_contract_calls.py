"""Calls of KMS and SNS have the same response whether they pass through the emulator's application or not."""

import inspect
import json
import uuid

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import calls, iam

pytestmark = pytest.mark.usefixtures("iam_at_once")

ONCE = Config(retries={"total_max_attempts": 1})
PUBLISHED = {"Message": json.dumps({"default": "text é\U0001f600"}), "MessageStructure": "json"}
REQUESTS = {
    "a response in JSON": ("kms", "list_aliases", {}),
    "an error in JSON": ("kms", "describe_key", {"KeyId": "none"}),
    "ciphertext of nobody": ("kms", "decrypt", {"CiphertextBlob": b"none"}),
    "a response in XML": ("sns", "list_topics", {}),
    "a text for each protocol": ("sns", "publish", {"TopicArn": "TOPIC", **PUBLISHED}),
    "attributes": ("sns", "publish", {"TopicArn": "TOPIC", "Message": "a&b=c+d %41", "MessageAttributes": {
        "a": {"DataType": "String", "StringValue": "b"}}}),
    "a topic that is not there": ("sns", "publish", {"TopicArn": "TOPIC-none", "Message": "a"}),
    "no message": ("sns", "publish", {"TopicArn": "TOPIC", "Message": ""}),
}  # fmt: skip


@pytest.fixture
def passes_through_the_application(sandbox, monkeypatch):
    """Counts the requests that do."""
    from ministack import app

    original, seen = app._handle_pre_body_request, []

    async def counting(*arguments):
        seen.append(arguments)
        return await original(*arguments)

    monkeypatch.setattr(app, "_handle_pre_body_request", counting)
    return seen


@pytest.fixture
def topic(session):
    sns = session.client("sns")
    arn = sns.create_topic(Name=f"calls-{uuid.uuid4().hex[:8]}")["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


@pytest.fixture
def nobody(session):
    """A session of a user without any permission, and its name."""
    client, name = session.client("iam"), f"calls-{uuid.uuid4().hex[:8]}"
    client.create_user(UserName=name)
    key = client.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=session.region_name), name


def response(session, topic, service, operation, request):
    """What comes back of a request, but for what is another each time."""
    given = {name: value.replace("TOPIC", topic) if name == "TopicArn" else value for name, value in request.items()}
    try:
        got = getattr(session.client(service, config=ONCE), operation)(**given)
    except ClientError as error:
        got = error.response
    got.pop("MessageId", None)
    metadata = got.pop("ResponseMetadata")
    different = {"date", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"}
    headers = {name: ... if name in different else value for name, value in metadata["HTTPHeaders"].items()}
    assert "date" in headers
    return got, metadata["HTTPStatusCode"], headers


@pytest.mark.parametrize("who", ["root", "nobody"])
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_call_has_the_same_response_either_way(
    session, nobody, topic, who, kind, passes_through_the_application, monkeypatch
):
    asking = session if who == "root" else nobody[0]
    short = response(asking, topic, *REQUESTS[kind])
    assert passes_through_the_application == []

    monkeypatch.setattr(calls, "SERVICES", frozenset())
    assert response(asking, topic, *REQUESTS[kind]) == short
    assert len(passes_through_the_application) == 1
    assert (short[0].get("Error", {}).get("Code") in {"AccessDeniedException", "AuthorizationError"}) == (
        who == "nobody"
    )


def test_a_call_acts_in_the_region_of_its_signature(session):
    key = session.client("kms", region_name="eu-west-1").create_key()["KeyMetadata"]

    assert key["Arn"].split(":")[3] == "eu-west-1"
    with pytest.raises(ClientError, match="NotFound"):
        session.client("kms").describe_key(KeyId=key["KeyId"])


def test_policies_of_keys_and_topics_know_the_caller(session, nobody, topic):
    asking, name = nobody
    arn = f"arn:aws:iam::{emulator.ACCOUNT_ID}:user/{name}"
    local = {"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}, "Bool": {"aws:SecureTransport": "true"}}
    allowed = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed | {"Condition": local}]})
    session.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    assert asking.client("sns", config=ONCE).publish(TopicArn=topic, Message="a")["MessageId"]
    with pytest.raises(ClientError, match="AuthorizationError"):
        asking.client("sns", config=ONCE).get_topic_attributes(TopicArn=topic)


def test_other_services_and_what_is_not_sent_as_the_sdks_do_pass_through_the_application(
    session, passes_through_the_application
):
    session.client("sqs").list_queues()
    session.client("sts").get_caller_identity()
    kms = session.client("kms", config=ONCE)
    kms.meta.events.register(
        "before-sign.kms", lambda request, **_: request.headers.add_header("Host", "api.localhost")
    )
    with pytest.raises(ClientError):
        kms.describe_key(KeyId="none")

    assert len(passes_through_the_application) == 3


def test_one_function_serves_what_is_no_special_request(sandbox):
    from ministack import app

    dispatch = app._dispatch_service_request
    assert list(inspect.signature(dispatch).parameters) == [
        "method", "path", "headers", "body", "query_params", "request_id",
    ]  # fmt: skip
    assert "await _dispatch_service_request(" in inspect.getsource(app.app)


def test_who_a_caller_is_is_looked_up_once_for_each_request(nobody, sandbox):
    from ministack.core import iam_evaluator

    key = nobody[0].get_credentials().access_key
    with iam.called_from("127.0.0.1"):
        first = iam_evaluator.resolve_principal(key, emulator.ACCOUNT_ID)
        assert iam_evaluator.resolve_principal(key, emulator.ACCOUNT_ID) is first
    with iam.called_from("127.0.0.1"):
        again = iam_evaluator.resolve_principal(key, emulator.ACCOUNT_ID)
    assert again is not first
    assert again == first
    for place in (iam_evaluator.enforce, iam_evaluator.request_caller_arn):
        assert "resolve_principal" in place.__code__.co_names
    outside = iam_evaluator.resolve_principal(key, emulator.ACCOUNT_ID)
    assert iam_evaluator.resolve_principal(key, emulator.ACCOUNT_ID) is not outside
