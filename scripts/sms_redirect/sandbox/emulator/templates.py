"""What CloudFormation reads in a template and the emulator passes over: sections that are no maps, pseudo parameters
in conditions, and the permissions boundary of a role. Put in once per process, below whatever else replaces the
emulator's steps.

Covered by tests/integration/test_template_in_sandbox.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Function = Callable[..., Any]
SECTIONS = ("Conditions", "Mappings", "Metadata", "Outputs", "Parameters", "Resources")


def complete() -> None:
    """Teach the emulator's stack engine."""
    from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

    if getattr(engine._evaluate_conditions, "complete", False):
        return
    parse = _with_sections_checked(engine._parse_template)
    for module in (engine, changesets, handlers):
        module._parse_template = parse
    evaluate = _with_pseudo_parameters(engine._evaluate_conditions)
    for module in (engine, changesets, handlers, stacks):
        module._evaluate_conditions = evaluate
    role = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    role["create"] = _with_boundary(role["create"], new_properties=1)
    role["update"] = _with_boundary(role["update"], new_properties=2)


def _with_sections_checked(parse: Function) -> Function:
    """Refuse sections and resources that are no maps, which the emulator fails at."""

    def parsed(text: str) -> Any:
        template = parse(text)
        for section in SECTIONS:
            if not isinstance(template.get(section, {}), dict):
                raise TypeError(f"[/{section}] must be a map")
        for name, resource in template.get("Resources", {}).items():
            if not isinstance(resource, dict) and not name.startswith("Fn::ForEach"):
                raise TypeError(f"[/Resources/{name}] resource definition is malformed")
        return template

    return parsed


def _with_pseudo_parameters(evaluate: Function) -> Function:
    def evaluated(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
        from ministack.core.responses import get_account_id, get_region

        pseudo = {"AWS::Region": get_region(), "AWS::AccountId": get_account_id(), "AWS::Partition": "aws"}
        return evaluate(template, {name: {"Value": value} for name, value in pseudo.items()} | dict(parameters))

    evaluated.complete = True  # type: ignore[attr-defined]
    return evaluated


def _with_boundary(make: Function, *, new_properties: int) -> Function:
    """`new_properties`: which argument holds them. The step returns the role's name first."""

    def made(*arguments: Any) -> Any:
        from ministack.services import iam

        result = make(*arguments)
        iam._roles[result[0]]["PermissionsBoundary"] = arguments[new_properties].get("PermissionsBoundary")
        return result

    return made
