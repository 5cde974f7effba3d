"""Random pools through attach and detach in harsh mode, with one fault each: none loses a setting.

The same as tests/unit/attachment/test_faults.py, but judged by another Cognito, over a real connection, as a role under
an IAM that takes time, and with faults that last. What the function could not detach is detached by hand: by then
CloudFormation would have deleted the function.
"""

import json
import random
from collections import Counter

import boto3
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from pool_attachment.pool import Aws
from random_pools import pools
from sandbox_attachment import FaultyWire, Owner, SandboxStack, SandboxTime
from sms_redirect.attachment.by_hand import ByHand
from sms_redirect.aws import Aws as OurAws
from sms_redirect.sandbox.cognito import build
from strict_cognito import Fault, KilledError

ROLE = "attachment-in-process"
CALLS = 12  # about as many as an attach or a detach makes
LASTING = 10_000  # times
DIED = "died without a response"
ACTIONS = ["DescribeUserPool", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig", "UpdateUserPool"]
ACTIONS = [f"cognito-idp:{action}" for action in [*ACTIONS, "ListUserPoolReplicas", "TagResource", "UntagResource"]]
MAY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [*ACTIONS, "kms:CreateGrant", "kms:DescribeKey", "iam:PassRole", "iam:CreateServiceLinkedRole"],
            "Resource": "*",
        }
    ],
}


def trouble(number):
    """What goes wrong with that pool and in which phase, each as likely: hypothesis would draw the simplest ones most
    of the time.

    A call's last member: whether a request whose function died is delivered again.
    """
    draw = random.Random(number)
    kind = draw.choice(
        (
            ("call", draw.randrange(CALLS), draw.choice(list(Fault)), draw.choice((True, False))),
            ("cognito", draw.choice(build.pool_fault().modes[1:]), draw.choice((1, 3, LASTING))),
            ("policy attached anew",),
            ("owner", f"edit {number}"),
        )
    )
    return kind, draw.choice(("attach", "detach"))


class FunctionsRole:
    """The role that the function works with, whose policy a test removes and adds again."""

    def __init__(self, session, clock, seconds):
        self._iam, self._clock, self._seconds = session.client("iam"), clock, seconds
        sts = session.client("sts")
        root = {"AWS": f"arn:aws:iam::{sts.get_caller_identity()['Account']}:root"}
        trust = {"Statement": [{"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}]}
        role = self._iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        given = sts.assume_role(RoleArn=role, RoleSessionName="function")["Credentials"]
        keys = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        self.session = boto3.Session(*keys, region_name=session.region_name)
        self.allow()

    def allow(self):
        """It counts when it has spread."""
        self._iam.put_role_policy(RoleName=ROLE, PolicyName="pool", PolicyDocument=json.dumps(MAY))

    def allow_anew(self):
        """Nothing is allowed anywhere any more, and the policy is on its way again."""
        self._iam.delete_role_policy(RoleName=ROLE, PolicyName="pool")
        self._clock.advance(self._seconds)
        self.allow()

    def close(self):
        self._iam.delete_role_policy(RoleName=ROLE, PolicyName="pool")
        self._iam.delete_role(RoleName=ROLE)


class World:
    def __init__(self, sandbox, session):
        self.sandbox, self.session = sandbox, session
        self.owner = Owner(session)
        self.role = FunctionsRole(session, sandbox.clock, sandbox.harshness.iam)
        sandbox.clock.advance(sandbox.harshness.iam)
        self.wire = FaultyWire(Aws.of(self.role.session))
        self.seen = Counter()
        # The sandbox's first call of CloudFormation imports a module that changes Python's recursion limit, against
        # which hypothesis warns.
        session.client("cloudformation").list_stacks()

    def close(self):
        self.role.close()
        self.owner.close()

    def check(self, pool, kind, phase):
        """Attach and detach, one of them in trouble."""
        pool_id = self.owner.make(pool)
        before = self.owner.shown(pool_id)
        stack = SandboxStack.on(self.wire, SandboxTime(self.sandbox))
        properties = self.owner.properties(stack, pool_id)

        before = self.start(kind, pool_id, before) if phase == "attach" else before
        created = self.deliver(stack, stack.event("Create", properties), kind)
        self.stop()
        if created["Status"] != DIED:
            self.attached(created, pool_id, before, may_fail=phase == "attach")

        before = self.start(kind, pool_id, before) if phase == "detach" else before
        stack.physical_id = created.get("PhysicalResourceId", "redirect-Attachment-1ABCDEF")
        deleted = self.deliver(stack, stack.event("Delete", properties), kind)
        self.stop()
        if deleted["Status"] != "SUCCESS":
            self.detach_by_hand(pool_id)
        assert self.owner.shown(pool_id) == before
        self.owner.remove(pool_id)
        self.seen[phase, kind[0], (created if phase == "attach" else deleted)["Status"]] += 1

    def deliver(self, stack, event, kind):
        try:
            return stack.deliver(event)
        except KilledError:
            return stack.deliver_until_answered(event) if kind[-1] else {"Status": DIED}

    def attached(self, created, pool_id, before, *, may_fail):
        """Either it is, or the pool is as it was."""
        after = self.owner.shown(pool_id)
        if created["Status"] == "FAILED":
            assert may_fail, created["Reason"]
            assert after == before, created["Reason"]
            return
        pool = before["UserPool"]
        changed = {name for name in pool | after["UserPool"] if pool.get(name) != after["UserPool"].get(name)}
        assert changed == {"LambdaConfig", "UserPoolTags"}
        assert after["Mfa"] == before["Mfa"]

    def start(self, kind, pool_id, before):
        """Let it begin; the settings that the pool has to come back with."""
        name, *details = kind
        if name == "call":
            self.wire.calls, self.wire.number, self.wire.fault = 0, *details[:2]
        elif name == "cognito":
            self.sandbox.pool_fault.set(*details)
        elif name == "policy attached anew":
            self.role.allow_anew()
        else:
            pool = before["UserPool"]
            self.owner.cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"edited": details[0]})
            tags = pool.get("UserPoolTags", {}) | {"edited": details[0]}
            return before | {"UserPool": pool | {"UserPoolTags": tags}}
        return before

    def stop(self):
        self.wire.fault = None
        self.sandbox.pool_fault.set("none", 0)

    def detach_by_hand(self, pool_id):
        """What `sms-redirect detach` does."""
        here = ByHand(OurAws(self.session, None), pool_id, SandboxTime(self.sandbox).clock())
        here.detach(here.preview_detach(here.settings())[1])


@pytest.fixture
def world(session, sandbox, monkeypatch):
    monkeypatch.setattr(Aws, "close", lambda _aws: None)  # one pair of clients for all
    world = World(sandbox, session)
    yield world
    world.stop()
    world.close()


def run(world, examples):
    # Without shrinking: it would take minutes.
    @settings(max_examples=examples, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(pools())
    def nothing_is_lost(pool):
        world.check(pool, *trouble(world.seen.total()))

    nothing_is_lost()
    print(f"{world.seen.total()} pools, 0 lost settings", *world.seen.most_common(), sep="\n")
    assert world.seen.total() >= examples


def test_random_pools_lose_nothing_in_harsh_mode(world):
    run(world, 10)


@pytest.mark.slow
def test_a_thousand_random_pools_lose_nothing_in_harsh_mode(world):
    run(world, 1000)
