"""Where a response may go. The URL is pre-signed, so no text here repeats any of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

from botocore.loaders import create_loader

from pool_attachment.errors import UnreadableRequestError

_REGION = r"[a-z]{2,}(?:-[a-z]+)+-\d+"
# bucket.s3.REGION, bucket.s3-REGION, bucket.s3, s3.dualstack.REGION, s3-fips.REGION: "Amazon S3 endpoints and quotas".
_S3 = rf"(?:[a-z0-9-]+\.)*s3(?:-fips)?(?:\.dualstack)?(?:[.-](?:{_REGION}|external-1))?"
_CLOUDFORMATION = rf"cloudformation(?:-fips)?(?:\.{_REGION})?"
_PRINTABLE = re.compile(r"[!-\[\]-~]+")  # ASCII without spaces and without the backslash that some parsers take for /


def check_response_url(url: Any, stack_arn: str, endpoint_url: str | None) -> str:
    """The URL, if it is one of S3's or CloudFormation's in the stack's partition, over https.

    A sandbox has its whole AWS at one address, which it gives its functions as AWS_ENDPOINT_URL: there, and nowhere
    else, that very address is taken too, without TLS if it has none.

    Raises UnreadableRequestError.
    """
    if isinstance(url, str) and _PRINTABLE.fullmatch(url):
        parts = _split(url)
        if parts and (_is_aws(parts, stack_arn.split(":")[1]) or _is_sandbox(parts, endpoint_url)):
            return url
    raise UnreadableRequestError(
        "The event's ResponseURL is not an https URL of S3 or CloudFormation in this partition: it did not come from "
        "CloudFormation. Nothing was changed."
    )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return None
    return parts if usable else None


def _is_aws(parts: SplitResult, partition: str) -> bool:
    suffixes = "|".join(re.escape(suffix) for suffix in _dns_suffixes().get(partition, ()))
    host = rf"(?:{_S3}|{_CLOUDFORMATION})\.(?:{suffixes})"
    fits = suffixes and re.fullmatch(host, parts.hostname or "")
    return parts.scheme == "https" and parts.port in (None, 443) and bool(fits)


def _is_sandbox(parts: SplitResult, endpoint_url: str | None) -> bool:
    sandbox = _split(endpoint_url) if endpoint_url else None
    return sandbox is not None and bool(sandbox.netloc) and (parts.scheme, parts.netloc) == sandbox[:2]


@cache
def _dns_suffixes() -> dict[str, tuple[str, str]]:
    """Of each partition, with and without IPv6, as botocore knows them."""
    partitions = create_loader().load_data("partitions")["partitions"]
    return {each["id"]: (each["outputs"]["dnsSuffix"], each["outputs"]["dualStackDnsSuffix"]) for each in partitions}
