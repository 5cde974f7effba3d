"""Our stack, deployed as `sam deploy` does it: by change sets, with the previous value of what is not given."""

import time
import uuid
from dataclasses import dataclass

import yaml
from botocore.exceptions import ClientError

ENDS = ("_COMPLETE", "_FAILED")
DEFAULTS = {"Email": "qa@example.com"}


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """CloudFormation did not even try; the text is its own."""


@dataclass
class OurStack:
    """`template` is one that `sam package` made; `pace` the seconds between two looks at the stack."""

    session: object
    name: str
    template: str
    pace: float = 0.25
    patience: float = 180
    stack_id: str | None = None

    def __post_init__(self):
        self.cloudformation = self.session.client("cloudformation")

    def deploy(self, **parameters):
        """The status that the stack ends in, or "unchanged".

        Raises:
            Refused
        """
        exists = self.status() not in (None, "DELETE_COMPLETE")
        name = f"deploy-{uuid.uuid4().hex[:12]}"
        try:
            change_set = self.cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=name,
                ChangeSetType="UPDATE" if exists else "CREATE",
                TemplateBody=self.template,
                Parameters=self._parameters(parameters, exists=exists),
                Capabilities=["CAPABILITY_IAM"],
            )
        except ClientError as error:
            raise Refused(error.response["Error"]["Message"]) from error
        self.stack_id = change_set["StackId"]
        if not self._ready(change_set["Id"]):
            return "unchanged"
        self.cloudformation.execute_change_set(ChangeSetName=change_set["Id"])
        return self._end()

    def delete(self, **options):
        """The status that the stack ends in."""
        self.cloudformation.delete_stack(StackName=self.stack_id, **options)
        return self._end()

    def status(self):
        """None if there is no stack of that name."""
        try:
            found = self.cloudformation.describe_stacks(StackName=self.stack_id or self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return found["StackStatus"]

    def outputs(self):
        stack = self.cloudformation.describe_stacks(StackName=self.stack_id)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical_id(self, logical_id):
        found = self.cloudformation.describe_stack_resource(StackName=self.stack_id, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def resources(self):
        """Logical id to status, of what the stack still has."""
        summaries = self.cloudformation.list_stack_resources(StackName=self.stack_id)["StackResourceSummaries"]
        statuses = {each["LogicalResourceId"]: each["ResourceStatus"] for each in summaries}
        return {name: status for name, status in statuses.items() if status != "DELETE_COMPLETE"}

    def reasons(self):
        """What the events say, newest first, as one text."""
        events = self.cloudformation.describe_stack_events(StackName=self.stack_id)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def _parameters(self, given, *, exists):
        values = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
        if not exists:
            return values
        known = {each["ParameterKey"] for each in self._current_parameters()}
        kept = known & _names(self.template) - given.keys()
        return [*values, *({"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept))]

    def _current_parameters(self):
        return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["Parameters"]

    def _ready(self, change_set_id):
        """False if it has no changes."""
        found = self._until(
            lambda: self.cloudformation.describe_change_set(ChangeSetName=change_set_id),
            lambda found: found["Status"] in ("CREATE_COMPLETE", "FAILED"),
        )
        if found["Status"] == "CREATE_COMPLETE":
            return True
        assert "didn't contain changes" in found["StatusReason"], found["StatusReason"]
        self.cloudformation.delete_change_set(ChangeSetName=change_set_id)
        return False

    def _end(self):
        return self._until(self.status, lambda status: status.endswith(ENDS) and status != "REVIEW_IN_PROGRESS")

    def _until(self, look, done):
        deadline = time.monotonic() + self.patience
        while not done(found := look()):
            assert time.monotonic() < deadline, f"{self.name} is still {found}"
            time.sleep(self.pace)
        return found


class _Loader(yaml.SafeLoader):
    """Reads a template for its parameters' names only: what `!Sub` and the like mean does not matter."""


_Loader.add_multi_constructor("!", lambda *_: None)


def _names(template):
    return set(yaml.load(template, _Loader)["Parameters"])
