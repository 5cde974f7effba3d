"""The attachment function's code in this process, against the sandbox's Cognito, with a fault where one is wanted.

owner = Owner(session)
stack = SandboxStack.on(FaultyWire(Aws.of(session)))
stack.deliver(stack.event("Create", stack.properties(pool_id=owner.make(pool), key=owner.stack_key)))
"""

import itertools
import json
from contextlib import suppress

from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import assume

from fake_stack import FakeStack, FakeTime
from pool_attachment.retry import Clock
from strict_cognito import REGION, WRITABLE, Fault, StrictCognito

NUMBERS = itertools.count()
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

    @classmethod
    def on(cls, wire, time=None):
        """`time`: a SandboxTime, if the sandbox has to see it pass."""
        stack = cls(StrictCognito(), time=time or FakeTime())
        stack.wire = wire
        return stack

    def connect(self):
        return self.wire.aws

    def environment(self):
        return here(super().environment())

    def event(self, *arguments, **more):
        return here(super().event(*arguments, **more))


class SandboxTime:
    """Sleeping moves the sandbox's clock, by which IAM's policies spread."""

    def __init__(self, sandbox):
        self._clock = sandbox.clock

    def clock(self):
        return Clock(now=self._clock.now, sleep=self._clock.advance)


class Owner:
    """Makes pools and looks at them, as the account's root. IAM must take no time meanwhile."""

    def __init__(self, session):
        self.cognito, self._iam, kms = session.client("cognito-idp"), session.client("iam"), session.client("kms")
        self._role = f"random-pools-{next(NUMBERS)}"
        made = self._iam.create_role(RoleName=self._role, AssumeRolePolicyDocument=json.dumps(TRUST))
        self._iam.put_role_policy(RoleName=self._role, PolicyName="publish", PolicyDocument=json.dumps(PUBLISH))
        self._role_arn = made["Role"]["Arn"]
        self.own_key, self.stacks_key = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))

    def close(self):
        self._iam.delete_role_policy(RoleName=self._role, PolicyName="publish")
        self._iam.delete_role(RoleName=self._role)

    def make(self, pool):
        """The id of such a pool, if the sandbox's rules allow it."""
        wanted = here({name: value for name, value in pool.items() if name in WRITABLE})
        if "SmsConfiguration" in wanted:
            wanted["SmsConfiguration"] = {"SnsCallerArn": self._role_arn, "ExternalId": "x", "SnsRegion": "us-east-1"}
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

    def remove(self, pool_id):
        with suppress(ClientError):  # with deletion protection it stays
            self.cognito.delete_user_pool(UserPoolId=pool_id)

    def properties(self, stack, pool_id):
        """Of the stack's resource for that pool: with the pool's key if it has one."""
        key = self.shown(pool_id)["UserPool"].get("LambdaConfig", {}).get("KMSKeyID")
        return stack.properties(pool_id=pool_id, key=key or self.stacks_key, KeyIsOurs="false" if key else "true")

    def shown(self, pool_id):
        pool = self.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        mfa = self.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
        del pool["LastModifiedDate"], mfa["ResponseMetadata"]
        return {"UserPool": pool, "Mfa": mfa}
