"""The user pools API as the installed botocore describes it: operations, shapes, errors.

Read once per process from botocore's data file; neither a client nor a session is made for it.
"""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

SERVICE = "cognito-idp"
TARGET = "AWSCognitoIdentityProviderService"


@cache
def service_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


@cache
def operation_names() -> frozenset[str]:
    return frozenset(service_model().operation_names)


@cache
def operation(name: str) -> OperationModel:
    return service_model().operation_model(name)


@cache
def input_shape(name: str) -> StructureShape:
    """The model of an operation's request."""
    shape = operation(name).input_shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{name} takes no request")
    return shape


@cache
def output_shape(name: str) -> StructureShape | None:
    """The model of an operation's response; None if it has no body."""
    shape = operation(name).output_shape
    return shape if isinstance(shape, StructureShape) else None


@cache
def signs_its_requests(name: str) -> bool:
    """Whether callers sign this operation, so that IAM decides about it. Operations of an app's users are unsigned."""
    return operation(name).auth_type != "none"


@cache
def read_only_members() -> frozenset[str]:
    """What DescribeUserPool returns and UpdateUserPool cannot set."""
    output = output_shape("DescribeUserPool")
    described = output.members["UserPool"].members  # type: ignore[union-attr]
    return frozenset(described) - frozenset(input_shape("UpdateUserPool").members)
