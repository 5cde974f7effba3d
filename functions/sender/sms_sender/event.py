"""Cognito's custom SMS sender event as a value. Reads whatever there is: a malformed event is shown, not dropped.

Shape: the developer guide's page user-pool-lambda-custom-sms-sender; what may be null: Powertools and DefinitelyTyped.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sms_sender.findings import Failure
from sms_sender.flows import INVITATION, KINDS, TRIGGER_PREFIX

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"  # what Cognito writes for admin calls
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NOT_COGNITO = "Was the sender invoked by hand, or by something other than the pool? Cognito's events have it."
_NO_CODE = "Request a new code. If it happens again, check what else invokes the sender."


@dataclass(frozen=True, slots=True)
class SmsRequest:
    """One SMS that Cognito asks for. `code` is still encrypted; `problem` says why the event cannot be used."""

    trigger_source: str
    region: str
    user_pool_id: str
    user_name: str | None
    client_id: str | None
    sdk_version: str | None
    client_metadata: Mapping[str, str] = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)
    code: str | None = field(repr=False)
    problem: Failure | None = None

    @property
    def flow(self) -> str:
        """The trigger source without its prefix; an unknown one keeps its own name."""
        return _flow(self.trigger_source)

    @property
    def phone_number(self) -> str | None:
        return self.attributes.get("phone_number") or None

    @property
    def user_sub(self) -> str | None:
        return self.attributes.get("sub") or None


def read_event(event: object) -> SmsRequest:
    """Never raises; see `SmsRequest.problem`."""
    members: Mapping[str, Any] = event if isinstance(event, Mapping) else {}
    request, caller = _mapping(members.get("request")), _mapping(members.get("callerContext"))
    client_id = _text(caller.get("clientId"))
    pool_id = _text(members.get("userPoolId")) or ""
    return SmsRequest(
        trigger_source=_text(members.get("triggerSource")) or "unknown",
        region=_text(members.get("region")) or pool_id.partition("_")[0],
        user_pool_id=pool_id,
        user_name=_text(members.get("userName")),
        client_id=None if client_id == NO_CLIENT else client_id,
        sdk_version=_text(caller.get("awsSdkVersion")),
        client_metadata=_texts(request.get("clientMetadata")),
        attributes=_texts(request.get("userAttributes")),
        code=_text(request.get("code")),
        problem=_problem(event, members, request),
    )


def fallback_id(event: object, context: object) -> str:
    """For an SMS without a readable message id: 32 hex digits that are the same when Lambda retries.

    Retries of an asynchronous invocation keep its request id. The event alone would not do: two notifications about one
    user are equal, and consumers would drop the second one as a duplicate.
    """
    request_id = getattr(context, "aws_request_id", None)
    source = request_id or json.dumps(event, sort_keys=True, default=str)
    return hashlib.sha256(str(source).encode()).hexdigest()[:32]


def _problem(event: object, members: Mapping[str, Any], request: Mapping[str, Any]) -> Failure | None:
    if not isinstance(event, Mapping):
        return Failure(f"The event is {_json_type(event)}, not a JSON object.", _NOT_COGNITO)
    for name in ("triggerSource", "userPoolId"):
        if not _text(members.get(name)):
            return Failure(f"The event has no {name}.", _NOT_COGNITO)
    if not isinstance(members.get("request"), Mapping):
        return Failure("The event has no request.", _NOT_COGNITO)
    code = request.get("code")
    if not isinstance(code, str | None):
        return Failure(f"The event's code is {_json_type(code)}, not a string.", _NOT_COGNITO)
    # A passwordless pool makes no temporary password, so its invitations have no code (API, AdminCreateUser).
    if not code and _flow(members["triggerSource"]) in KINDS.keys() - {INVITATION}:
        return Failure("The event has no code.", _NO_CODE)
    return None


def _json_type(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), "an object")


def _flow(trigger_source: str) -> str:
    return trigger_source.removeprefix(TRIGGER_PREFIX)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def readable(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can hold but no SMS, email or topic."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def _text(value: object) -> str | None:
    return readable(value) if isinstance(value, str) and value else None


def _texts(value: object) -> Mapping[str, str]:
    """String to string: other values become JSON, null is left out."""
    if not isinstance(value, Mapping):
        return _NOTHING
    return {
        readable(str(key)): readable(each) if isinstance(each, str) else json.dumps(each, default=str)
        for key, each in value.items()
        if each is not None
    }
