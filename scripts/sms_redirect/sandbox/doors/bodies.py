"""Reads a body no further than its service would, and refuses what no JSON reader should be given."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive

from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.refusals import Malformed, TooLarge

KIB = 1024
MIB = 1024 * KIB
# On the wire, so with room for what escaping adds. Documented: Lambda's 50 MB package, in base64 ("Lambda quotas");
# messages of 1 MiB in SQS and 256 KiB in SNS; CloudFormation's template of 51,200 bytes. Cognito documents none; its
# largest request is a few kilobytes. S3 takes 5 GB at once, too much to hold in memory: the largest
# package that Lambda takes from S3 is 250 MB.
LIMITS = {
    "s3": 250 * MIB,
    "lambda": 70 * MIB,
    "sqs": 4 * MIB,
    "sns": 4 * MIB,
    "cloudformation": 4 * MIB,
    "dynamodb": 16 * MIB,
}
USUAL = 1 * MIB
DEEPEST = 100  # levels; the SDKs' own readers of JSON stop soon after
PATIENCE = 1.0  # seconds
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")


def limit(service: str | None) -> int:
    """The most bytes that a service is sent; None: of a request that names none."""
    return LIMITS.get(service or "", USUAL)


async def read(receive: Receive, request: Incoming, most: int) -> bytes | None:
    """The whole body. None if the client went away.

    Raises:
        TooLarge: it has more bytes than that, or says so.
    """
    declared = int(request.header("content-length") or 0)
    if declared > most:
        await discard(receive)
        raise TooLarge(f"The body must not be larger than {most} bytes.")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            parts.clear()
            await discard(receive)
            raise TooLarge(f"The body must not be larger than {most} bytes.")
        if not message.get("more_body", False):
            return b"".join(parts)


async def discard(receive: Receive) -> None:
    """Read on for a moment, keeping nothing: a client that sends before it listens gets the refusal, too."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (await receive()).get("more_body", False):
                pass


def again(body: bytes, receive: Receive) -> Receive:
    """Hands out a body that was read already, then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message


def check_json(body: bytes) -> Any:
    """The document in a body, an empty object if there is nothing; refuses what other readers could stumble over.

    Raises:
        Malformed
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    if depth(text) > DEEPEST:
        raise Malformed(f"The body is nested more than {DEEPEST} levels deep.")
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if "\\u" in text and SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise Malformed("The body has half of a surrogate pair, which is not a character.")
    return value


def depth(text: str) -> int:
    """How deep brackets are nested, whether or not they match."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0
    depth = deepest = 0
    for character in STRING.sub("", text):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest
