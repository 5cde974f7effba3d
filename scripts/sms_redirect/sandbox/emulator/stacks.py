"""CloudFormation as the emulator runs it: with `emulator`, the only module that knows the stack engine's insides.

Covered by tests/integration/test_emulator_contract_pools.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

StackRecord = dict[str, Any]
"""`StackStatus`, `StackId`, `DeletionMode`, `_template` and `_resources`: logical id -> `ResourceRecord`."""
ResourceRecord = dict[str, Any]
"""`PhysicalResourceId`, `ResourceType`, `ResourceStatus`, `LogicalResourceId`, `Properties`, `Attributes`."""
Step = Callable[..., Any]


def replace_step(name: str, replacement: Callable[[Step], Step]) -> None:
    """Put `replacement(original)` in the place of one step of the stack engine, wherever the engine refers to it.

    Steps: `_provision_resource(type, logical id, properties, stack name)`, `_delete_resource(type, physical id,
    properties, stack name, logical id)`, `_deploy_stack_async(stack name, stack id, template, ...)`,
    `_delete_stack_async(stack name, stack id, ...)`, `_roll_back_operation(stack name, stack id, stack, operation)`,
    `deliver_response(token, answer)`. Replacing twice replaces the first replacement.
    """
    from ministack.services.cloudformation import changesets, custom_resource, handlers, stacks

    holders = [module for module in (stacks, handlers, changesets, custom_resource) if hasattr(module, name)]
    new = _replaced(getattr(holders[0], name), replacement)
    for holder in holders:
        setattr(holder, name, new)


def replace_handlers(resource_type: str, replacements: Mapping[str, Callable[[Step], Step]]) -> None:
    """The same for how a resource type is made: `create(logical id, properties, stack name)`,
    `update(physical id, old properties, new properties, stack name, logical id)`, `delete(physical id, properties)`.
    """
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS[resource_type]
    for name, replacement in replacements.items():
        handlers[name] = _replaced(handlers[name], replacement)


def _replaced(current: Step, replacement: Callable[[Step], Step]) -> Step:
    original = getattr(current, "of_the_emulator", current)
    new = replacement(original)
    new.of_the_emulator = original  # type: ignore[attr-defined]
    return new


def stack(name: str) -> StackRecord | None:
    """The stack of that name in the region that is being acted in."""
    from ministack.services import cloudformation

    record: StackRecord | None = cloudformation._stacks.get(name)
    return record


def dependencies(logical_id: str, template: Mapping[str, Any], among: Iterable[str]) -> set[str]:
    """What a resource depends on, directly or through others."""
    from ministack.services.cloudformation import stacks

    found: set[str] = stacks._with_dependencies([logical_id], template.get("Resources", {}), set(among))
    return found - {logical_id}
