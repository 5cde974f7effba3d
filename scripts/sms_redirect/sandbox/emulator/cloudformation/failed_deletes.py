"""A stack whose resource could not be deleted.

CloudFormation goes on and deletes what the resource needs as well, its function and its key among them, so that
deleting again cannot work by itself (docs/cognito-facts.md, "CloudFormation"). That is the sandbox with `deletes`
on. With it off, what the resource needs stays until the resource is gone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sms_redirect.sandbox.emulator import stacks
from sms_redirect.sandbox.emulator.stacks import ResourceRecord, StackRecord, Step
from sms_redirect.sandbox.harshness import Harshness

FORCED = "FORCE_DELETE_STACK"


class _KeptError(Exception):
    """A resource stays because one that depends on it could not be deleted."""


class FailedDeletes:
    """Keeps resources for the stack's next deletion: the failed one, and what it needs unless `deletes` is on."""

    def __init__(self, harshness: Harshness) -> None:
        self._harshness = harshness
        self._kept: dict[str, dict[str, ResourceRecord]] = {}

    def noticing(self, delete_resource: Step) -> Step:
        def delete(
            resource_type: str,
            physical_id: str,
            properties: dict[str, Any],
            stack_name: str | None = None,
            logical_id: str | None = None,
        ) -> None:
            stack = stacks.stack(stack_name or "")
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
        needed = set() if self._harshness.deletes else stacks.dependencies(logical_id, stack["_template"], resources)
        if status == "DELETE_IN_PROGRESS" and stack.get("DeletionMode") != FORCED:
            # What is not in the stack for the moment is passed over.
            self._kept.setdefault(stack["StackId"], {}).update({name: resources.pop(name) for name in needed})
        elif status == "ROLLBACK_IN_PROGRESS":
            # A rollback forgets what it could not delete; the stack's own deletion is to try again.
            kept = self._kept.setdefault(stack["StackId"], {})
            kept[logical_id] = {**resources[logical_id], "ResourceStatus": "DELETE_FAILED"}
            kept.update({name: resources[name] for name in needed})

    def after_delete(self, delete_stack: Step) -> Step:
        async def delete(stack_name: str, stack_id: str, *rest: Any, **options: Any) -> None:
            stack = stacks.stack(stack_name)
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
