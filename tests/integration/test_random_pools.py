"""Random pools in the sandbox's Cognito come back as they were, with one fault at any call of attach and detach.

The same as tests/unit/attachment/test_faults.py, but judged by another Cognito, and over a real connection.
"""

import json
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from fake_stack import FakeStack
from pool_attachment.pool import Aws
from random_pools import pools
from strict_cognito import REGION, WRITABLE, Fault, KilledError, StrictCognito

AFTER = {Fault.SERVER_ERROR_AFTER, Fault.READ_TIMEOUT_AFTER, Fault.KILLED_AFTER}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
PUBLISH = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]}


def here(document):
    """As in the sandbox's region."""
    return json.loads(json.dumps(document).replace(REGION, "us-east-1"))


class FaultyWire:
    """One call among all goes wrong, before or after the service has done what it asks for."""

    def __init__(self, aws):
        self.aws, self.calls, self.number, self.fault = aws, 0, None, None
        for client in (aws.cognito, aws.kms):
            http = client._endpoint.http_session
            http.send = self.sending(http.send)

    def sending(self, send):
        def send_or_not(request):
            fault, self.calls = self.fault if self.calls == self.number else None, self.calls + 1
            if fault and fault not in AFTER:
                return StrictCognito()._go_wrong(fault, request.url)
            response = send(request)
            return StrictCognito()._go_wrong(fault, request.url) if fault else response

        return send_or_not


class SandboxStack(FakeStack):
    """A stack in front of the sandbox instead of the strict Cognito."""

    wire = None

    def connect(self):
        return self.wire.aws

    def environment(self):
        return here(super().environment())

    def event(self, *arguments, **more):
        return here(super().event(*arguments, **more))


@pytest.fixture
def world(session, sandbox):
    iam = session.client("iam")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox.harshness, "iam", 0.0)
        role = iam.create_role(RoleName="random-pools", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName="random-pools", PolicyName="publish", PolicyDocument=json.dumps(PUBLISH))
        aws = Aws.of(session)
        patch.setattr(Aws, "close", lambda _aws: None)  # one pair of clients for all
        kms, cognito = session.client("kms"), session.client("cognito-idp")
        yield World(cognito, FaultyWire(aws), role, *(kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)))
    iam.delete_role_policy(RoleName="random-pools", PolicyName="publish")
    iam.delete_role(RoleName="random-pools")


class World:
    def __init__(self, cognito, wire, role, own_key, stacks_key):
        self.cognito, self.wire, self.role, self.own_key, self.stacks_key = cognito, wire, role, own_key, stacks_key
        self.pools = 0

    def check(self, pool, call, fault, again):
        pool_id = self.make(pool)
        before = self.shown(pool_id)
        key = before["UserPool"].get("LambdaConfig", {}).get("KMSKeyID")
        stack = SandboxStack(StrictCognito())
        stack.wire = self.wire
        properties = stack.properties(pool_id=pool_id, key=key or self.stacks_key, KeyIsOurs="false" if key else "true")
        self.wire.calls, self.wire.number, self.wire.fault = 0, call, fault

        created = self.deliver(stack, stack.event("Create", properties), again)
        stack.physical_id = (created or {}).get("PhysicalResourceId", "redirect-Attachment-1ABCDEF")
        deleted = self.deliver(stack, stack.event("Delete", properties), again)
        self.wire.fault = None
        if not deleted or deleted["Status"] == "FAILED":
            assert stack.deliver(stack.event("Delete", properties))["Status"] == "SUCCESS"

        self.pools += 1
        assert self.shown(pool_id) == before
        with suppress(ClientError):  # with deletion protection it stays
            self.cognito.delete_user_pool(UserPoolId=pool_id)

    def deliver(self, stack, event, again):
        try:
            return stack.deliver(event)
        except KilledError:
            return stack.deliver_until_answered(event) if again else None

    def make(self, pool):
        """The pool, if the sandbox's rules allow it."""
        wanted = here({name: value for name, value in pool.items() if name in WRITABLE})
        if "SmsConfiguration" in wanted:
            wanted["SmsConfiguration"] = {"SnsCallerArn": self.role, "ExternalId": "x", "SnsRegion": "us-east-1"}
        if "KMSKeyID" in wanted.get("LambdaConfig", {}):
            wanted["LambdaConfig"]["KMSKeyID"] = self.own_key
        wanted.get("UserPoolTags", {}).pop("aws:cloudformation:stack-name", None)
        pool_id = self.cognito.create_user_pool(PoolName="random")["UserPool"]["Id"]
        try:
            self.cognito.update_user_pool(UserPoolId=pool_id, **wanted)
        except (ClientError, ParamValidationError):
            self.cognito.delete_user_pool(UserPoolId=pool_id)
            assume(False)
        return pool_id

    def shown(self, pool_id):
        pool = self.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        mfa = self.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
        del pool["LastModifiedDate"], mfa["ResponseMetadata"]
        return {"UserPool": pool, "Mfa": mfa}


one_fault = {
    "pool": pools(),
    "call": st.integers(0, 26),
    "fault": st.sampled_from(Fault),
    "again": st.booleans(),
}


def run(world, examples):
    # Without shrinking: it would take minutes.
    @settings(max_examples=examples, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(**one_fault)
    def every_pool_comes_back(pool, call, fault, again):
        world.check(pool, call, fault, again)

    every_pool_comes_back()
    assert world.pools >= examples


def test_random_pools_come_back_after_a_fault(world):
    run(world, 15)


@pytest.mark.slow
def test_a_thousand_pools_come_back_after_a_fault(world):
    run(world, 1000)
