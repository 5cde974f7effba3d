"""The AWS emulator: the one place that knows its settings and its insides.

Everything private of the emulator that the sandbox relies on is reached through this module and covered by
tests/integration/test_emulator_contract.py, because the emulator's version is pinned for it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sms_redirect.sandbox.doors.keys import AccessKey

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT_ID = "123456789012"

Headers = dict[str, str]
Response = tuple[int, Headers, bytes]
Handler = Callable[[str, str, Headers, bytes, dict[str, Any]], Awaitable[Response]]
"""(method, path, headers, body, query parameters) -> (status, headers, body), as the emulator calls its services."""


def client_environment(endpoint_url: str, region: str, key: AccessKey) -> dict[str, str]:
    """What a client exports to talk to the sandbox."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def configure(*, port: int, region: str, folder: Path, key: AccessKey) -> None:
    """Set the emulator's environment. It reads it when it is imported, so this comes first, once per process.

    Nothing of the user's own AWS settings may reach it, or clients in this process.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AUTH="true",  # IAM policies are enforced, so a permission missing in the template shows up here
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        MINISTACK_ACCOUNT_ID=ACCOUNT_ID,
        MINISTACK_REGION=region,
        STATE_DIR=str(folder / "state"),
        S3_DATA_DIR=str(folder / "s3"),
        TMPDIR=str(folder),
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LAMBDA_EXECUTOR="local",
        # Its INFO lines carry message texts, and codes with them.
        LOG_LEVEL="WARNING",
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="127.0.0.1,localhost",
        no_proxy="127.0.0.1,localhost",
        **client_environment(f"http://127.0.0.1:{port}", region, key),
    )


def application() -> Any:
    """The emulator's ASGI application, with the adaptations that IAM enforcement needs."""
    from sms_redirect.sandbox.emulator import loading

    with loading.without_docker():
        from ministack import app
        from ministack.core import iam_actions
        from ministack.services import lambda_svc  # noqa: F401 - loaded here, without Docker

    loading.no_custom_domain_for_loopback()
    logging.getLogger().setLevel(logging.WARNING)
    # Reports usage metrics to nobody here, and warns of that in every deployment.
    logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
    if not getattr(iam_actions.request_tag_context, "knows_encryption_context", False):
        iam_actions.request_tag_context = _with_encryption_context(iam_actions.request_tag_context)
    if not getattr(iam_actions.extract_resource_arn, "knows_tagged_resources", False):
        iam_actions.extract_resource_arn = _with_tagged_resources(iam_actions.extract_resource_arn)
    return app.app


def _with_encryption_context(request_tag_context: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Add KMS's `kms:EncryptionContext:*` condition keys, which the emulator does not know, to a request's context."""

    def context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        keys = request_tag_context(service, iam_action, body, params)
        if service != "kms":
            return keys
        encryption_context = json.loads(body or b"{}").get("EncryptionContext") or {}
        return keys | {f"kms:EncryptionContext:{key}".lower(): value for key, value in encryption_context.items()}

    context.knows_encryption_context = True  # type: ignore[attr-defined]
    return context


def _with_tagged_resources(extract_resource_arn: Callable[..., str]) -> Callable[..., str]:
    """Of operations on tags, which name their resource by `ResourceArn`, the emulator misses the resource.

    Of user pools, those count that are not sent to `/`, where `pools.endpoint` is.
    """
    from ministack.core import iam_actions

    def extract(service: str, method: str, path: str, headers: Headers, body: bytes, *rest: Any) -> str:
        try:
            resource = extract_resource_arn(service, method, path, headers, body, *rest)
        except (AttributeError, TypeError):  # a member that this operation does not know, and of another type
            resource = "*"
        if service == "sns" and resource == "*" and rest:
            return iam_actions._query_param(rest[0], "ResourceArn") or resource
        if service != "cognito-idp" or resource != "*":
            return resource
        with suppress(ValueError, AttributeError):  # what is not a JSON object is refused later
            return str(json.loads(body or b"{}").get("ResourceArn", resource))
        return resource

    extract.knows_tagged_resources = True  # type: ignore[attr-defined]
    return extract


def replace_service(service: str, replacement: Callable[[Handler], Handler]) -> None:
    """Put `replacement(original)` in a service's place, behind the emulator's authentication and IAM evaluation."""
    from ministack import app

    app.SERVICE_HANDLERS[service] = replacement(app.SERVICE_HANDLERS[service])


def json_response(document: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON protocol response."""
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()


def error(code: str, message: str, status: int = 400) -> Response:
    """A JSON protocol error, as the SDKs read it."""
    code_header = {"x-amzn-errortype": code}
    status, headers, body = json_response({"__type": code, "message": message}, status)
    return status, headers | code_header, body


def error_of(response: Response) -> tuple[str, str]:
    """The code and the text of a JSON protocol error."""
    document = json.loads(response[2])
    return document["__type"].rpartition("#")[2], document.get("message", "")


@contextmanager
def scope(region: str) -> Iterator[None]:
    """Act in a region: the emulator keeps each region's resources apart by a context variable."""
    from ministack.core.responses import request_scope

    with request_scope(ACCOUNT_ID, region):
        yield


def current_region() -> str:
    """The region that is being acted in: that of the request, or of the stack."""
    from ministack.core.responses import get_region

    region: str = get_region()
    return region
