"""IAM takes time in the sandbox as in AWS, for whoever changes a policy and in whatever way."""

import json
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def iam(session):
    return session.client("iam")


@pytest.fixture
def role_name():
    return f"harsh-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def may(session, role_name):
    """Whether the role may list queues now."""

    def may():
        arn = session.client("iam").get_role(RoleName=role_name)["Role"]["Arn"]
        given = session.client("sts").assume_role(RoleArn=arn, RoleSessionName="harsh")["Credentials"]
        names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
        keys = {name: given[key] for name, key in (names | {"aws_session_token": "SessionToken"}).items()}
        try:
            boto3.Session(**keys).client("sqs").list_queues()
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        return True

    return may


@pytest.fixture
def role(iam, role_name):
    iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=json.dumps(TRUST))
    yield role_name
    for name in iam.list_role_policies(RoleName=role_name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role_name, PolicyName=name)
    for policy in iam.list_attached_role_policies(RoleName=role_name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role_name, PolicyArn=policy["PolicyArn"])
        iam.delete_policy(PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=role_name)


def before_and_after(may, iam_has_spread):
    before = may()
    iam_has_spread()
    return before, may()


def test_an_inline_policy_counts_when_it_has_spread_and_so_does_its_end(iam, role, may, iam_has_spread):
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=json.dumps(READ))
    added = before_and_after(may, iam_has_spread)

    iam.delete_role_policy(RoleName=role, PolicyName="read")
    removed = before_and_after(may, iam_has_spread)

    assert (added, removed) == ((False, True), (True, False))


def test_a_managed_policy_counts_when_its_attachment_has_spread(iam, role, may, iam_has_spread):
    policy = iam.create_policy(PolicyName=role, PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam_has_spread()
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    attached = before_and_after(may, iam_has_spread)

    nothing = READ["Statement"][0] | {"Action": "sqs:GetQueueUrl"}
    version = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=version, SetAsDefault=True)
    changed = before_and_after(may, iam_has_spread)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")

    assert (attached, changed) == ((False, True), (True, False))


def test_a_stacks_policy_is_complete_before_it_has_spread(session, may, role_name, iam_has_spread):
    role = {"RoleName": role_name, "AssumeRolePolicyDocument": TRUST}
    policy = {"Roles": [{"Ref": "Role"}], "PolicyDocument": READ}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy},
    }
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(
        StackName=role_name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=role_name, WaiterConfig={"Delay": 0.1})

    created = before_and_after(may, iam_has_spread)
    cloudformation.delete_stack(StackName=role_name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=role_name, WaiterConfig={"Delay": 0.1})

    assert created == (False, True)


def test_a_pool_is_refused_an_sms_role_whose_policy_has_not_spread(iam, role, session, iam_has_spread):
    trust = json.dumps(TRUST).replace('{"AWS": "*"}', '{"Service": "cognito-idp.amazonaws.com"}')
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust)
    publish = json.dumps({"Version": "2012-10-17", "Statement": [{**READ["Statement"][0], "Action": "sns:Publish"}]})
    iam.put_role_policy(RoleName=role, PolicyName="publish", PolicyDocument=publish)
    cognito = session.client("cognito-idp")
    pool = {
        "PoolName": role,
        "AutoVerifiedAttributes": ["phone_number"],
        "SmsConfiguration": {"SnsCallerArn": iam.get_role(RoleName=role)["Role"]["Arn"]},
    }

    with pytest.raises(ClientError, match="Role does not have permission to publish with SNS"):
        cognito.create_user_pool(**pool)
    iam_has_spread()
    made = cognito.create_user_pool(**pool)["UserPool"]["Id"]

    cognito.delete_user_pool(UserPoolId=made)
