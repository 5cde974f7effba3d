"""The response to CloudFormation: bounded, sent to a pre-signed URL that appears in no log and no exception."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pool_attachment.errors import UndeliveredError
from pool_attachment.request import Envelope
from pool_attachment.retry import Clock

# CloudFormation takes at most 4096 bytes in all, and shows about 1000 characters of a reason.
_MAX_REASON = 900
_MAX_ID = 1024
_PUT_TIMEOUT = 5.0  # seconds
_PUT_ATTEMPTS = 5

Put = Callable[[str, bytes], int]


@dataclass(frozen=True)
class Response:
    """What becomes of the request. `reason` is the event text that a person reads; `next_step` ends it, never cut."""

    succeeded: bool
    reason: str
    physical_id: str
    next_step: str = ""
    data: dict[str, str] = field(default_factory=dict)


def body(response: Response, envelope: Envelope) -> bytes:
    next_step = f" {response.next_step}" if response.next_step else ""
    document: dict[str, Any] = {
        "Status": "SUCCESS" if response.succeeded else "FAILED",
        "Reason": _bounded(response.reason, _MAX_REASON - len(next_step.encode())) + next_step,
        "PhysicalResourceId": _bounded(response.physical_id, _MAX_ID),
        "StackId": envelope.stack_id,
        "RequestId": envelope.request_id,
        "LogicalResourceId": envelope.logical_id,
        "Data": response.data,
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def send(response: Response, envelope: Envelope, put: Put, clock: Clock) -> None:
    """Raises UndeliveredError, so that Lambda delivers the request again, when the response could not be left."""
    content = body(response, envelope)
    failure = ""
    for attempt in range(_PUT_ATTEMPTS):
        if attempt:
            clock.sleep(0.1 * 2**attempt)
        try:
            status = put(envelope.url, content)
        except (OSError, ValueError, http.client.HTTPException) as error:
            failure = type(error).__name__  # their texts may hold the URL
        else:
            if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                return
            failure = f"HTTP {status}"
            if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
    raise UndeliveredError(f"CloudFormation did not take the response ({failure}); request {envelope.request_id}.")


def put_to_url(url: str, content: bytes) -> int:
    """PUT as the pre-signed URL was signed: without a content type. Returns the status."""
    request = urllib.request.Request(url, data=content, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - scheme checked in response_url
    try:
        with urllib.request.urlopen(request, timeout=_PUT_TIMEOUT) as response:  # noqa: S310 - the same
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _bounded(text: str, most: int) -> str:
    """At most `most` UTF-8 bytes, one line, cut with an ellipsis."""
    line = " ".join(text.split())
    encoded = line.encode("utf-8", "replace")
    return line if len(encoded) <= most else encoded[: most - 3].decode("utf-8", "ignore") + "..."
