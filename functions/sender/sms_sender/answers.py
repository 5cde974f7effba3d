"""How botocore tells that AWS said no, or that it said nothing that can be understood."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

NO_ANSWER: tuple[type[Exception], ...] = (BotoCoreError, ResponseParserError, OSError)
"""Timeouts, broken connections, missing credentials, garbage. A refusal is a ClientError instead."""


FAULTS: tuple[type[Exception], ...] = (ClientError, *NO_ANSWER)


def name(fault: Exception) -> str:
    """For example "AccessDeniedException". The message beside it may quote the request, so it is never told."""
    if isinstance(fault, ClientError):
        return str(fault.response.get("Error", {}).get("Code", "unknown"))
    return type(fault).__name__
