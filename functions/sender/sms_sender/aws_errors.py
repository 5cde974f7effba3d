"""What a botocore exception means: AWS refused the call, or there was no response that can be read."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

NO_RESPONSE: tuple[type[Exception], ...] = (BotoCoreError, ResponseParserError, OSError)
"""Timeouts, broken connections, missing credentials, garbage. A refusal is a ClientError instead."""

ANY: tuple[type[Exception], ...] = (ClientError, *NO_RESPONSE)

_DENIALS = {"AccessDenied", "AccessDeniedException"}


def name(error: Exception) -> str:
    """For example "AccessDeniedException". The message beside it may quote the request, so it is never shown."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown"))
    return type(error).__name__


def is_denial(error: Exception) -> bool:
    """IAM said no. Soon after a deployment that may be a policy that has not spread yet."""
    return name(error) in _DENIALS
