"""What CloudFormation does with custom resources and the emulator does not.

- A custom resource whose Create failed gets a Delete in the rollback, with the physical id of its FAILED answer, or one
  that CloudFormation makes up: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
- What a resource depends on stays when its delete failed, so that deleting the stack again can work.
- After an update, a custom resource that went is deleted before the rights of its function that were replaced.

(The emulator itself sends a failed Update back to the old properties.)
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sms_redirect.sandbox.emulator import stacks as emulator_stacks
from sms_redirect.sandbox.emulator.stacks import ResourceRecord, StackRecord, Step

CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
PHYSICAL_ID_LETTERS = string.ascii_uppercase + string.digits
FORCED = "FORCE_DELETE_STACK"
# What a custom resource's function lives on.
FUNCTIONS_AND_RIGHTS = ("AWS::IAM::", "AWS::Lambda::")


class _KeptError(Exception):
    """A resource stays because one that depends on it could not be deleted."""


def install() -> None:
    """Teach the emulator's stack engine."""
    failed_creates = _FailedCreates()
    emulator_stacks.replace_step("deliver_response", failed_creates.listening)
    emulator_stacks.replace_step("_provision_resource", failed_creates.keeping)
    failed_deletes, cleanup = _FailedDeletes(), _Cleanup()
    emulator_stacks.replace_step(
        "_delete_resource", lambda original: cleanup.postponing(failed_deletes.noticing(original))
    )
    emulator_stacks.replace_step("_deploy_stack_async", cleanup.ending)
    emulator_stacks.replace_step("_delete_stack_async", failed_deletes.after_delete)
    emulator_stacks.replace_step(
        "_roll_back_operation", lambda original: _with_failed_create(failed_deletes.after_rollback(original))
    )


def _is_custom(resource_type: str) -> bool:
    return resource_type.startswith("Custom::") or resource_type == CUSTOM_RESOURCE


class _FailedCreates:
    """Keeps a custom resource whose Create failed in its stack, as CREATE_FAILED, for the rollback to delete."""

    def __init__(self) -> None:
        self._physical_ids: dict[tuple[str, str], str] = {}

    def listening(self, deliver_response: Step) -> Step:
        def deliver(token: str, answer: Mapping[str, Any]) -> Any:
            if answer.get("Status") == "FAILED" and answer.get("PhysicalResourceId"):
                key = str(answer.get("StackId")), str(answer.get("LogicalResourceId"))
                self._physical_ids[key] = str(answer["PhysicalResourceId"])
            return deliver_response(token, answer)

        return deliver

    def keeping(self, provision_resource: Step) -> Step:
        def provision(resource_type: str, logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
            stack = emulator_stacks.stack(stack_name)
            key = (stack["StackId"] if stack else "", logical_id)
            self._physical_ids.pop(key, None)
            try:
                return provision_resource(resource_type, logical_id, properties, stack_name)
            except (RuntimeError, TimeoutError):  # answered FAILED, or not at all
                if stack is not None and _is_custom(resource_type):
                    stack["_resources"][logical_id] = {
                        "PhysicalResourceId": self._physical_ids.pop(key, None) or _made_up(stack_name, logical_id),
                        "ResourceType": resource_type,
                        "ResourceStatus": "CREATE_FAILED",
                        "LogicalResourceId": logical_id,
                        "Properties": properties,
                        "Attributes": {},
                        "Timestamp": datetime.now(UTC).isoformat(),
                    }
                raise

        return provision


def _made_up(stack_name: str, logical_id: str) -> str:
    return f"{stack_name}-{logical_id}-{''.join(secrets.choice(PHYSICAL_ID_LETTERS) for _ in range(12))}"


def _with_failed_create(roll_back_operation: Step) -> Step:
    """The failed resource counts as created, so the rollback deletes it, before what it depends on."""

    async def roll_back(
        stack_name: str, stack_id: str, stack: StackRecord, operation: dict[str, Any], **options: Any
    ) -> None:
        failed = operation.get("failed_logical_id")
        if stack["_resources"].get(failed, {}).get("ResourceStatus") == "CREATE_FAILED":
            operation = {**operation, "created": [*operation["created"], failed]}
        await roll_back_operation(stack_name, stack_id, stack, operation, **options)

    return roll_back


class _FailedDeletes:
    """Keeps what a resource depends on while the resource itself could not be deleted."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, ResourceRecord]] = {}

    def noticing(self, delete_resource: Step) -> Step:
        def delete(
            resource_type: str,
            physical_id: str,
            properties: dict[str, Any],
            stack_name: str | None = None,
            logical_id: str | None = None,
        ) -> None:
            stack = emulator_stacks.stack(stack_name or "")
            if stack is None or logical_id is None:
                delete_resource(resource_type, physical_id, properties, stack_name, logical_id)
                return
            if logical_id in self._kept.get(stack["StackId"], {}):
                raise _KeptError(f"{logical_id} stays: a resource that depends on it could not be deleted.")
            try:
                delete_resource(resource_type, physical_id, properties, stack_name, logical_id)
            except Exception:
                self._keep(stack, logical_id)
                raise

        return delete

    def _keep(self, stack: StackRecord, logical_id: str) -> None:
        resources, status = stack["_resources"], stack["StackStatus"]
        kept = self._kept.setdefault(stack["StackId"], {})
        needed = emulator_stacks.dependencies(logical_id, stack["_template"], resources)
        if status == "DELETE_IN_PROGRESS" and stack.get("DeletionMode") != FORCED:
            # What is not in the stack for the moment is passed over.
            kept.update({name: resources.pop(name) for name in needed})
        elif status == "ROLLBACK_IN_PROGRESS":
            # A rollback forgets what it could not delete; the stack's own deletion is to try again.
            kept[logical_id] = {**resources[logical_id], "ResourceStatus": "DELETE_FAILED"}
            kept.update({name: resources[name] for name in needed})

    def after_delete(self, delete_stack: Step) -> Step:
        async def delete(stack_name: str, stack_id: str, *rest: Any, **options: Any) -> None:
            stack = emulator_stacks.stack(stack_name)
            await delete_stack(stack_name, stack_id, *rest, **options)
            self._put_back(stack, stack_id)

        return delete

    def after_rollback(self, roll_back_operation: Callable[..., Awaitable[None]]) -> Step:
        async def roll_back(
            stack_name: str, stack_id: str, stack: StackRecord, operation: dict[str, Any], **options: Any
        ) -> None:
            await roll_back_operation(stack_name, stack_id, stack, operation, **options)
            self._put_back(stack, stack_id)

        return roll_back

    def _put_back(self, stack: StackRecord | None, stack_id: str) -> None:
        kept = self._kept.pop(stack_id, {})
        if stack is not None:
            stack["_resources"] = {**kept, **stack["_resources"]}


class _Cleanup:
    """Deletes functions and their rights last when an update has succeeded.

    The emulator deletes first what was replaced and then what was removed, each in reverse order of dependency, but a
    removed custom resource may need what was replaced.
    """

    def __init__(self) -> None:
        self._postponed: dict[str, list[tuple[Any, ...]]] = {}
        self._delete: Step = lambda *_: None

    def postponing(self, delete_resource: Step) -> Step:
        self._delete = delete_resource

        def delete(resource_type: str, physical_id: str, properties: dict[str, Any], *names: Any) -> None:
            stack = emulator_stacks.stack(names[0]) if names else None
            # An update that fails has another status by then.
            cleaning_up = stack is not None and stack["StackStatus"] == "UPDATE_IN_PROGRESS"
            if stack is not None and cleaning_up and resource_type.startswith(FUNCTIONS_AND_RIGHTS):
                step = (resource_type, physical_id, properties, *names)
                self._postponed.setdefault(stack["StackId"], []).append(step)
            else:
                delete_resource(resource_type, physical_id, properties, *names)

        return delete

    def ending(self, deploy_stack: Step) -> Step:
        async def deploy(stack_name: str, stack_id: str, *rest: Any, **options: Any) -> None:
            await deploy_stack(stack_name, stack_id, *rest, **options)
            for step in self._postponed.pop(stack_id, []):
                self._delete(*step)

        return deploy
