"""Reads the JSON bodies of requests. An unknown member is an error, as an unknown parameter is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from sms_redirect.inbox.parameters import BadParameter, Parameters

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST_BODY = 64 * 1024  # bytes


async def read(request: Request, *allowed: str) -> Mapping[str, Any]:
    """The members of a JSON object.

    Raises:
        BadParameter: it is something else, or has other members.
        HTTPException: it is too large (413), or it does not say that it is JSON (415).
    """
    Parameters.parse(request.query_params.multi_items(), ())
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "The body must be JSON, with the header Content-Type: application/json.")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            raise HTTPException(413, f"The body is larger than {LARGEST_BODY:,} bytes.")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise BadParameter("The body", "is not valid JSON.") from None
    if not isinstance(body, dict):
        raise BadParameter("The body", "is not a JSON object.")
    for name in body:
        if name not in allowed:
            raise BadParameter(name, f"is not a member of this body. Known: {', '.join(allowed)}.")
    return body


def string(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadParameter(name, "must be a string.")
    return value


def number(body: Mapping[str, Any], name: str, most: float) -> float:
    value = body.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most or math.isnan(value):
        raise BadParameter(name, f"must be a number from 0 to {most:,}.")
    return value


def boolean(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise BadParameter(name, "must be true or false.")
    return value
