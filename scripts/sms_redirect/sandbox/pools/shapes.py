"""Refuses requests that are not of the API model's shape, in AWS's words where they are known.

The model is the one of the installed botocore, so the sandbox knows the members that the attachment's bundled SDK
knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sms_redirect.pool_rules import model
from sms_redirect.pool_rules.model import from_template, input_shape, knows, read_only_members, without_nulls
from sms_redirect.pool_rules.violation import Violation, as_the_service_writes
from sms_redirect.sandbox.errors import CognitoError

__all__ = ["check", "from_template", "input_shape", "knows", "read_only_members", "without_nulls"]


def check(operation: str, request: Mapping[str, Any], *, unknown_members: bool = False) -> None:
    """Refuse a request that is not of its model's shape.

    AWS ignores members that it does not know. Where they are settings, the sandbox is stricter: what would be lost is
    refused, unless `unknown_members` may be there.

    Raises:
        CognitoError: with all that is wrong.
    """
    shape = input_shape(operation)
    known = {name: value for name, value in request.items() if name in shape.members}
    found = list(model.violations(shape, known if unknown_members else request))
    for violation in found:
        if violation.rule == "type":
            raise CognitoError("SerializationException", violation.constraint)
    if found:
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise CognitoError("InvalidParameterException", f"{count} detected: {'; '.join(map(_told, found))}")


def _told(violation: Violation) -> str:
    where = as_the_service_writes(violation.path)
    return f"{_value(violation)} at '{where}' failed to satisfy constraint: {_constraint(violation)}"


def _value(violation: Violation) -> str:
    if violation.rule == "missing":
        return "Value null"
    # Passwords, codes and tokens are not repeated.
    return "Value" if violation.sensitive or violation.rule == "unknown" else f"Value '{violation.value}'"


def _constraint(violation: Violation) -> str:
    return "Member is not known to the sandbox" if violation.rule == "unknown" else violation.constraint
