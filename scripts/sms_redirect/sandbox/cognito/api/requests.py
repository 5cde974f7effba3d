"""Requests held against the API model, as the service does before it looks at what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from sms_redirect.sandbox.cognito.api import model, patterns
from sms_redirect.sandbox.errors import CognitoError

JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
}
MOST_NESTED = 60
# The settings of a pool: what AWS would ignore here would be lost, so members that the model lacks are refused.
STRICT = frozenset({"CreateUserPool", "UpdateUserPool", "SetUserPoolMfaConfig"})


def parsed(operation: str, body: bytes) -> dict[str, Any]:
    """The request of an operation. A null member is a member left out, as on AWS; JavaScript clients send them.

    Raises:
        CognitoError: SerializationException or InvalidParameterException.
    """
    try:
        request = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise CognitoError("SerializationException", "The request body is not valid JSON.") from None
    if not isinstance(request, dict):
        raise CognitoError("SerializationException", "The request body is not a JSON object.")
    request = cast("dict[str, Any]", without_nulls(request))
    check(operation, request, unknown_members=operation not in STRICT)
    return request


def without_nulls(value: Any, depth: int = 0) -> Any:
    if depth > MOST_NESTED:
        raise CognitoError("SerializationException", "The request body is nested too deeply.")
    if isinstance(value, dict):
        return {name: without_nulls(member, depth + 1) for name, member in value.items() if member is not None}
    return [without_nulls(member, depth + 1) for member in value] if isinstance(value, list) else value


def check(operation: str, request: Mapping[str, Any], *, unknown_members: bool = False) -> None:
    """Refuse a request that is not of its model's shape.

    AWS ignores members that it does not know; so does this if `unknown_members`.

    Raises:
        CognitoError: with everything that is wrong, in AWS's words as far as they are known.
    """
    shape = model.input_shape(operation)
    known = {name: value for name, value in request.items() if name in shape.members}
    found = list(_violations(shape, known if unknown_members else request, "", strict=not unknown_members))
    if found:
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise CognitoError("InvalidParameterException", f"{count} detected: {'; '.join(found)}")


def _violations(shape: Shape, value: Any, path: str, *, strict: bool) -> Iterator[str]:
    if not _is_of_type(shape, value):
        raise CognitoError("SerializationException", f"{_kind(value)} can not be converted to a {shape.name}")
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path, strict=strict)
    elif isinstance(shape, MapShape):
        yield from _sized(shape, len(value), value, path, "length")
        for key, member in value.items():
            yield from _violations(shape.key, key, f"{path}.key", strict=strict)
            yield from _violations(shape.value, member, f"{path}.{key}.member", strict=strict)
    elif isinstance(shape, ListShape):
        yield from _sized(shape, len(value), value, path, "length")
        for number, member in enumerate(value, 1):
            yield from _violations(shape.member, member, f"{path}.{number}.member", strict=strict)
    elif isinstance(shape, StringShape):
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long"):
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


def _structure(shape: StructureShape, value: Mapping[str, Any], path: str, *, strict: bool) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"Value null at '{_at(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, member in value.items():
        if name in shape.members:
            yield from _violations(shape.members[name], member, _at(path, name), strict=strict)
        elif strict:
            yield f"Value at '{_at(path, name)}' failed to satisfy constraint: Member is not known to the sandbox"


def _string(shape: StringShape, value: str, path: str) -> Iterator[str]:
    if not _is_unicode(value):
        raise CognitoError("SerializationException", f"STRING_VALUE can not be converted to a {shape.name}")
    if shape.enum and value not in shape.enum:
        yield _failed(shape, value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        return
    yield from _sized(shape, len(value), value, path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not patterns.matches(pattern, value):
        yield _failed(shape, value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _is_unicode(value: str) -> bool:
    # A lone surrogate is valid JSON, but no text: it could be neither stored nor sent.
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _sized(shape: Shape, size: int, value: Any, path: str, kind: str) -> Iterator[str]:
    if size < shape.metadata.get("min", size):
        yield _failed(shape, value, path, f"Member must have {kind} greater than or equal to {shape.metadata['min']}")
    if size > shape.metadata.get("max", size):
        yield _failed(shape, value, path, f"Member must have {kind} less than or equal to {shape.metadata['max']}")


def _failed(shape: Shape, value: Any, path: str, constraint: str) -> str:
    # Passwords, codes and tokens are not repeated, nor are whole lists and maps that may hold them.
    hidden = shape.metadata.get("sensitive") or isinstance(value, dict | list)
    shown = "Value" if hidden else f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _at(path: str, name: str) -> str:
    # The service names members as its Java beans do: smsVerificationMessage.
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member
