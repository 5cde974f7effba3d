"""A request as it arrived: what a door looks at before anything else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl

from starlette.types import Scope

from sms_redirect.sandbox.doors.refusals import Malformed

# Two of one of these would leave open which of them counts.
ONCE = (
    "authorization",
    "content-length",
    "content-type",
    "host",
    "origin",
    "transfer-encoding",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """`raw_path` and `query_string` are as they were sent; header names are in lower case."""

    method: str
    path: str
    raw_path: str
    query_string: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Read the head of a request.

        Raises:
            Malformed: it can be read in more than one way.
        """
        try:
            raw_path, query_string = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
        except UnicodeDecodeError:
            raise Malformed("The path and the query string must be percent-encoded.") from None
        if not raw_path.startswith("/"):
            raise Malformed("The request must name a path.")
        if "\0" in scope["path"] or "%00" in query_string:
            raise Malformed("The path and the query string must not contain NUL.")
        headers: dict[str, tuple[str, ...]] = {}
        for name, value in scope["headers"]:
            key = name.decode("latin-1").lower()
            headers[key] = (*headers.get(key, ()), _text(value))
        for name in ONCE:
            if len(headers.get(name, ())) > 1:
                raise Malformed(f"The header {name} must be given once.")
        if "content-length" in headers and "transfer-encoding" in headers:
            raise Malformed("Content-Length and Transfer-Encoding must not be given together.")
        query = tuple(parse_qsl(query_string, keep_blank_values=True))
        return cls(scope["method"], scope["path"], raw_path, query_string, query, headers)

    def header(self, name: str) -> str | None:
        """The value of a header in lower case; of several, the first."""
        return self.headers.get(name, (None,))[0]

    def parameter(self, name: str) -> str | None:
        """The value of a query parameter.

        Raises:
            Malformed: there are several.
        """
        values = [value for key, value in self.query if key.lower() == name.lower()]
        if len(values) > 1:
            raise Malformed(f"The parameter {name} must be given once.")
        return values[0] if values else None

    @property
    def flat_headers(self) -> dict[str, str]:
        """As the emulator reads them."""
        return {name: ", ".join(values) for name, values in self.headers.items()}

    @property
    def flat_query(self) -> dict[str, list[str]]:
        """As the emulator reads them."""
        found: dict[str, list[str]] = {}
        for name, value in self.query:
            found.setdefault(name, []).append(value)
        return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
