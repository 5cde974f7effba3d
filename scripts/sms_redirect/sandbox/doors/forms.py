"""The parameters in a query API's body."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl


def parameters(body: bytes) -> tuple[tuple[str, str], ...]:
    """Names and values, as they come."""
    return decoded(body.decode(errors="replace"))


@lru_cache(maxsize=16)  # several look at the same request, and a long message is decoded character by character
def decoded(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True))
