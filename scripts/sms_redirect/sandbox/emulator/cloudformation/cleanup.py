"""The clean-up after an update, when CloudFormation deletes what the update replaced or removed.

It comes last, in UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, dependents first. What cannot be deleted is tried three times;
then it is removed from the stack but goes on existing, and the update counts as a success: CloudFormation user guide,
troubleshooting, "Resource removed from stack but not deleted"; docs/cognito-facts.md, "CloudFormation"; the event's
text is from serverless#9144. With `cleanup` off there is one try, and a removed resource stays in the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sms_redirect.sandbox.emulator import stacks
from sms_redirect.sandbox.emulator.stacks import ResourceRecord, StackRecord, Step
from sms_redirect.sandbox.harshness import Harshness

TRIES = 3
IN_PROGRESS, CLEANING_UP, COMPLETE = "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"
LEFT_BEHIND = "Update successful. One or more resources could not be deleted."


@dataclass(frozen=True, slots=True)
class _Old:
    """What an update left: the arguments of the emulator's `_delete_resource`."""

    resource_type: str
    physical_id: str
    properties: Mapping[str, Any] = field(repr=False)
    stack_name: str
    logical_id: str

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.resource_type, self.physical_id, self.properties, self.stack_name, self.logical_id


class Cleanup:
    """Collects the deletions that the emulator makes during an update, and makes them when the rest has succeeded.

    The emulator deletes first what was replaced and then what was removed, but a removed custom resource may need what
    was replaced.
    """

    def __init__(self, harshness: Harshness) -> None:
        self._harshness = harshness
        self._old: dict[str, list[_Old]] = {}
        self._delete: Step = lambda *_: None
        self._add_event: Step = lambda *_: None

    def postponing(self, delete_resource: Step) -> Step:
        self._delete = delete_resource

        def delete(resource_type: str, physical_id: str, properties: dict[str, Any], *names: Any) -> None:
            stack = stacks.stack(names[0]) if names else None
            # An update that fails has another status by then.
            if stack is not None and stack["StackStatus"] == IN_PROGRESS:
                self._old.setdefault(stack["StackId"], []).append(_Old(resource_type, physical_id, properties, *names))
            else:
                delete_resource(resource_type, physical_id, properties, *names)

        return delete

    def announcing(self, add_event: Step) -> Step:
        """The emulator calls an update complete before its clean-up; `ending` says so when it is."""
        self._add_event = add_event

        def add(stack_id: str, name: str, logical_id: str, kind: str, status: str, *rest: Any, **options: Any) -> None:
            shown = CLEANING_UP if (kind, status) == (stacks.STACK_TYPE, COMPLETE) else status
            add_event(stack_id, name, logical_id, kind, shown, *rest, **options)

        return add

    def ending(self, deploy_stack: Step) -> Step:
        async def deploy(stack_name: str, stack_id: str, *rest: Any, **options: Any) -> None:
            await deploy_stack(stack_name, stack_id, *rest, **options)
            stack, old = stacks.stack(stack_name), self._old.pop(stack_id, [])
            if stack is not None and stack["StackStatus"] == COMPLETE:
                await self._clean_up(stack, stacks.dependents_first(old, options["previous_stack"], _logical_id))

        return deploy

    async def _clean_up(self, stack: StackRecord, old: list[_Old]) -> None:
        stack["StackStatus"] = CLEANING_UP
        left = [each for each in old if not await self._deleted(stack["StackId"], each)]
        if not self._harshness.cleanup:
            stack["_resources"] |= {
                each.logical_id: _undeleted(each) for each in left if each.logical_id not in stack["_resources"]
            }
        stack["StackStatus"] = COMPLETE
        stack["StackStatusReason"] = LEFT_BEHIND if left else ""
        name = stack["StackName"]
        self._add_event(
            stack["StackId"], name, name, stacks.STACK_TYPE, COMPLETE, stack["StackStatusReason"], stack["StackId"]
        )

    async def _deleted(self, stack_id: str, old: _Old) -> bool:
        for _ in range(TRIES if self._harshness.cleanup else 1):
            event = (stack_id, old.stack_name, old.logical_id, old.resource_type)
            self._add_event(*event, "DELETE_IN_PROGRESS", "", old.physical_id)
            try:
                await stacks.run(self._delete, *old.arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what the event says
                self._add_event(*event, "DELETE_FAILED", str(error), old.physical_id)
            else:
                self._add_event(*event, "DELETE_COMPLETE", "", old.physical_id)
                return True
        return False


def _logical_id(old: _Old) -> str:
    return old.logical_id


def _undeleted(old: _Old) -> ResourceRecord:
    return {
        "PhysicalResourceId": old.physical_id,
        "ResourceType": old.resource_type,
        "ResourceStatus": "DELETE_FAILED",
        "LogicalResourceId": old.logical_id,
        "Properties": dict(old.properties),
        "Attributes": {},
        "Timestamp": datetime.now(UTC).isoformat(),
    }
