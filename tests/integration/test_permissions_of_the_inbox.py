"""The IAM policy that the test kit shows for pasting is enough, and shown to who lacks some of it."""

import json
from datetime import timedelta

import boto3
import pytest

from sms_publisher import publish
from sms_redirect import NotAllowed, SmsInbox
from sms_redirect.topic.permissions import policy


@pytest.fixture
def tester(session, stack, iam_has_spread):
    """Makes a session of somebody who is allowed only what a policy says."""
    iam = session.client("iam")
    names = []

    def tester(document):
        names.append(f"tester-{len(names)}")
        iam.create_user(UserName=names[-1])
        iam.put_user_policy(UserName=names[-1], PolicyName="inbox", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=names[-1])["AccessKey"]
        iam_has_spread()
        return boto3.Session(
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            region_name=session.region_name,
        )

    yield tester
    for name in names:
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=name, PolicyName="inbox")
        iam.delete_user(UserName=name)


def without(document, action):
    statements = [
        statement | {"Action": [each for each in statement["Action"] if each != action]}
        for statement in document["Statement"]
    ]
    return document | {"Statement": [statement for statement in statements if statement["Action"]]}


def test_the_policy_is_sufficient(tester, session, stack):
    somebody = tester(policy(stack["TopicArn"], "sms-redirect"))

    with SmsInbox("sms-redirect", session=somebody) as inbox:
        publish(session.client("sns"), stack["TopicArn"], 901, user_name="ivy")
        assert inbox.wait_for(user_name="ivy")
        assert SmsInbox.sweep(timedelta(0), session=somebody).queues


@pytest.mark.parametrize("action", ["cloudformation:DescribeStacks", "sqs:CreateQueue", "sns:Subscribe"])
def test_a_missing_permission_is_shown_as_a_policy(tester, stack, action):
    whole = policy(stack["TopicArn"], "sms-redirect")
    somebody = tester(without(whole, action))

    with pytest.raises(NotAllowed, match=action), SmsInbox("sms-redirect", session=somebody):
        pass


def test_nothing_can_be_read_without_permissions(tester, stack):
    nothing = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
    }

    with pytest.raises(NotAllowed), SmsInbox(topic_arn=stack["TopicArn"], session=tester(nothing)):
        pass
