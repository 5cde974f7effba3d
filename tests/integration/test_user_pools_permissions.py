"""IAM decides about every signed operation of the user pools API, by what the request names."""

import hashlib
import json
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

pytestmark = pytest.mark.usefixtures("iam_at_once")

ANY = {"Effect": "Allow", "Action": "cognito-idp:*", "Resource": "*"}


def name():
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def cognito(session):
    return session.client("cognito-idp")


@pytest.fixture
def pool(cognito):
    return cognito.create_user_pool(PoolName=name(), UserPoolTags={"team": "qa"})["UserPool"]


@pytest.fixture
def keys(session):
    """The access key of a user who may do what its policy says, and nothing else."""

    def make(*statements):
        iam = session.client("iam")
        user = iam.create_user(UserName=name())["User"]["UserName"]
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=user, PolicyName="permissions", PolicyDocument=document)
        return iam.create_access_key(UserName=user)["AccessKey"]

    return make


@pytest.fixture
def caller(session, keys):
    def make(*statements):
        key = keys(*statements)
        mine = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=session.region_name)
        return mine.client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))

    return make


def denied(operation, **request):
    with pytest.raises(ClientError) as caught:
        operation(**request)
    response = caught.value.response
    assert response["Error"]["Code"] == "AccessDeniedException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Message"]


def test_a_denial_names_caller_action_and_pool(caller, pool):
    """As on AWS: lgallard/terraform-aws-cognito-user-pool#116, aws/chalice#529."""
    text = denied(caller(ANY | {"Action": "cognito-idp:ListUsers"}).describe_user_pool, UserPoolId=pool["Id"])

    assert text.startswith("User: arn:aws:iam::123456789012:user/test-")
    assert f"is not authorized to perform: cognito-idp:DescribeUserPool on resource: {pool['Arn']}" in text


@pytest.mark.parametrize("mine", [True, False])
def test_a_policy_for_one_pool_is_for_no_other(caller, cognito, pool, mine):
    other = cognito.create_user_pool(PoolName=name())["UserPool"]
    limited = caller(ANY | {"Resource": pool["Arn"]})

    if mine:
        assert limited.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["Id"] == pool["Id"]
    else:
        assert other["Arn"] in denied(limited.describe_user_pool, UserPoolId=other["Id"])


def test_operations_on_tags_are_about_the_pool_that_they_name(caller, pool):
    limited = caller(ANY | {"Resource": pool["Arn"]})

    limited.tag_resource(ResourceArn=pool["Arn"], Tags={"a": "b"})
    elsewhere = pool["Arn"].replace(pool["Id"], "us-east-1_other")

    assert elsewhere in denied(limited.tag_resource, ResourceArn=elsewhere, Tags={"a": "b"})


def test_operations_that_name_no_pool_are_about_all(caller, pool):
    text = denied(caller(ANY | {"Resource": pool["Arn"]}).list_user_pools, MaxResults=1)

    assert "cognito-idp:ListUserPools on resource: *" in text


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "qa"}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "prod"}}, False),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.1"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
    ],
)
def test_conditions_on_the_pool_and_the_connection(caller, pool, condition, allowed):
    limited = caller(ANY | {"Condition": condition})

    if allowed:
        limited.describe_user_pool(UserPoolId=pool["Id"])
    else:
        denied(limited.describe_user_pool, UserPoolId=pool["Id"])


def test_conditions_on_the_tags_that_a_request_sets(caller, pool):
    limited = caller(
        ANY | {"Condition": {"StringEquals": {"aws:RequestTag/team": "qa"}}},
        ANY | {"Action": "cognito-idp:UntagResource", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}},
    )

    limited.create_user_pool(PoolName=name(), UserPoolTags={"team": "qa"})
    limited.tag_resource(ResourceArn=pool["Arn"], Tags={"team": "qa", "a": "b"})
    limited.untag_resource(ResourceArn=pool["Arn"], TagKeys=["a"])

    denied(limited.create_user_pool, PoolName=name(), UserPoolTags={"team": "prod"})
    denied(limited.create_user_pool, PoolName=name())
    denied(limited.untag_resource, ResourceArn=pool["Arn"], TagKeys=["team"])


def test_an_explicit_deny_wins(caller, pool):
    text = denied(caller(ANY, ANY | {"Effect": "Deny"}).describe_user_pool, UserPoolId=pool["Id"])

    assert "with an explicit deny in an identity-based policy" in text


@pytest.mark.parametrize("statement", [ANY, ANY | {"Action": "cognito-idp:ListUsers"}])
def test_a_signature_in_the_query_string_names_its_caller_too(sandbox, keys, pool, statement):
    key = keys(statement)
    body = json.dumps({"UserPoolId": pool["Id"]}).encode()
    headers = {
        "x-amz-target": "AWSCognitoIdentityProviderService.DescribeUserPool",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),  # botocore would put the body into the address
    }
    request = AWSRequest("POST", f"{sandbox.endpoint_url}/", headers)
    SigV4QueryAuth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "cognito-idp", "us-east-1").add_auth(
        request
    )
    sent = urllib.request.Request(request.url, body, headers)

    if statement is ANY:
        with urllib.request.urlopen(sent) as response:
            assert json.load(response)["UserPool"]["Id"] == pool["Id"]
    else:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(sent)
        assert json.load(caught.value)["__type"] == "AccessDeniedException"


def test_responses_have_the_headers_of_user_pools_and_no_others(cognito, pool):
    headers = cognito.describe_user_pool(UserPoolId=pool["Id"])["ResponseMetadata"]["HTTPHeaders"]

    assert {name for name in headers if not name.startswith("access-control-")} == {
        "content-length",
        "content-type",
        "date",
        "x-amzn-requestid",
    }
    written = datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60
