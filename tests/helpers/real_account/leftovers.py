"""Finds and deletes what an acceptance run made, by its name alone: also what a killed run never wrote down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from sms_redirect import SmsInbox

PREFIX = "sms-redirect-acceptance-"
OLD = timedelta(hours=6)  # nobody runs for so long
WAIT = {"Delay": 5, "MaxAttempts": 240}


class LeftBehindError(Exception):
    """Something of the run is still there; the text names it."""


@dataclass
class Leftovers:
    """What is named `name` and something. A stack goes before what it was given."""

    session: Any
    name: str

    def delete(self, older_than=None):
        """Delete all of it, or what is older; raises LeftBehindError if something stays."""
        problems = []
        for kind, found, delete in (
            ("stack", self._stacks, self._delete_stack),
            ("user pool", self._pools, self._delete_pool),
            ("function", self._functions, self._delete_function),
            ("log group", self._log_groups, self._delete_log_group),
            ("role", self._roles, self._delete_role),
            ("bucket", self._buckets, self._delete_bucket),
        ):
            for each, made_at in list(found()):
                if older_than is None or made_at <= datetime.now(UTC) - older_than:
                    try:
                        delete(each)
                    except (ClientError, WaiterError) as error:
                        problems.append(f"{kind} {each}: {error}")
        if older_than is None:
            problems += self._still_there()
        if problems:
            raise LeftBehindError("Delete these by hand:\n" + "\n".join(problems))

    @classmethod
    def of_killed_runs(cls, session):
        """Delete what runs of long ago left, and the queues of their inboxes."""
        SmsInbox.sweep(session=session, endpoint_url=session.endpoint_url)
        cls(session, PREFIX).delete(OLD)

    def _still_there(self):
        """Names of everything that a stack could have left."""
        found = [f"stack {name}" for name, _ in self._stacks()]
        for service, operation, listing, name in (
            ("lambda", "list_functions", "Functions", "FunctionName"),
            ("sns", "list_topics", "Topics", "TopicArn"),
            ("sqs", "list_queues", "QueueUrls", None),
            ("cognito-idp", "list_user_pools", "UserPools", "Name"),
            ("logs", "describe_log_groups", "logGroups", "logGroupName"),
            ("iam", "list_roles", "Roles", "RoleName"),
            ("iam", "list_policies", "Policies", "PolicyName"),
            ("s3", "list_buckets", "Buckets", "Name"),
        ):
            names = [each[name] if name else each for each in self._all(service, operation, listing)]
            found += [f"{service} {each}" for each in names if self.name in each]
        return found

    # ---- one kind after the other ----

    def _all(self, service, operation, listing):
        client = self.session.client(service)
        wanted = {"list_user_pools": {"MaxResults": 60}, "list_policies": {"Scope": "Local"}}
        for page in client.get_paginator(operation).paginate(**wanted.get(operation, {})):
            yield from page.get(listing, [])

    def _stacks(self):
        for each in self._all("cloudformation", "describe_stacks", "Stacks"):
            if each["StackName"].startswith(self.name) and each["StackStatus"] != "DELETE_COMPLETE":
                yield each["StackName"], each["CreationTime"]

    def _delete_stack(self, name):
        cloudformation = self.session.client("cloudformation")
        stack_id = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        waiter = cloudformation.get_waiter("stack_delete_complete")
        cloudformation.delete_stack(StackName=stack_id)
        try:
            waiter.wait(StackName=stack_id, WaiterConfig=WAIT)
        except WaiterError:
            summaries = cloudformation.list_stack_resources(StackName=stack_id)["StackResourceSummaries"]
            failed = [each["LogicalResourceId"] for each in summaries if each["ResourceStatus"] == "DELETE_FAILED"]
            cloudformation.delete_stack(StackName=stack_id, RetainResources=failed)
            waiter.wait(StackName=stack_id, WaiterConfig=WAIT)

    def _pools(self):
        for each in self._all("cognito-idp", "list_user_pools", "UserPools"):
            if each["Name"].startswith(self.name):
                yield each["Id"], each["CreationDate"]

    def _delete_pool(self, pool_id):
        self.session.client("cognito-idp").delete_user_pool(UserPoolId=pool_id)

    def _functions(self):
        for each in self._all("lambda", "list_functions", "Functions"):
            if each["FunctionName"].startswith(self.name):
                yield each["FunctionName"], datetime.fromisoformat(each["LastModified"])

    def _delete_function(self, name):
        self.session.client("lambda").delete_function(FunctionName=name)

    def _log_groups(self):
        for each in self._all("logs", "describe_log_groups", "logGroups"):
            if each["logGroupName"].removeprefix("/aws/lambda/").startswith(self.name):
                yield each["logGroupName"], datetime.fromtimestamp(each["creationTime"] / 1000, UTC)

    def _delete_log_group(self, name):
        self.session.client("logs").delete_log_group(logGroupName=name)

    def _roles(self):
        for each in self._all("iam", "list_roles", "Roles"):
            if each["RoleName"].startswith(self.name):
                yield each["RoleName"], each["CreateDate"]

    def _delete_role(self, name):
        iam = self.session.client("iam")
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=name)

    def _buckets(self):
        for each in self._all("s3", "list_buckets", "Buckets"):
            if each["Name"].startswith(self.name):
                yield each["Name"], each["CreationDate"]

    def _delete_bucket(self, name):
        s3 = self.session.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for entry in page.get("Contents", []):
                s3.delete_object(Bucket=name, Key=entry["Key"])
        with suppress(s3.exceptions.NoSuchBucket):
            s3.delete_bucket(Bucket=name)
