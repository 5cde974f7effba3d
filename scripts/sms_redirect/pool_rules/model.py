"""Requests held against the API's own model, as the service does before it looks at what they mean.

The model is the one of the installed botocore: patterns, lengths and enums are AWS's, not ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from sms_redirect.pool_rules import patterns
from sms_redirect.pool_rules.violation import Key, Path, Rule, Unknown, Violation

_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
}


@cache
def service_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


def knows(operation: str) -> bool:
    """Whether the API has an operation of this name."""
    return operation in service_model().operation_names


@cache
def input_shape(operation: str) -> StructureShape:
    """The model of an operation's request."""
    shape = service_model().operation_model(operation).input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{operation} takes no request")
    return shape


@cache
def read_only_members() -> frozenset[str]:
    """What DescribeUserPool returns and UpdateUserPool cannot set."""
    output = service_model().operation_model("DescribeUserPool").output_shape
    described = output.members["UserPool"].members  # type: ignore[union-attr]
    return frozenset(described) - frozenset(input_shape("UpdateUserPool").members)


def at(shape: Shape, *path: str | int) -> Shape:
    """The shape of a member of a member, through lists and maps, too."""
    for step in path:
        if isinstance(shape, ListShape):
            shape = shape.member
        elif isinstance(shape, MapShape):
            shape = shape.value
        else:
            shape = shape.members[step]  # type: ignore[attr-defined]
    return shape


def violations(shape: Shape, value: Any, path: Path = ()) -> Iterator[Violation]:
    """All that is wrong with a value. What is within a value of the wrong type is not looked at."""
    if isinstance(value, Unknown):
        return
    if not _is_of_type(shape, value):
        yield _violation(shape, value, path, "type", f"{_kind(value)} can not be converted to a {shape.name}")
    elif isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _sized(shape, len(value), value, path, "length")
        for key, member in value.items():
            yield from violations(shape.key, key, (*path, "key"))
            yield from violations(shape.value, member, (*path, Key(key)))
    elif isinstance(shape, ListShape):
        yield from _sized(shape, len(value), value, path, "length")
        for index, member in enumerate(value):
            yield from violations(shape.member, member, (*path, index))
    elif isinstance(shape, StringShape):
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long"):
        yield from _sized(shape, value, value, path, "value")


def without_nulls(value: Any) -> Any:
    """A JSON null is a member left out."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if isinstance(value, list) else value


def from_template(shape: Shape, value: Any) -> Any:
    """A template's value as the API takes it: CloudFormation turns strings into what the model asks for."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: from_template(shape.members[name], member) if name in shape.members else member
            for name, member in value.items()
        }
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: from_template(shape.value, member) for name, member in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [from_template(shape.member, member) for member in value]
    return _scalar_from_template(shape.type_name, value)


def _scalar_from_template(kind: str, value: Any) -> Any:
    if kind == "boolean" and str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    if kind == "integer" and re.fullmatch(r"-?\d+", str(value)):
        return int(value)
    if kind == "string" and isinstance(value, bool):
        # An unquoted ON or OFF of YAML: CloudFormation passes on 'true' and 'false' (aws-cdk#875).
        return str(value).lower()
    return str(value) if kind == "string" and isinstance(value, int | float) else value


def _is_of_type(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool):
        return shape.type_name == "boolean"
    return isinstance(value, _JSON_TYPES.get(shape.type_name, (object,)))


def _kind(value: Any) -> str:
    """How AWS's parser names what it met."""
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    kinds: dict[type, str] = {str: "STRING_VALUE", dict: "START_OBJECT", list: "START_ARRAY"}
    return kinds.get(type(value), "NUMBER_VALUE")


def _structure(shape: StructureShape, value: Mapping[str, Any], path: Path) -> Iterator[Violation]:
    for name in shape.required_members:
        if name not in value:
            yield _violation(shape.members[name], None, (*path, name), "missing", "Member must not be null")
    for name, member in value.items():
        if name in shape.members:
            yield from violations(shape.members[name], member, (*path, name))
        else:
            yield _violation(shape, member, (*path, name), "unknown", "Member is not known")


def _string(shape: StringShape, value: str, path: Path) -> Iterator[Violation]:
    if not _is_text(value):
        yield _violation(shape, value, path, "type", f"STRING_VALUE can not be converted to a {shape.name}")
        return
    if shape.enum and value not in shape.enum:
        yield _violation(shape, value, path, "enum", f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        return
    yield from _sized(shape, len(value), value, path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not patterns.matches(pattern, value):
        constraint = f"Member must satisfy regular expression pattern: {pattern}"
        yield _violation(shape, value, path, "pattern", constraint)


def _is_text(value: str) -> bool:
    # A lone surrogate is valid JSON, but no text: it could be neither stored nor sent.
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _sized(shape: Shape, size: int, value: Any, path: Path, rule: Rule) -> Iterator[Violation]:
    least, most = shape.metadata.get("min", size), shape.metadata.get("max", size)
    if size < least:
        yield _violation(shape, value, path, rule, f"Member must have {rule} greater than or equal to {least}")
    if size > most:
        yield _violation(shape, value, path, rule, f"Member must have {rule} less than or equal to {most}")


def _violation(shape: Shape, value: Any, path: Path, rule: Rule, constraint: str) -> Violation:
    source = f"Cognito API model, {shape.name}"
    return Violation(path, rule, constraint, source, value, sensitive=bool(shape.metadata.get("sensitive")))
