"""Pages of lists: the token of the next page says where it begins."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sms_redirect.sandbox.errors import CognitoError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next` is the token of the page after this one; None after the last."""

    values: Sequence[T]
    next: str | None


def page(values: Sequence[T], limit: int | None, token: str | None, most: int = 60) -> Page[T]:
    """Raises CognitoError for a token that no page gave out."""
    start = _start(token)
    end = start + (limit or most)
    return Page(values[start:end], _token(end) if end < len(values) else None)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"page:{position}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, position = base64.urlsafe_b64decode(token).decode("ascii").partition(":")
    except ValueError:
        word = position = ""
    if word != "page" or not position.isdecimal():
        raise CognitoError("InvalidParameterException", "Invalid pagination token.")
    return int(position)
