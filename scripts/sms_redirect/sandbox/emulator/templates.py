"""What CloudFormation reads in a template and the emulator passes over: sections that are no maps, pseudo parameters in
conditions, a role's permissions boundary, a topic's key. Put in once per process, below whatever else replaces the
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
    for resource_type, keep in {"AWS::IAM::Role": _keep_boundary, "AWS::SNS::Topic": _keep_key}.items():
        steps = provisioners._RESOURCE_HANDLERS[resource_type]
        steps["create"] = _keeping(keep, steps["create"], new_properties=1)
        steps["update"] = _keeping(keep, steps["update"], new_properties=2)


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


def _keeping(keep: Function, make: Function, *, new_properties: int) -> Function:
    """`new_properties`: which argument holds them. The step returns the physical id first."""

    def made(*arguments: Any) -> Any:
        result = make(*arguments)
        keep(result[0], arguments[new_properties])
        return result

    made.__wrapped__ = make  # type: ignore[attr-defined]
    return made


def _keep_boundary(role_name: str, properties: Mapping[str, Any]) -> None:
    from ministack.services import iam

    iam._roles[role_name]["PermissionsBoundary"] = properties.get("PermissionsBoundary")


def _keep_key(topic_arn: str, properties: Mapping[str, Any]) -> None:
    from ministack.services import sns

    attributes = sns._topics[topic_arn]["attributes"]
    attributes.pop("KmsMasterKeyId", None)
    if properties.get("KmsMasterKeyId"):
        attributes["KmsMasterKeyId"] = properties["KmsMasterKeyId"]
