"""CloudFormation as the emulator runs it: with `emulator`, the only module that knows the stack engine's insides.

Covered by tests/integration/test_emulator_contract_pools.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sms_redirect.sandbox.emulator import Handler, replace_service

StackRecord = dict[str, Any]
"""`StackStatus`, `StackId`, `DeletionMode`, `_template` and `_resources`: logical id -> `ResourceRecord`."""
ResourceRecord = dict[str, Any]
"""`PhysicalResourceId`, `ResourceType`, `ResourceStatus`, `LogicalResourceId`, `Properties`, `Attributes`."""
Step = Callable[..., Any]
Parameters = Mapping[str, Any]
"""Those of a query protocol request: name to a list of values."""
Reply = tuple[int, Mapping[str, str], bytes]
Action = Callable[[Parameters], Reply]
STACK_TYPE = "AWS::CloudFormation::Stack"

_Item = TypeVar("_Item")


_adaptations: list[Callable[[], None]] = []


def before_first_use(adapt: Callable[[], None]) -> None:
    """Change the stack engine when it is first called, in the order of these calls.

    Loading it takes longer than everything else of the sandbox's start together.
    """
    if not _adaptations:
        replace_service("cloudformation", _adapting)
    _adaptations.append(adapt)


def _adapting(original: Handler) -> Handler:
    async def handle(*request: Any) -> Any:
        adapt_now()
        return await original(*request)

    return handle


def adapt_now() -> None:
    """Make the changes that wait for the first use."""
    while _adaptations:
        _adaptations.pop(0)()


def replace_step(name: str, replacement: Callable[[Step], Step]) -> None:
    """Put `replacement(original)` in the place of one step of the stack engine, wherever the engine refers to it.

    Steps: `_provision_resource(type, logical id, properties, stack name)`, `_delete_resource(type, physical id,
    properties, stack name, logical id)`, `_deploy_stack_async(stack name, stack id, template, ...)`,
    `_delete_stack_async(stack name, stack id, ...)`, `_roll_back_operation(stack name, stack id, stack, operation)`,
    `_add_event(stack id, stack name, logical id, type, status, reason, physical id)`, `deliver_response(token,
    response)`, `_resolve_props_for_diff(template, parameters, stack name, stack id)`. Replacing twice replaces the
    first replacement.
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


def after_steps(type_prefix: str, note: Callable[[], None]) -> None:
    """Call `note` after a resource of these types was made, updated or deleted by a stack."""
    from ministack.services.cloudformation import provisioners

    def noting(original: Step) -> Step:
        def step(*arguments: Any) -> Any:
            try:
                return original(*arguments)
            finally:
                note()

        return step

    for resource_type, handlers in provisioners._RESOURCE_HANDLERS.items():
        if resource_type.startswith(type_prefix):
            for name in ("create", "update", "delete"):
                if name in handlers:
                    handlers[name] = _replaced(handlers[name], noting)


def set_handlers(resource_type: str, handlers: Mapping[str, Any]) -> None:
    """Make, change and delete a resource type in a way of one's own, also one that the engine does not know.

    `create`, `update` and `delete` as above; `update_with_logical_id`: whether the update is told the logical id.
    """
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS[resource_type] = dict(handlers)


def run_in_threads(resource_type: str) -> None:
    """Call a type's handlers from a worker thread, because they wait for something."""

    def replacement(original: Step) -> Step:
        def runs_on_worker_thread(kind: str) -> bool:
            return kind == resource_type or bool(original(kind))

        return runs_on_worker_thread

    replace_step("_runs_on_worker_thread", replacement)


def _replaced(current: Step, replacement: Callable[[Step], Step]) -> Step:
    original = getattr(current, "of_the_emulator", current)
    new = replacement(original)
    new.of_the_emulator = original  # type: ignore[attr-defined]
    return new


def replace_actions(replacements: Mapping[str, Callable[[Action], Action]]) -> None:
    """The same for operations of the API, by name."""
    from ministack.services.cloudformation import handlers

    for name, replacement in replacements.items():
        handlers._ACTION_HANDLERS[name] = _replaced(handlers._ACTION_HANDLERS[name], replacement)


def parameter(parameters: Parameters, name: str, default: str = "") -> str:
    """The value of a request's parameter."""
    from ministack.services.cloudformation import helpers

    return str(helpers._p(parameters, name, default))


def error(code: str, message: str) -> Reply:
    """An error of CloudFormation's API."""
    from ministack.services.cloudformation import helpers

    reply: Reply = helpers._error(code, message)
    return reply


def find(name_or_id: str) -> StackRecord | None:
    """The stack of that name or id, if it was not deleted."""
    from ministack.services.cloudformation import handlers

    record: StackRecord | None = handlers._resolve_stack(name_or_id)
    return record if record and record["StackStatus"] != "DELETE_COMPLETE" else None


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


def made(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> set[str]:
    """The logical ids of the resources whose condition is true, or that have none. `parameters` are resolved ones."""
    from ministack.services.cloudformation import engine

    conditions = engine._evaluate_conditions(template, parameters)
    resources = template.get("Resources", {})
    return {name for name, each in resources.items() if conditions.get(each.get("Condition"), True)}


def dependents_first(
    items: Iterable[_Item], previous_stack: StackRecord, logical_id: Callable[[_Item], str]
) -> list[_Item]:
    """Sort what belongs to a stack's previous resources in the order in which they can be deleted."""
    from ministack.services.cloudformation import engine

    definitions = previous_stack["_template"].get("Resources", {})
    order = engine._topological_sort(definitions, previous_stack["_conditions"])
    places = {name: place for place, name in enumerate(order)}
    # What an earlier update left has no dependents any more.
    return sorted(items, key=lambda item: places.get(logical_id(item), len(places)), reverse=True)


async def run(step: Step, resource_type: str, *arguments: Any) -> None:
    """Run a step of a resource as the engine does: on a thread of its own where it waits for a function."""
    from ministack.core.concurrency import run_reentrant
    from ministack.services.cloudformation import stacks

    if stacks._runs_on_worker_thread(resource_type):
        await run_reentrant(step, resource_type, *arguments)
    else:
        step(resource_type, *arguments)
