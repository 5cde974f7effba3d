"""A custom resource whose function writes down what it is asked, and fails when it is told to.

`SOURCE` is the function; `template(...)` a stack around it; `Probe` the test's side of both.
"""

import io
import json
import uuid
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from botocore.exceptions import WaiterError

SOURCE = """
import json
import urllib.request
from pathlib import Path


def attached_policies(role):
    import boto3

    attached = boto3.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return sorted(policy["PolicyName"] for policy in attached)


def handler(event, context):
    properties = event["ResourceProperties"]
    folder = Path(properties["Folder"])
    orders = json.loads((folder / "orders.json").read_text())
    order = orders.get(event["RequestType"] + " " + properties["Name"], "succeed")
    if order == "fail twice":
        file = folder / "requests.jsonl"
        before = sum("Delete" in line for line in file.read_text().splitlines())
        order = "fail" if before < 2 else "succeed"
    request = {
        "request": event["RequestType"],
        "resource": event["LogicalResourceId"],
        "name": properties["Name"],
        "old": event.get("OldResourceProperties", {}).get("Name"),
        "physical_id": event.get("PhysicalResourceId"),
        "policies": attached_policies(properties["Role"]) if "look" in orders else None,
    }
    with (folder / "requests.jsonl").open("a") as file:
        file.write(json.dumps(request) + "\\n")
    if order == "stay silent":
        return
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer["Status"] = "SUCCESS" if order == "succeed" else "FAILED"
    answer["Reason"] = "told to"
    if order != "fail without an id":
        answer["PhysicalResourceId"] = "thing-" + properties["Name"]
    body = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, method="PUT")).read()
"""

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
MAY_LOOK = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iam:ListAttachedRolePolicies", "Resource": "*"}],
}
WAIT = {"Delay": 0.1, "MaxAttempts": 600}


def template(bucket, folder, things):
    """A role, its policy (replaced when `Text` changes), the function, and one custom resource for each of `things`.

    `things` are logical ids to names; each needs those before it. `OnSecond` is made only where `Text` is "second".
    """
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Policy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"Description": {"Ref": "Text"}, "Roles": [{"Ref": "Role"}], "PolicyDocument": MAY_LOOK},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "probe.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"S3Bucket": bucket, "S3Key": "probe.zip"},
                "Timeout": 20,
            },
        },
    }
    before = ["Policy"]
    for logical_id, name in things.items():
        resources[logical_id] = {
            "Type": "Custom::Thing",
            "DependsOn": list(before),
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                "ServiceTimeout": "1" if name.startswith("silent") else "20",
                "Folder": str(folder),
                "Role": {"Ref": "Role"},
                "Name": name,
            },
        }
        if logical_id == "OnSecond":
            resources[logical_id]["Condition"] = "IsSecond"
        before.append(logical_id)
    conditions = {"IsSecond": {"Fn::Equals": [{"Ref": "Text"}, "second"]}}
    return json.dumps({"Parameters": {"Text": {"Type": "String"}}, "Conditions": conditions, "Resources": resources})


@dataclass
class Probe:
    """A stack of the template, and what its function was asked."""

    cloudformation: object
    bucket: str
    folder: Path
    stack: str

    @classmethod
    def prepared(cls, session, folder):
        bucket = f"probe-{uuid.uuid4().hex[:12]}"
        s3 = session.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="probe.zip", Body=_zipped())
        probe = cls(session.client("cloudformation"), bucket, folder, f"probe-{uuid.uuid4().hex[:8]}")
        probe.tell({})
        return probe

    def tell(self, orders):
        """`{"Create a": "fail"}`: what the function does for a request and a name; else it succeeds.

        With "look" it also notes which policies its role has at that moment.
        """
        (self.folder / "orders.json").write_text(json.dumps(orders))

    def create(self, things, text="first"):
        self._start(self.cloudformation.create_stack, things, text)
        return self._wait("stack_create_complete")

    def update(self, things, text="first"):
        self._start(self.cloudformation.update_stack, things, text)
        return self._wait("stack_update_complete")

    def delete(self, **options):
        stack_id = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackId"]
        self.cloudformation.delete_stack(StackName=self.stack, **options)
        return self._wait("stack_delete_complete", stack_id)

    def requests(self):
        lines = (self.folder / "requests.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def asked(self):
        """The requests in short: ("Create", "a")."""
        return [(request["request"], request["name"]) for request in self.requests()]

    def resources(self):
        summaries = self.cloudformation.list_stack_resources(StackName=self.stack)["StackResourceSummaries"]
        return {summary["LogicalResourceId"]: summary["ResourceStatus"] for summary in summaries}

    def change_set(self, things, text="first", kind="UPDATE"):
        """What a change set would do: its status, and the action for each logical id."""
        name = f"set-{uuid.uuid4().hex[:8]}"
        self._start(
            partial(self.cloudformation.create_change_set, ChangeSetName=name, ChangeSetType=kind), things, text
        )
        made = self.cloudformation.describe_change_set(StackName=self.stack, ChangeSetName=name)
        changes = (change["ResourceChange"] for change in made["Changes"])
        return made, {change["LogicalResourceId"]: change["Action"] for change in changes}

    def events(self):
        """Logical id and status, oldest first; the stack itself is "stack"."""
        return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in self._events()]

    def reasons(self, status):
        """What the events of that status say, oldest first."""
        return [event.get("ResourceStatusReason", "") for event in self._events() if event["ResourceStatus"] == status]

    def _events(self):
        events = self.cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]
        named = ({**event, "LogicalResourceId": "stack"} if _is_stack(event) else event for event in reversed(events))
        return list(named)

    def _start(self, call, things, text):
        call(
            StackName=self.stack,
            TemplateBody=template(self.bucket, self.folder, things),
            Parameters=[{"ParameterKey": "Text", "ParameterValue": text}],
            Capabilities=["CAPABILITY_IAM"],
        )

    def _wait(self, waiter, stack_id=None):
        stack_id = stack_id or self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackId"]
        with suppress(WaiterError):  # the status tells
            self.cloudformation.get_waiter(waiter).wait(StackName=stack_id, WaiterConfig=WAIT)
        return self.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]


def _is_stack(event):
    return event["ResourceType"] == "AWS::CloudFormation::Stack"


def _zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("probe.py", SOURCE)
    return buffer.getvalue()
