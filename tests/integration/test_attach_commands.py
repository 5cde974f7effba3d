"""A stack on an existing pool, in harsh mode: its redirect taken off and put on again, and left behind by the stack.

While it is deployed a policy counts at once, and the commands wait by the sandbox's clock: tests/e2e waits in earnest.
"""

import json
import re
from contextlib import ExitStack, contextmanager

import pytest
from click.testing import CliRunner

from pool_attachment.retry import Clock
from sms_redirect.cli import main, pool_changes
from sms_redirect.sandbox import deploy
from their_pool import take_off, their_pool_in

STACK = "attach-commands"
DENY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "cognito-idp:UpdateUserPool", "Resource": "*"}],
}


def run(*arguments):
    return CliRunner().invoke(main, [*arguments])


@pytest.fixture
def at_once(sandbox):
    """A context in which policies need no time."""

    @contextmanager
    def at_once():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sandbox.harshness, "iam", 0.0)
            yield

    return at_once


@pytest.fixture(autouse=True)
def sandboxs_clock(sandbox, monkeypatch):
    clock = Clock(now=sandbox.clock.now, sleep=sandbox.clock.advance)
    monkeypatch.setattr(pool_changes, "Clock", lambda: clock)


@pytest.fixture
def their_pool(session, at_once):
    with ExitStack() as stack:
        with at_once():  # their role is an old one
            pool = stack.enter_context(their_pool_in(session))
        yield pool


def attachment_role(session):
    resources = session.client("cloudformation").list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    return next(each["PhysicalResourceId"] for each in resources if each["LogicalResourceId"] == "AttachmentRole")


def test_a_redirect_comes_back_by_hand_and_goes_by_hand_when_its_stack_leaves_it(
    session, their_pool, at_once, iam_has_spread
):
    parameters = {"Email": "qa@example.com", "UserPoolId": their_pool.id}
    planned = run("plan", "--user-pool-id", their_pool.id, "--stack-name", STACK)
    with at_once():
        deploy.deploy(session, STACK, parameters)
    assert (planned.exit_code, their_pool.changed_settings()) == (0, ["LambdaConfig", "UserPoolTags"])

    take_off(their_pool)
    assert their_pool.changed_settings() == []
    attached = run("attach", "--stack-name", STACK, "--yes")
    assert attached.exit_code == 0, attached.output
    assert their_pool.changed_settings() == ["LambdaConfig", "UserPoolTags"]

    take_off(their_pool)
    with at_once():
        deploy.deploy(session, STACK, parameters | {"AttachAgain": "once more"})
    assert their_pool.changed_settings() == ["LambdaConfig", "UserPoolTags"]

    role = attachment_role(session)
    session.client("iam").put_role_policy(RoleName=role, PolicyName="deny", PolicyDocument=json.dumps(DENY))
    iam_has_spread()
    with pytest.raises(deploy.DeployError) as failed:
        deploy.delete(session, STACK)
    command = re.search(r"sms-redirect (detach --user-pool-id \S+ --region [a-z0-9-]+)", str(failed.value))[1]

    detached = run(*command.split(), "--yes")
    name, kept = re.search(r"delete-stack --stack-name (\S+) --retain-resources (\w+)", detached.stderr).groups()
    session.client("cloudformation").delete_stack(StackName=name, RetainResources=[kept])

    assert detached.exit_code == 0, detached.output
    assert "no longer exists" in detached.stderr
    assert "is PendingDeletion" in detached.stderr
    cloudformation = session.client("cloudformation")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})
    assert their_pool.changed_settings() == []
