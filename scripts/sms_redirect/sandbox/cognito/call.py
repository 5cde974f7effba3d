"""One request to the user pools API, checked against the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/cognito-idp/aws4_request, ...
CREDENTIAL_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z0-9-]+)/")


@dataclass(frozen=True, slots=True)
class Call:
    """`region` is that of the signature; None for an unsigned request, which names none.

    `headers` have lower case names. They hold credentials, so they stay out of the repr, as does the request.
    """

    operation: str
    request: dict[str, Any] = field(repr=False)
    region: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def get(self, *path: str) -> Any:
        """A member by its path, or None."""
        value: Any = self.request
        for name in path:
            value = (value or {}).get(name)
        return value

    @property
    def client_metadata(self) -> Mapping[str, str]:
        metadata: Mapping[str, str] = self.request.get("ClientMetadata") or {}
        return metadata


def signed_region(headers: Mapping[str, str]) -> str | None:
    found = CREDENTIAL_SCOPE.search(headers.get("authorization", ""))
    return found.group(1) if found else None
