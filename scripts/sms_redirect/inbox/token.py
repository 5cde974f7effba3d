"""The token that an inbox asks for when others share the machine: loopback is open to each of its users."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

VARIABLE = "SMS_REDIRECT_TOKEN"
PARAMETER = "token"
SHAPE = re.compile(r"[A-Za-z0-9._~-]{16,128}")


class BadToken(ValueError):  # noqa: N818 - names what is bad
    """A token of the user's own cannot be used; the text says why and does not repeat it."""


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is what programs send, and what the link has that opens the page."""

    value: str = field(repr=False)

    @classmethod
    def wanted(cls, environment: Mapping[str, str], *, new: bool) -> Self | None:
        """That of the environment, else a new one if one is asked for, else none.

        Raises:
            BadToken
        """
        value = environment.get(VARIABLE)
        if value is None:
            return cls(secrets.token_urlsafe(24)) if new else None
        if not SHAPE.fullmatch(value):
            raise BadToken(f"{VARIABLE} must be 16 to 128 letters, digits and any of . _ ~ -")
        return cls(value)

    @property
    def cookie(self) -> str:
        """What the browser keeps in its place: it opens this inbox's page, and is not the token itself."""
        return hmac.new(self.value.encode(), b"cookie", hashlib.sha256).hexdigest()

    def is_value(self, text: str) -> bool:
        return hmac.compare_digest(self.value.encode(), text.encode())

    def is_cookie(self, text: str) -> bool:
        return hmac.compare_digest(self.cookie.encode(), text.encode())

    def link(self, url: str) -> str:
        """Opens the page of an inbox, and leaves the cookie there."""
        return f"{url}/?{PARAMETER}={self.value}"


def link(url: str, token: Token | None) -> str:
    """The address to open in a browser."""
    return url if token is None else token.link(url)
