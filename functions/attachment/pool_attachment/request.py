"""CloudFormation's custom resource event as a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pool_attachment.errors import UnreadableRequestError

PHYSICAL_ID_PREFIX = "sms-redirect:"
_POOL_ID = re.compile(r"[\w-]+_[0-9A-Za-z]+", re.ASCII)
_ARN = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+")


class Kind(StrEnum):
    """What CloudFormation asks for."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True)
class Envelope:
    """Where the answer goes and what identifies it. `url` is a pre-signed secret and stays out of the repr."""

    url: str
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str

    def __repr__(self) -> str:
        return f"Envelope(request_id={self.request_id!r}, logical_id={self.logical_id!r})"


@dataclass(frozen=True)
class Attachment:
    """One pool and what is to stand on it: the properties of a `Custom::UserPoolAttachment`."""

    pool_id: str
    sender_arn: str
    key_arn: str
    key_is_ours: bool
    stack: str
    max_users: int


@dataclass(frozen=True)
class Request:
    """A well-formed event.

    `attachment` is what is wanted (Create, Update) or what is to go (Delete). `other_pool_id` is the pool of an Update
    that moves to or from another pool; `sender_arns` are the functions that this resource has pointed a pool at.
    """

    kind: Kind
    attachment: Attachment
    sender_arns: frozenset[str]
    other_pool_id: str | None = None


def physical_id(pool_id: str) -> str:
    """One id per pool, so that CloudFormation treats another `UserPoolId` as a replacement and deletes the old one."""
    return PHYSICAL_ID_PREFIX + pool_id


def read_envelope(event: Mapping[str, Any]) -> Envelope:
    """Raises UnreadableRequestError when nobody can be answered."""
    url = event.get("ResponseURL")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise UnreadableRequestError("The event has no usable ResponseURL: it did not come from CloudFormation.")
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


def read_request(event: Mapping[str, Any]) -> Request | None:
    """The request, or None for a Delete of something that cannot have been attached.

    A Delete is read leniently: CloudFormation sends one after a Create that failed for its malformed properties.
    Raises UnreadableRequestError, naming the property.
    """
    kind = _kind(event)
    new, old = _properties(event, "ResourceProperties"), _properties(event, "OldResourceProperties")
    if kind is Kind.DELETE:
        return _read_delete(event, new)
    attachment = _attachment(event, new)
    old_pool = _text(old, "UserPoolId")
    return Request(
        kind=kind,
        attachment=attachment,
        sender_arns=_senders(new, old),
        other_pool_id=old_pool if old_pool != attachment.pool_id and _POOL_ID.fullmatch(old_pool) else None,
    )


def _read_delete(event: Mapping[str, Any], properties: Mapping[str, Any]) -> Request | None:
    """The physical id names the pool to give back; the properties do only when the id is CloudFormation's own."""
    current = str(event.get("PhysicalResourceId", ""))
    own = current.startswith(PHYSICAL_ID_PREFIX)
    pool_id = current.removeprefix(PHYSICAL_ID_PREFIX) if own else _text(properties, "UserPoolId")
    if not _POOL_ID.fullmatch(pool_id):
        return None
    attachment = Attachment(
        pool_id=pool_id,
        sender_arn=_text(properties, "SenderFunctionArn"),
        key_arn=_text(properties, "KmsKeyArn"),
        key_is_ours=_text(properties, "KeyIsOurs") == "true",
        stack=_stack(event, properties),
        max_users=0,
    )
    return Request(kind=Kind.DELETE, attachment=attachment, sender_arns=_senders(properties))


def _attachment(event: Mapping[str, Any], properties: Mapping[str, Any]) -> Attachment:
    return Attachment(
        pool_id=_matching(properties, "UserPoolId", _POOL_ID, "a user pool id such as eu-west-1_AbCdEfGhI"),
        sender_arn=_matching(properties, "SenderFunctionArn", _ARN, "a function's ARN"),
        key_arn=_matching(properties, "KmsKeyArn", _ARN, "a KMS key's ARN"),
        key_is_ours=_matching(properties, "KeyIsOurs", re.compile("true|false"), "true or false") == "true",
        stack=_stack(event, properties),
        max_users=int(_matching(properties, "MaxPoolUsers", re.compile("[0-9]{1,12}"), "a number of users")),
    )


def _kind(event: Mapping[str, Any]) -> Kind:
    try:
        return Kind(str(event.get("RequestType")))
    except ValueError as error:
        raise UnreadableRequestError("RequestType is not Create, Update or Delete.") from error


def _stack(event: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    stack = _text(properties, "StackArn") or str(event.get("StackId") or "")
    if not stack:
        raise UnreadableRequestError("StackArn is missing: without it nobody can tell whose redirect a pool carries.")
    return stack


def _senders(*properties: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(filter(None, (_text(each, "SenderFunctionArn") for each in properties)))


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
