"""With real botocore clients, against moto: from Cognito's event to a subscribed queue."""

from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

import sms_sender.connections
import sms_sender.handler
from cognito_codes import encrypt
from sender_world import event
from sms_redirect.messages.sms import Sms


@pytest.fixture
def aws(monkeypatch):
    """A pool, a key, and a topic with a queue, and the function's environment."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        kms, sns, sqs, cognito = (boto3.client(name) for name in ("kms", "sns", "sqs", "cognito-idp"))
        key_arn = kms.create_key()["KeyMetadata"]["Arn"]
        topic_arn = sns.create_topic(Name="sms")["TopicArn"]
        queue_url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
        texts = {"VerificationMessageTemplate": {"SmsMessage": "Code {####} for you"}}
        pool = cognito.create_user_pool(PoolName="test", **texts)["UserPool"]
        monkeypatch.setenv("TOPIC_ARN", topic_arn)
        monkeypatch.setenv("KMS_KEY_ARN", key_arn)
        sms_sender.connections.connect.cache_clear()
        yield SimpleNamespace(
            kms=kms,
            sqs=sqs,
            sns=sns,
            key_arn=key_arn,
            queue_url=queue_url,
            pool_id=pool["Id"],
            topic_arn=topic_arn,
        )
        sms_sender.connections.connect.cache_clear()


def received(aws):
    [message] = aws.sqs.receive_message(QueueUrl=aws.queue_url)["Messages"]
    return message["Body"]


def test_an_sms_reaches_the_queue(aws):
    code = encrypt("246810", aws.pool_id, kms=aws.kms, key_arn=aws.key_arn)

    sms_sender.handler.handler(event(code=code, userPoolId=aws.pool_id))

    sms = Sms.from_document(received(aws))
    assert (sms.text, sms.template_source) == ("Code 246810 for you", "pool")


def test_a_pool_that_is_gone_is_shown_with_the_default_text(aws):
    gone = "eu-west-1_Gone00000"

    sms_sender.handler.handler(event(code=encrypt("246810", gone, kms=aws.kms, key_arn=aws.key_arn), userPoolId=gone))

    sms = Sms.from_document(received(aws))
    assert sms.text == "Your verification code is 246810."
    assert "ResourceNotFoundException" in sms.warnings[0].text


def test_a_topic_that_is_gone_is_raised(aws):
    code = encrypt("246810", aws.pool_id, kms=aws.kms, key_arn=aws.key_arn)
    aws.sns.delete_topic(TopicArn=aws.topic_arn)

    with pytest.raises(sms_sender.handler.SenderError, match="the topic is gone"):
        sms_sender.handler.handler(event(code=code, userPoolId=aws.pool_id))


def test_the_next_event_uses_the_same_clients(aws):
    first = sms_sender.connections.connect(sms_sender.handler.Settings.read(sms_sender.handler.os.environ))

    assert sms_sender.connections.connect(sms_sender.handler.Settings.read(sms_sender.handler.os.environ)) is first
