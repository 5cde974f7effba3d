"""Requests held against the API model, as the service does before it looks at what they mean.

The model is the one of the installed botocore, so the sandbox knows the members that the attachment's bundled SDK
knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from sms_redirect.sandbox.errors import CognitoError

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
}
# Unicode classes (`\p{L}`) occur in email texts only, and Python's expressions have none.
UNICODE_CLASS = r"\p{"


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


def input_shape(operation: str) -> StructureShape:
    """The model of an operation's request."""
    shape = _model().operation_model(operation).input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{operation} takes no request")
    return shape


@cache
def read_only_members() -> frozenset[str]:
    """What DescribeUserPool returns and UpdateUserPool cannot set."""
    output = _model().operation_model("DescribeUserPool").output_shape
    described = output.members["UserPool"].members  # type: ignore[union-attr]
    return frozenset(described) - frozenset(input_shape("UpdateUserPool").members)


def without_nulls(value: Any) -> Any:
    """A JSON null is a member left out."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if isinstance(value, list) else value


def knows(operation: str) -> bool:
    return operation in _model().operation_names


def check(operation: str, request: Mapping[str, Any], *, unknown_members: bool = False) -> None:
    """Refuse a request that is not of its model's shape.

    AWS ignores members that it does not know. Where they are settings, the sandbox is stricter: what would be lost is
    refused, unless `unknown_members` may be there.

    Raises:
        CognitoError: with all that is wrong, in AWS's words where they are known.
    """
    shape = input_shape(operation)
    known = {name: value for name, value in request.items() if name in shape.members}
    found = list(_violations(shape, known if unknown_members else request, ""))
    if found:
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise CognitoError("InvalidParameterException", f"{count} detected: {'; '.join(found)}")


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
    return str(value) if kind == "string" and isinstance(value, int | float) else value


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not _is_of_type(shape, value):
        raise CognitoError("SerializationException", f"{_kind(value)} can not be converted to a {shape.name}")
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _sized(shape, len(value), value, path, "length")
        for key, member in value.items():
            yield from _violations(shape.key, key, f"{path}.key")
            yield from _violations(shape.value, member, f"{path}.{key}.member")
    elif isinstance(shape, ListShape):
        yield from _sized(shape, len(value), value, path, "length")
        for number, member in enumerate(value, 1):
            yield from _violations(shape.member, member, f"{path}.{number}.member")
    elif isinstance(shape, StringShape):
        yield from _string(shape, value, path)
    elif shape.type_name == "integer":
        yield from _sized(shape, value, value, path, "value")


def _is_of_type(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool):
        return shape.type_name == "boolean"
    return isinstance(value, JSON_TYPES.get(shape.type_name, (object,)))


def _kind(value: Any) -> str:
    """How AWS's parser names what it met."""
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    kinds: dict[type, str] = {str: "STRING_VALUE", dict: "START_OBJECT", list: "START_ARRAY"}
    return kinds.get(type(value), "NUMBER_VALUE")


def _structure(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"Value null at '{_at(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, member in value.items():
        if name in shape.members:
            yield from _violations(shape.members[name], member, _at(path, name))
        else:
            yield f"Value at '{_at(path, name)}' failed to satisfy constraint: Member is not known to the sandbox"


def _string(shape: StringShape, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield _failed(shape, value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        return
    yield from _sized(shape, len(value), value, path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and UNICODE_CLASS not in pattern and not re.fullmatch(pattern, value):
        yield _failed(shape, value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _sized(shape: Shape, size: int, value: Any, path: str, kind: str) -> Iterator[str]:
    if size < shape.metadata.get("min", size):
        yield _failed(shape, value, path, f"Member must have {kind} greater than or equal to {shape.metadata['min']}")
    if size > shape.metadata.get("max", size):
        yield _failed(shape, value, path, f"Member must have {kind} less than or equal to {shape.metadata['max']}")


def _failed(shape: Shape, value: Any, path: str, constraint: str) -> str:
    # Passwords, codes and tokens are not repeated.
    shown = "Value" if shape.metadata.get("sensitive") else f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _at(path: str, name: str) -> str:
    # The service names members as its Java beans do: smsVerificationMessage.
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member
