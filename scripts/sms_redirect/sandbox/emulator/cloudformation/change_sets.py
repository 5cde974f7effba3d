"""A change set lists what would be made, changed or deleted: no resource whose condition is false."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.emulator import stacks
from sms_redirect.sandbox.emulator.stacks import Step
from sms_redirect.sandbox.harshness import Harshness


def install(harshness: Harshness) -> None:
    """Let both sides of the comparison hold only what their conditions make."""

    def replacement(resolved_for_diff: Step) -> Step:
        def resolve(template: Mapping[str, Any], parameters: Mapping[str, Any], *names: Any) -> dict[str, Any]:
            resolved: dict[str, Any] = resolved_for_diff(template, parameters, *names)
            if not template or not harshness.change_sets:
                return resolved
            made = stacks.made(template, parameters)
            resources = resolved.get("Resources", {})
            return {**resolved, "Resources": {name: each for name, each in resources.items() if name in made}}

        return resolve

    stacks.replace_step("_resolve_props_for_diff", replacement)
