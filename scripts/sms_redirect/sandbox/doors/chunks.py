"""The signatures inside a chunked upload to S3 (`Content-Encoding: aws-chunked`): each chunk's signature covers the one
before it, and the first covers the request's own. What is signed: S3's API reference, "Signature Calculations for the
Authorization Header: Transferring Payload in Multiple Chunks", and the same with trailing headers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sms_redirect.sandbox.doors.refusals import BadSignature, Malformed, Unsupported

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_WITH_TRAILER = f"{SIGNED}-TRAILER"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
NOTHING = hashlib.sha256(b"").hexdigest()
HEAD = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?\r\n")

Sign = Callable[[str], str]
"""String to sign -> signature, in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The request's own time, credential scope and signature, which the first chunk's is chained to."""

    timestamp: str
    scope: str
    signature: str

    def followed_by(self, kind: str, content: str, given: str, sign: Sign) -> Seed:
        """Verify the next signature of the chain.

        Raises:
            BadSignature
        """
        expected = sign(f"{kind}\n{self.timestamp}\n{self.scope}\n{self.signature}\n{content}")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise BadSignature
        return replace(self, signature=expected)


def check(kind: str, body: bytes, seed: Seed, sign: Sign) -> None:
    """Verify every chunk of a body, and the trailing headers.

    Raises:
        Refused: one of them is not signed as it should be, or the body is not a chunked upload of this kind.
    """
    if kind == UNSIGNED_WITH_TRAILER:
        return
    if kind not in {SIGNED, SIGNED_WITH_TRAILER}:
        raise Unsupported
    position = 0
    while True:
        head = HEAD.match(body, position)
        if head is None or head[2] is None:
            raise Malformed("The body is not a chunked upload with signatures.")
        start, size = head.end(), int(head[1], 16)
        chunk = body[start : start + size]
        content = f"{NOTHING}\n{hashlib.sha256(chunk).hexdigest()}"
        seed = seed.followed_by("AWS4-HMAC-SHA256-PAYLOAD", content, head[2].decode(), sign)
        position = start + size
        if size == 0:
            break
        if body[position : position + 2] != b"\r\n":
            raise Malformed("A chunk of the body is not as long as it says.")
        position += 2
    if kind == SIGNED_WITH_TRAILER:
        _check_trailer(body[position:], seed, sign)


def _check_trailer(trailer: bytes, seed: Seed, sign: Sign) -> None:
    lines = [line for line in trailer.split(b"\r\n") if line]
    signatures = [line.partition(b":")[2] for line in lines if line.startswith(b"x-amz-trailer-signature:")]
    signed = [line for line in lines if not line.startswith(b"x-amz-trailer-signature:")]
    if len(signatures) != 1:
        raise BadSignature
    content = hashlib.sha256(b"".join(line + b"\n" for line in signed)).hexdigest()
    seed.followed_by("AWS4-HMAC-SHA256-TRAILER", content, signatures[0].decode("latin-1").strip(), sign)
