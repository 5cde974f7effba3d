"""The account that the acceptance suite works in: the environment's, or a sandbox's. One code path for both."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from pool_attachment.retry import Clock
from real_account.leftovers import PREFIX, Leftovers
from sam_cli import Sam
from sms_redirect.sandbox import deploy
from sms_redirect.stack import outputs_of

# What AWS says while a role or policy that was just made has not spread.
NOT_SPREAD = {
    "AccessDeniedException",
    "InvalidParameterValueException",  # CreateFunction: the role cannot be assumed by Lambda
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
}
TRIES = 12
DEPLOYMENT = 1200  # seconds
WAIT = {"Delay": 5, "MaxAttempts": DEPLOYMENT // 5}


class SessionAt(boto3.Session):
    """All clients of it go to the same endpoint, whatever the environment says by then."""

    endpoint_url: str | None = None

    def client(self, *arguments, **options):
        options["endpoint_url"] = options.get("endpoint_url") or self.endpoint_url
        return super().client(*arguments, **options)


@dataclass
class Account:
    """`against`: "aws" or "sandbox". Everything that is made here is named `name` and something."""

    session: SessionAt
    name: str = field(default_factory=lambda: f"{PREFIX}{uuid.uuid4().hex[:8]}")

    against = ""
    patience = 0.0
    """Seconds after which an SMS that has not arrived never will."""
    silence = 0.0
    """Seconds after which one that should not arrive has not."""

    def client(self, service):
        return self.session.client(service)

    @property
    def clock(self):
        """What our own code waits by."""
        return Clock()

    @property
    def id(self):
        return self.client("sts").get_caller_identity()["Account"]

    def settle(self):
        """Wait a moment for what was just made to be known everywhere."""
        raise NotImplementedError

    def deploy(self, stack_name, **parameters):
        """Create or update the stack; answers its outputs."""
        raise NotImplementedError

    def delete(self, stack_name):
        """Delete the stack; raises if something of it stays."""
        raise NotImplementedError

    def when_spread(self, call, **request):
        """Make a call that needs a role or policy of a moment ago."""
        for _ in range(TRIES):
            try:
                return call(**request)
            except ClientError as error:
                if error.response["Error"]["Code"] not in NOT_SPREAD:
                    raise
                self.settle()
        return call(**request)

    def clean_up(self):
        """Delete everything that was made; raises if something stays."""
        Leftovers(self.session, self.name).delete()


@dataclass
class SandboxAccount(Account):
    """The sandbox of this process. Unless it is `harsh`, a policy counts at once while a stack is deployed."""

    sandbox: object = None
    harsh: bool = False

    against, patience, silence = "sandbox", 20.0, 0.5

    @classmethod
    def of(cls, sandbox, *, harsh):
        environment = sandbox.environment
        session = SessionAt(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        session.endpoint_url = sandbox.endpoint_url
        return cls(session, sandbox=sandbox, harsh=harsh)

    @property
    def clock(self):
        return Clock(now=self.sandbox.clock.now, sleep=self.sandbox.clock.advance)

    def settle(self):
        self.sandbox.wait_until_quiet()
        self.sandbox.clock.advance(self.sandbox.harshness.iam)

    def deploy(self, stack_name, **parameters):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.sandbox.mailroom, "auto_confirm", False)  # nobody follows the links
            if not self.harsh:
                patch.setattr(self.sandbox.harshness, "iam", 0.0)
            return deploy.deploy(self.session, stack_name, parameters)

    def delete(self, stack_name):
        deploy.delete(self.session, stack_name)


@dataclass
class RealAccount(Account):
    """The account of the environment. Builds and deploys with the SAM CLI, as people do."""

    sam: Sam = None
    built: bool = False

    patience = 240.0  # Lambda retries after one minute, and after two more

    @classmethod
    def of_the_environment(cls, folder, environment):
        """`folder`: an empty one for the build."""
        sam = Sam.copied(folder, dict(environment), patience=DEPLOYMENT)
        (folder / "samconfig.yaml").unlink()  # it would make a bucket that stays
        account = cls(SessionAt(), sam=sam)
        account.id  # noqa: B018 - fails here, and not half way, if there are no credentials
        return account

    @property
    def against(self):
        """Decided by where the requests go: what another endpoint says never counts as AWS's answer."""
        host = self.client("cognito-idp").meta.endpoint_url.partition("//")[2].partition("/")[0]
        return "aws" if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "sandbox"

    @property
    def silence(self):
        return 45.0 if self.against == "aws" else 1.0

    def settle(self):
        time.sleep(15 if self.against == "aws" else 3)

    def deploy(self, stack_name, **parameters):
        bucket = f"{self.name}-{self.id}"
        if not self.built:
            self._create_bucket(bucket)
            self.sam.build()
            self.built = True
        values = [f"{name}={value}" for name, value in parameters.items()]
        options = ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
        where = ["--stack-name", stack_name, "--s3-bucket", bucket, "--no-progressbar"]
        self.sam("deploy", *where, *options, "--parameter-overrides", *values)
        return outputs_of(self.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0])

    def delete(self, stack_name):
        cloudformation = self.client("cloudformation")
        stack_id = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackId"]
        cloudformation.delete_stack(StackName=stack_id)
        try:
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack_id, WaiterConfig=WAIT)
        except WaiterError as error:
            events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
            reasons = [event["ResourceStatusReason"] for event in events if "ResourceStatusReason" in event]
            raise AssertionError(f"{stack_name} cannot be deleted:\n" + "\n".join(reasons)) from error

    def _create_bucket(self, bucket):
        region = self.session.region_name
        # us-east-1 is the one region that must not be named.
        there = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        with suppress(self.client("s3").exceptions.BucketAlreadyOwnedByYou):
            self.client("s3").create_bucket(Bucket=bucket, **there)
