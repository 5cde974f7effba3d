"""The answer to CloudFormation: bounded, sent to a pre-signed URL that appears in no log and no exception."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pool_attachment.errors import UnansweredError
from pool_attachment.patience import Clock
from pool_attachment.request import Envelope

# CloudFormation takes at most 4096 bytes in all, and shows about 1000 characters of a reason.
_MAX_REASON = 900
_MAX_ID = 1024
_PUT_TIMEOUT = 5.0  # seconds
_PUT_ATTEMPTS = 5
_CLIENT_ERROR, _SERVER_ERROR = 400, 500

Put = Callable[[str, bytes], int]


@dataclass(frozen=True)
class Answer:
    """What becomes of the request. `reason` is the event text that a person reads."""

    succeeded: bool
    reason: str
    physical_id: str
    data: dict[str, str] = field(default_factory=dict)


def body(answer: Answer, envelope: Envelope) -> bytes:
    document: dict[str, Any] = {
        "Status": "SUCCESS" if answer.succeeded else "FAILED",
        "Reason": _bounded(answer.reason, _MAX_REASON),
        "PhysicalResourceId": _bounded(answer.physical_id, _MAX_ID),
        "StackId": envelope.stack_id,
        "RequestId": envelope.request_id,
        "LogicalResourceId": envelope.logical_id,
        "Data": answer.data,
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def send(answer: Answer, envelope: Envelope, put: Put, clock: Clock) -> None:
    """Raises UnansweredError, so that Lambda delivers the request again, when the answer could not be left."""
    content = body(answer, envelope)
    failure = ""
    for attempt in range(_PUT_ATTEMPTS):
        try:
            status = put(envelope.url, content)
        except (OSError, ValueError, http.client.HTTPException) as error:
            failure = type(error).__name__  # their texts may hold the URL
        else:
            if status < _CLIENT_ERROR:
                return
            failure = f"HTTP {status}"
            if status < _SERVER_ERROR:
                break
        if attempt < _PUT_ATTEMPTS - 1:
            clock.sleep(0.2 * 2**attempt)
    raise UnansweredError(f"CloudFormation could not be answered ({failure}); request {envelope.request_id}.")


def put_to_url(url: str, content: bytes) -> int:
    """PUT as the pre-signed URL was signed: without a content type. Returns the status."""
    request = urllib.request.Request(url, data=content, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - scheme checked in request
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
