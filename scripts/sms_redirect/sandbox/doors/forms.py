"""The parameters in a query API's body."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl


@lru_cache(maxsize=16)  # several look at the same request, and each decodes a long message character by character
def parameters(body: bytes) -> tuple[tuple[str, str], ...]:
    """Names and values, as they come."""
    return tuple(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
