"""The user pools API as the installed botocore describes it: operations, and the shapes of their responses."""

from __future__ import annotations

from functools import cache

from botocore.model import StructureShape

from sms_redirect.pool_rules.model import input_shape, read_only_members, service_model

__all__ = ["error_names", "input_shape", "operation_names", "output_shape", "read_only_members", "signs_its_requests"]


@cache
def operation_names() -> frozenset[str]:
    return frozenset(service_model().operation_names)


@cache
def error_names(operation: str) -> frozenset[str]:
    """The errors that the model names for an operation. Those of the protocol are not among them."""
    return frozenset(shape.name for shape in service_model().operation_model(operation).error_shapes)


@cache
def output_shape(operation: str) -> StructureShape | None:
    """The model of an operation's response; None if it has no body."""
    shape = service_model().operation_model(operation).output_shape
    return shape if isinstance(shape, StructureShape) else None


@cache
def signs_its_requests(operation: str) -> bool:
    """Whether callers sign this operation, so that IAM decides about it. Operations of an app's users are unsigned."""
    return bool(service_model().operation_model(operation).auth_type != "none")
