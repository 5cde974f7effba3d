"""What the template's parameters and rules do when it is deployed."""

import itertools
import json

import boto3
import pytest

from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.deploy import DeployError

NUMBERS = itertools.count()


@pytest.fixture
def deployment(sandbox):
    """Deploy the template as a stack of this test's own; answers its outputs. Called again, it updates the stack."""
    session = boto3.Session()
    name = f"parameters-{next(NUMBERS)}"

    def deployment(region=None, **parameters):
        nonlocal session
        session = boto3.Session(region_name=region)
        return deploy.deploy(session, name, {"Email": "qa@example.com"} | parameters)

    yield deployment
    if deploy._exists(session.client("cloudformation"), name):
        deploy.delete(session, name)


@pytest.mark.parametrize(
    ("region", "parameters", "reason"),
    [
        (None, {"Email3": "qa@example.com"}, "Email3 is the same address as an earlier one"),
        (None, {"Passwordless": "yes", "Mfa": "ON"}, "Sign-in by SMS alone does not go with Mfa=ON"),
        ("ap-east-1", {}, "Amazon SNS sends no SMS from this region"),
        ("cn-north-1", {}, "AWS China has no Cognito user pools"),
    ],
)
def test_rules_refuse_a_deployment_with_their_own_words(deployment, region, parameters, reason):
    with pytest.raises(DeployError, match=reason):
        deployment(region, **parameters)


@pytest.mark.parametrize("mfa", ["OFF", "ON"])
def test_the_created_pool_has_the_second_factor_that_was_asked_for(deployment, cognito, mfa):
    pool_id = deployment(Mfa=mfa)["UserPoolId"]

    found = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)

    assert found["MfaConfiguration"] == mfa
    assert ("SmsMfaConfiguration" in found) == (mfa != "OFF")


def test_a_pool_in_seoul_sends_through_tokyo_and_takes_phone_numbers_and_one_time_passwords(deployment):
    pool_id = deployment("ap-northeast-2", SignInWith="phone_number", Passwordless="yes")["UserPoolId"]

    pool = boto3.client("cognito-idp", "ap-northeast-2").describe_user_pool(UserPoolId=pool_id)["UserPool"]

    assert pool["SmsConfiguration"]["SnsRegion"] == "ap-northeast-1"
    assert pool["UsernameAttributes"] == ["phone_number"]
    assert pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"] == ["PASSWORD", "SMS_OTP"]


def subscriptions(sns, topic_arn):
    listed = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    return {each["Endpoint"]: each["SubscriptionArn"] for each in listed}


def test_addresses_that_move_between_the_parameters_stay_subscribed(deployment, sns):
    topic = deployment(Email="a@example.com", Email2="b@example.com", Email3="c@example.com")["TopicArn"]
    before = subscriptions(sns, topic)

    deployment(Email="b@example.com", Email3="a@example.com", Email4="d@example.com")

    after = subscriptions(sns, topic)
    assert set(after) == {"a@example.com", "b@example.com", "d@example.com"}
    assert {name: after[name] for name in ("a@example.com", "b@example.com")} == {
        name: before[name] for name in ("a@example.com", "b@example.com")
    }
    assert "PendingConfirmation" not in before.values()


def test_alarms_and_a_permissions_boundary_are_there_for_who_asks(deployment, session, sns):
    iam = session.client("iam")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]

    outputs = deployment(AlarmEmail="ops@example.com", PermissionsBoundaryArn=boundary)

    alarms = session.client("cloudwatch").describe_alarms()["MetricAlarms"]
    [topic] = {action for alarm in alarms for action in alarm["AlarmActions"]}
    assert {alarm["MetricName"] for alarm in alarms} == {"ApproximateNumberOfMessagesVisible", "FailedSms"}
    assert list(subscriptions(sns, topic)) == ["ops@example.com"]
    assert "KmsMasterKeyId" not in sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    redirect = sns.get_topic_attributes(TopicArn=outputs["TopicArn"])["Attributes"]
    assert redirect["KmsMasterKeyId"] == outputs["KmsKeyArn"]
    function = session.client("lambda").get_function_configuration(FunctionName=outputs["SenderFunctionName"])
    role = iam.get_role(RoleName=function["Role"].rpartition("/")[2])["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
