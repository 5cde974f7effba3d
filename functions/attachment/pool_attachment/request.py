"""CloudFormation's custom resource event as a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pool_attachment.errors import NotServedError, UnreadableRequestError
from pool_attachment.response_url import check_response_url

PHYSICAL_ID_PREFIX = "sms-redirect:"
POOL_ID = re.compile(r"[\w-]+_[0-9A-Za-z]+", re.ASCII)
_ARN = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+")


class RequestType(StrEnum):
    """What CloudFormation asks for."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True)
class Served:
    """What the function was deployed for, from its environment. `endpoint_url` is set in a sandbox only."""

    stack_arn: str
    sender_arn: str
    endpoint_url: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Served:
        """Raises NotServedError when the environment does not say: then nothing is served at all."""
        for name in ("STACK_ARN", "SENDER_FUNCTION_ARN"):
            if not _ARN.fullmatch(environment.get(name, "")):
                raise NotServedError(f"The function's environment has no {name}. Deploy it with its own template.")
        return cls(
            stack_arn=environment["STACK_ARN"],
            sender_arn=environment["SENDER_FUNCTION_ARN"],
            endpoint_url=environment.get("AWS_ENDPOINT_URL"),
        )


@dataclass(frozen=True)
class Envelope:
    """Where the response goes and what identifies it. `url` is a pre-signed secret and stays out of the repr."""

    url: str
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str

    def __repr__(self) -> str:
        return f"Envelope(request_id={self.request_id!r}, logical_id={self.logical_id!r})"


@dataclass(frozen=True)
class Attachment:
    """One pool and what goes onto it: the properties of a `Custom::UserPoolAttachment`."""

    pool_id: str
    sender_arn: str
    key_arn: str
    key_is_ours: bool
    stack: str
    max_users: int
    allow_production: bool = False


@dataclass(frozen=True)
class Request:
    """A well-formed event.

    `attachment` is what is wanted (Create, Update) or what is to go (Delete). `leaving` is what goes in an Update that
    moves from one pool to another. `sender_arns` are functions that are surely the stack's own;
    `former_sender_arns` are those that the event says were: they only count if the pool's tags know them.
    """

    type: RequestType
    attachment: Attachment
    sender_arns: frozenset[str]
    former_sender_arns: frozenset[str] = frozenset()
    leaving: Attachment | None = None


def physical_id(pool_id: str) -> str:
    """One id per pool, so that CloudFormation treats another `UserPoolId` as a replacement and deletes the old one."""
    return PHYSICAL_ID_PREFIX + pool_id


def read_envelope(event: Mapping[str, Any], served: Served) -> Envelope:
    """Raises UnreadableRequestError when there is nowhere to respond to."""
    url = check_response_url(event.get("ResponseURL"), served.stack_arn, served.endpoint_url)
    request_id = str(event.get("RequestId", ""))
    current = event.get("PhysicalResourceId")
    pool_id = _properties(event, "ResourceProperties").get("UserPoolId")
    return Envelope(
        url=url,
        stack_id=str(event.get("StackId", "")),
        request_id=request_id,
        logical_id=str(event.get("LogicalResourceId", "")),
        # A failed Create needs an id too: CloudFormation deletes by it.
        physical_id=str(current or physical_id(str(pool_id or f"none-{request_id}"))),
    )


def read_request(event: Mapping[str, Any], served: Served) -> Request | None:
    """The request, or None for a Delete of something that cannot have been attached.

    A Delete is read leniently: CloudFormation sends one after a Create that failed for its malformed properties.

    Raises:
        NotServedError: it is about another stack or another sender.
        UnreadableRequestError: naming the property.
    """
    request_type = _type(event)
    new, old = _properties(event, "ResourceProperties"), _properties(event, "OldResourceProperties")
    for named in (event.get("StackId"), _text(new, "StackArn") or served.stack_arn):
        if named != served.stack_arn:
            raise NotServedError(f"This function serves {served.stack_arn} only; the request is of {named!r:.200}.")
    if request_type is RequestType.DELETE:
        return _read_delete(event, new, served)
    attachment = _attachment(new, served)
    if attachment.sender_arn != served.sender_arn:
        raise NotServedError(
            f"This function attaches {served.sender_arn} only; the request is about {attachment.sender_arn}."
        )
    old_pool = _text(old, "UserPoolId")
    return Request(
        type=request_type,
        attachment=attachment,
        sender_arns=frozenset({served.sender_arn}),
        former_sender_arns=_former(old, served),
        leaving=_leaving(old_pool, old, served) if old_pool != attachment.pool_id else None,
    )


def _read_delete(event: Mapping[str, Any], properties: Mapping[str, Any], served: Served) -> Request | None:
    """The physical id names the pool to detach; the properties do only when the id is CloudFormation's own."""
    current = str(event.get("PhysicalResourceId", ""))
    own = current.startswith(PHYSICAL_ID_PREFIX)
    pool_id = current.removeprefix(PHYSICAL_ID_PREFIX) if own else _text(properties, "UserPoolId")
    attachment = _leaving(pool_id, properties, served)
    if attachment is None:
        return None
    return Request(
        type=RequestType.DELETE,
        attachment=attachment,
        sender_arns=frozenset({served.sender_arn}),
        former_sender_arns=_former(properties, served),
    )


def _leaving(pool_id: str, properties: Mapping[str, Any], served: Served) -> Attachment | None:
    """None if that is not the id of a pool."""
    if not POOL_ID.fullmatch(pool_id):
        return None
    return Attachment(
        pool_id=pool_id,
        sender_arn=_text(properties, "SenderFunctionArn") or served.sender_arn,
        key_arn=_text(properties, "KmsKeyArn"),
        key_is_ours=_text(properties, "KeyIsOurs") == "true",
        stack=served.stack_arn,
        max_users=0,
    )


def _attachment(properties: Mapping[str, Any], served: Served) -> Attachment:
    return Attachment(
        pool_id=_matching(properties, "UserPoolId", POOL_ID, "a user pool id such as eu-west-1_AbCdEfGhI"),
        sender_arn=_matching(properties, "SenderFunctionArn", _ARN, "a function's ARN"),
        key_arn=_matching(properties, "KmsKeyArn", _ARN, "a KMS key's ARN"),
        key_is_ours=_matching(properties, "KeyIsOurs", re.compile("true|false"), "true or false") == "true",
        stack=served.stack_arn,
        max_users=int(_matching(properties, "MaxPoolUsers", re.compile("[0-9]{1,12}"), "a number of users")),
        allow_production=_matching(properties, "AllowProduction", re.compile("yes|no"), "yes or no") == "yes",
    )


def _type(event: Mapping[str, Any]) -> RequestType:
    try:
        return RequestType(str(event.get("RequestType")))
    except ValueError as error:
        raise UnreadableRequestError("RequestType is not Create, Update or Delete.") from error


def _former(properties: Mapping[str, Any], served: Served) -> frozenset[str]:
    return frozenset({_text(properties, "SenderFunctionArn")}) - {"", served.sender_arn}


def _matching(properties: Mapping[str, Any], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = _text(properties, name)
    if not pattern.fullmatch(value):
        raise UnreadableRequestError(f"{name} is {value[:100]!r}, expected {expected}.")
    return value


def _text(properties: Mapping[str, Any], name: str) -> str:
    """CloudFormation passes every property as a string."""
    value = properties.get(name)
    return value.strip() if isinstance(value, str) else ""


def _properties(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = event.get(name)
    return value if isinstance(value, Mapping) else {}
