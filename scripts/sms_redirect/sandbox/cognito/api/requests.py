"""Requests held against the API model, as the service does before it looks at what they mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from sms_redirect.pool_rules import model
from sms_redirect.pool_rules.violation import Violation, as_the_service_writes
from sms_redirect.sandbox.errors import CognitoError

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
    if _depth(request) > MOST_NESTED:
        raise CognitoError("SerializationException", "The request body is nested too deeply.")
    request = cast("dict[str, Any]", model.without_nulls(request))
    check(operation, request, unknown_members=operation not in STRICT)
    return request


def check(operation: str, request: Mapping[str, Any], *, unknown_members: bool = False) -> None:
    """Refuse a request that is not of its model's shape.

    AWS ignores members that it does not know; so does this if `unknown_members`.

    Raises:
        CognitoError: with everything that is wrong, in AWS's words as far as they are known.
    """
    shape = model.input_shape(operation)
    known = {name: value for name, value in request.items() if name in shape.members}
    found = list(model.violations(shape, known if unknown_members else request))
    if unknown_members:
        found = [violation for violation in found if violation.rule != "unknown"]
    for violation in found:
        if violation.rule == "type":
            raise CognitoError("SerializationException", violation.constraint)
    if found:
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise CognitoError("InvalidParameterException", f"{count} detected: {'; '.join(map(_told, found))}")


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= MOST_NESTED:
        depth += 1
        level = [
            member
            for each in level
            if isinstance(each, dict | list)
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _told(violation: Violation) -> str:
    where = as_the_service_writes(violation.path)
    return f"{_value(violation)} at '{where}' failed to satisfy constraint: {_constraint(violation)}"


def _value(violation: Violation) -> str:
    if violation.rule == "missing":
        return "Value null"
    # Passwords, codes and tokens are not repeated, nor are whole lists and maps that may hold them.
    hidden = violation.sensitive or violation.rule == "unknown" or isinstance(violation.value, dict | list)
    return "Value" if hidden else f"Value '{violation.value}'"


def _constraint(violation: Violation) -> str:
    return "Member is not known to the sandbox" if violation.rule == "unknown" else violation.constraint
