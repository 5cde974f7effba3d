"""What CloudFormation refuses to do with a stack that has failed: everything but its deletion.

docs/cognito-facts.md, "CloudFormation"; user guide, view-stack-events, "ROLLBACK_COMPLETE". The text is
from lamby#132 and aws-sam-cli#4230.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sms_redirect.sandbox.emulator import stacks
from sms_redirect.sandbox.emulator.stacks import Action, Parameters, Reply, StackRecord
from sms_redirect.sandbox.harshness import Harshness

# Stacks in these states exist but cannot be updated; the emulator itself refuses those in progress.
ONLY_DELETABLE = frozenset({"CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})


Refusal = Callable[[Parameters, StackRecord], Reply]


def install(harshness: Harshness) -> None:
    """Stand before the operations that would create or update a stack."""

    def before(original: Action, refusal: Refusal) -> Action:
        def act(parameters: Parameters) -> Reply:
            stack = _failed(parameters) if harshness.rollback else None
            return original(parameters) if stack is None else refusal(parameters, stack)

        return act

    stacks.replace_actions({name: partial(before, refusal=refusal) for name, refusal in _REFUSALS.items()})


def _failed(parameters: Parameters) -> StackRecord | None:
    stack = stacks.find(stacks.parameter(parameters, "StackName"))
    return stack if stack is not None and stack["StackStatus"] in ONLY_DELETABLE else None


def _already_there(_: Parameters, stack: StackRecord) -> Reply:
    return stacks.error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")


def _not_updatable(_: Parameters, stack: StackRecord) -> Reply:
    return stacks.error(
        "ValidationError", f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    )


def _no_change_set(parameters: Parameters, stack: StackRecord) -> Reply:
    if stacks.parameter(parameters, "ChangeSetType", "UPDATE") != "CREATE":
        return _not_updatable(parameters, stack)
    change_set = stacks.parameter(parameters, "ChangeSetName")
    return stacks.error(  # the code and the text are not published by AWS
        "ValidationError",
        f"Stack [{stack['StackName']}] already exists and cannot be created again with the changeSet [{change_set}].",
    )


_REFUSALS: Mapping[str, Refusal] = {
    "CreateStack": _already_there,
    "UpdateStack": _not_updatable,
    "CreateChangeSet": _no_change_set,
}
