"""`sms-redirect attach --dry-run` prints the plan that the function would carry out."""

import json

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner

from fake_stack import STACK_ARN, STACK_KEY, FakeStack, function_arn
from random_pools import POOL_ARN, POOL_ID, POOL_KEY
from sms_redirect.attach_plan import _stack
from sms_redirect.cli import main
from strict_cognito import REGION, StrictCognito

POOL = {"Id": POOL_ID, "Arn": POOL_ARN, "LambdaConfig": {"PreSignUp": function_arn("pre")}, "UserPoolTags": {"a": "é"}}


@pytest.fixture
def cognito(monkeypatch):
    cognito = StrictCognito()
    cognito.add_key(STACK_KEY)
    cognito.add_key(POOL_KEY)
    cognito.add(POOL)
    monkeypatch.setattr(boto3, "Session", lambda **_: cognito.session())
    return cognito


@pytest.fixture
def no_stack(monkeypatch):
    """CloudFormation is asked through another client; here it knows no stack."""
    monkeypatch.setattr("sms_redirect.attach_plan._stack", lambda *_: {})


def attach(*arguments):
    return CliRunner().invoke(main, ["attach", "--user-pool-id", POOL_ID, *arguments])


@pytest.mark.usefixtures("no_stack")
def test_it_prints_a_diff_and_changes_nothing(cognito):
    before = cognito.raw(POOL_ID)

    result = attach("--dry-run")

    assert result.exit_code == 0
    added = [line for line in result.stdout.splitlines() if line.startswith("+ ")]
    assert any("CustomSMSSender" in line for line in added)
    assert any("sms-redirect:stack" in line for line in added)
    assert not any("PreSignUp" in line for line in added)
    assert cognito.raw(POOL_ID) == before
    assert "UpdateUserPool" not in cognito.calls


@pytest.mark.usefixtures("no_stack")
def test_the_plan_is_the_one_that_is_carried_out(cognito):
    planned = attach(
        "--dry-run", "--json", "--kms-key-arn", POOL_KEY, "--sender-function-arn", function_arn("redirect")
    )
    stack = FakeStack(cognito)
    stack.create(key=POOL_KEY)
    sent = next(body for body in cognito.requests if "LambdaConfig" in body)

    plan = json.loads(planned.stdout)["request"]

    tags = {"sms-redirect:stack": None}
    assert {**plan, "UserPoolTags": plan["UserPoolTags"] | tags} == {
        **sent,
        "UserPoolTags": sent["UserPoolTags"] | tags,
    }


@pytest.mark.usefixtures("no_stack")
def test_a_refusal_says_why_and_fails(cognito):
    cognito.pools[POOL_ID]["LambdaConfig"]["KMSKeyID"] = POOL_KEY

    result = attach("--dry-run")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"KmsKeyArn={POOL_KEY}" in result.stderr


@pytest.mark.usefixtures("no_stack")
def test_a_refusal_can_be_read_by_a_program(cognito):
    cognito.pools[POOL_ID]["FutureSetting"] = 1

    result = attach("--dry-run", "--json")

    assert result.exit_code == 1
    assert "FutureSetting" in json.loads(result.stdout)["refusal"]


@pytest.mark.usefixtures("cognito")
def test_attaching_itself_is_left_to_the_deployment():
    result = attach()

    assert result.exit_code == 2
    assert "sam deploy" in result.stderr


def test_a_pool_that_cannot_be_read_is_an_error(cognito):
    cognito.pools.clear()

    result = attach("--dry-run")

    assert result.exit_code == 1
    assert "does not exist" in result.stderr


class SessionOf:
    """A session whose only client is the stubbed one."""

    def __init__(self, client):
        self.client = lambda *_args, **_: client


@pytest.fixture
def cloudformation():
    client = boto3.session.Session("test", "test", region_name=REGION).client("cloudformation")
    with Stubber(client) as stubber:
        yield client, stubber


def test_a_deployed_stack_says_what_it_is(cloudformation):
    client, stubber = cloudformation
    stack = {"StackName": "s", "StackId": STACK_ARN, "CreationTime": 0, "StackStatus": "CREATE_COMPLETE"}
    outputs = [{"OutputKey": "KmsKeyArn", "OutputValue": STACK_KEY}]
    stubber.add_response("describe_stacks", {"Stacks": [{**stack, "Outputs": outputs}]}, {"StackName": "s"})

    assert _stack(SessionOf(client), None, "s") == {"StackId": STACK_ARN, "KmsKeyArn": STACK_KEY}


def test_a_stack_that_is_not_there_yet_is_no_error(cloudformation):
    client, stubber = cloudformation
    stubber.add_client_error("describe_stacks", "ValidationError", "Stack with id s does not exist")

    assert _stack(SessionOf(client), None, "s") == {}
