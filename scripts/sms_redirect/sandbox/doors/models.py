"""Holds a request against the model of the API that it is for, before the emulator does, which takes members of another
type for a reason to fail.

User pools are left out: their service holds each operation against the model itself, with Cognito's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

from sms_redirect.pool_rules.model import service_model
from sms_redirect.sandbox.doors import forms
from sms_redirect.sandbox.doors.bodies import DEEPEST, check_json, depth
from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.refusals import Malformed

# The service's name as it is before the dot of X-Amz-Target, and in botocore.
JSON_SERVICES = {
    "AmazonSQS": "sqs",
    "AWSEvents": "events",
    "AmazonSSM": "ssm",
    "DynamoDB_20120810": "dynamodb",
    "Logs_20140328": "logs",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
}
USER_POOLS = "AWSCognitoIdentityProviderService"
NUMBERS_OF_S3 = frozenset({"max-keys", "max-uploads", "max-parts", "max-buckets", "part-number-marker", "partNumber"})
FORM = "application/x-www-form-urlencoded"
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NUMBER = re.compile(r"\d{1,9}", re.ASCII)

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "timestamp": (str, int, float),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float, str),
    "double": (int, float, str),
    "boolean": (bool,),
}


class UnknownOperation(Malformed):
    """The service has no such operation."""

    code = "UnknownOperationException"

    def __init__(self) -> None:
        super().__init__("The operation is not one of this service's.")


class BadTemplate(Malformed):
    """A template that no parser should be given."""

    code = "ValidationError"


class BadParameter(Malformed):
    """A parameter of a query API with characters that no text has."""

    code = "InvalidParameterValue"


class BadArgument(Malformed):
    """A parameter of S3 that must be a number."""

    code = "InvalidArgument"


def check(request: Incoming, service: str, body: bytes) -> None:
    """Refuse what the service's API does not know, or not in this shape.

    Raises:
        Malformed
    """
    target = request.header("x-amz-target")
    if target is not None:
        _check_target(target, body)
        return
    if (request.header("content-type") or "").startswith(FORM):
        _check_form(body)
    if service in CHECKS:
        CHECKS[service](request, body)


def _check_form(body: bytes) -> None:
    """What XML cannot hold must not come back in it; the text of a message does not."""
    for name, value in forms.parameters(body):
        if "\0" in value or (name != "Message" and NOT_IN_XML.search(value)):
            raise BadParameter(f"The parameter {name[:64]} contains a character that is not allowed.")


def _check_target(target: str, body: bytes) -> None:
    document = check_json(body)
    prefix, _, operation = target.rpartition(".")
    name = JSON_SERVICES.get(prefix) or ("cognito-idp" if prefix == USER_POOLS else None)
    if name is None:
        return
    model = _model(name)
    if operation not in model.operation_names:
        raise UnknownOperation
    shape = model.operation_model(operation).input_shape
    if prefix != USER_POOLS:
        _check_members(shape, document)


def _check_lambda(request: Incoming, body: bytes) -> None:
    operation = next(
        (each for method, path, each in _paths("lambda") if request.method == method and path.fullmatch(request.path)),
        None,
    )
    shape = operation.input_shape if operation else None
    if shape is None:
        return
    for member in shape.members.values():
        if member.serialization.get("location") == "querystring" and member.type_name == "integer":
            _check_number(request, member.serialization["name"])
    document = check_json(body)
    if "payload" not in shape.serialization:  # of an invocation: any JSON
        _check_members(shape, document)


def _check_s3(request: Incoming, body: bytes) -> None:
    for name in NUMBERS_OF_S3:
        _check_number(request, name)
    for name, value in request.query:
        if name.startswith("response-") and CONTROL.search(value):
            raise BadArgument(f"Provided {name} is not a valid header value")
    if request.method == "PUT" and request.parameter("policy") is not None:
        check_json(body)


def _check_cloudformation(request: Incoming, body: bytes) -> None:
    del request
    text = unquote(body.decode(errors="replace").partition("TemplateBody=")[2].partition("&")[0])
    if depth(text) > DEEPEST:
        raise BadTemplate(f"Template format error: nested more than {DEEPEST} levels deep.")


CHECKS: Mapping[str, Callable[[Incoming, bytes], None]] = {
    "lambda": _check_lambda,
    "s3": _check_s3,
    "cloudformation": _check_cloudformation,
}


def _check_number(request: Incoming, name: str) -> None:
    value = request.parameter(name)
    if value is not None and not NUMBER.fullmatch(value):
        raise BadArgument(f"Provided {name} not an integer or within integer range")


def _check_members(shape: Shape | None, document: Any) -> None:
    if not isinstance(document, dict):
        raise Malformed("The body is not a JSON object.")
    if shape is not None:
        _check_shape(shape, document)


def _check_shape(shape: Shape, value: Any) -> None:
    if value is None:
        return
    number_for_truth = isinstance(value, bool) and shape.type_name != "boolean"
    if number_for_truth or not isinstance(value, _TYPES[shape.type_name]):
        raise Malformed(f"{type(value).__name__} cannot be converted to {shape.type_name}")
    for member, inner in _inside(shape, value):
        _check_shape(member, inner)


def _inside(shape: Any, value: Any) -> Iterator[tuple[Shape, Any]]:
    if shape.type_name == "structure":
        if shape.is_document_type:
            return
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        yield from ((names[name], inner) for name, inner in value.items() if name in names)
    elif shape.type_name == "map":
        yield from ((shape.value, inner) for inner in value.values())
    elif shape.type_name == "list":
        yield from ((shape.member, inner) for inner in value)


@cache
def _model(service: str) -> ServiceModel:
    if service == "cognito-idp":
        return service_model()
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def _paths(service: str) -> list[tuple[str, re.Pattern[str], OperationModel]]:
    """Method and path of each operation of a REST service."""
    model = _model(service)
    operations = [model.operation_model(name) for name in model.operation_names]
    return [(each.http["method"], _pattern(each.http["requestUri"]), each) for each in operations]


def _pattern(uri: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", uri.partition("?")[0].rstrip("/"))
    return re.compile("[^/]+".join(map(re.escape, parts)) + "/?")
