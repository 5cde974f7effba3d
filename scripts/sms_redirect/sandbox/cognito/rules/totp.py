"""Time-based one-time passwords of authenticator apps (RFC 6238): six digits, thirty seconds, SHA-1."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct

STEP = 30
DRIFT = 1  # steps that an app's clock may be off, either way


def new_secret() -> str:
    """In base32, as apps take it: 52 characters, as AWS's."""
    return base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")


def code(secret: str, step: int) -> str:
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def matching_step(secret: str, given: str, now: float) -> int | None:
    """The step that a code belongs to; None if it is wrong."""
    current = int(now // STEP)
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            return step
    return None
