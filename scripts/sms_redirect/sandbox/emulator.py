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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# The emulator takes this key for the account's root user, and checks no signature of it.
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"  # noqa: S105 - opens nothing but a server on this machine
ACCOUNT_ID = "123456789012"

Headers = dict[str, str]
Response = tuple[int, Headers, bytes]
Handler = Callable[[str, str, Headers, bytes, dict[str, Any]], Awaitable[Response]]
"""(method, path, headers, body, query parameters) -> (status, headers, body), as the emulator calls its services."""


def client_environment(endpoint_url: str, region: str) -> dict[str, str]:
    """What a client exports to talk to the sandbox."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def configure(*, port: int, region: str, folder: Path) -> None:
    """Set the emulator's environment. It reads it when it is imported, so this comes first, once per process.

    The functions inherit this environment: nothing of the user's own AWS settings may reach them.
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
        **client_environment(f"http://127.0.0.1:{port}", region),
    )


def application() -> Any:
    """The emulator's ASGI application, with the adaptations that IAM enforcement needs."""
    from ministack import app
    from ministack.core import iam_actions, lambda_runtime

    logging.getLogger().setLevel(logging.WARNING)
    if not getattr(iam_actions.request_tag_context, "knows_encryption_context", False):
        iam_actions.request_tag_context = _with_encryption_context(iam_actions.request_tag_context)
    if not getattr(lambda_runtime._collect, "closes_pipes", False):
        lambda_runtime._collect = _closing_pipes(lambda_runtime._collect)
    return app.app


def _closing_pipes(collect: Callable[..., None]) -> Callable[..., None]:
    """Close the pipes of a function's process that has ended; the emulator leaves that to the garbage collector."""

    def collect_and_close(process: Any, deadline: float) -> None:
        collect(process, deadline)
        for pipe in (process.stdin, process.stdout, process.stderr) if process else ():
            if pipe is not None:
                with suppress(OSError):  # what was still in the pipe to a dead process
                    pipe.close()

    collect_and_close.closes_pipes = True  # type: ignore[attr-defined]
    return collect_and_close


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


def replace_service(service: str, replacement: Callable[[Handler], Handler]) -> None:
    """Put `replacement(original)` in a service's place, behind the emulator's authentication and IAM evaluation."""
    from ministack import app

    app.SERVICE_HANDLERS[service] = replacement(app.SERVICE_HANDLERS[service])


def action_of(headers: Mapping[str, str]) -> str:
    """The operation of a JSON protocol request: the part after the dot of `X-Amz-Target`."""
    return headers.get("x-amz-target", "").rpartition(".")[2]


def answer(document: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON protocol response."""
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()


def error(code: str, message: str, status: int = 400) -> Response:
    """A JSON protocol error, as the SDKs read it."""
    code_header = {"x-amzn-errortype": code}
    status, headers, body = answer({"__type": code, "message": message}, status)
    return status, headers | code_header, body


def error_of(response: Response) -> tuple[str, str]:
    """The code and the text of a JSON protocol error."""
    document = json.loads(response[2])
    return document["__type"].rpartition("#")[2], document.get("message", "")


async def call_cognito(action: str, request: Mapping[str, Any]) -> Response:
    """Run one operation of the emulator's own Cognito, without IAM: the sandbox acts as the service itself."""
    from ministack.services import cognito

    headers = {"x-amz-target": f"AWSCognitoIdentityProviderService.{action}"}
    response: Response = await cognito.handle_request("POST", "/", headers, json.dumps(request).encode(), {})
    return response


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


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came back of one synchronous invocation of a function."""

    status: int
    function_error: str | None
    payload: bytes

    @property
    def failed(self) -> bool:
        return self.status >= 300 or self.function_error is not None  # noqa: PLR2004 - HTTP's success range


async def invoke_function(function_arn: str, event: Mapping[str, Any]) -> Invocation:
    """Invoke a deployed function and wait for it, through the emulator's Lambda API."""
    from ministack.services import lambda_svc

    path = f"/2015-03-31/functions/{function_arn}/invocations"
    status, headers, body = await lambda_svc.handle_request("POST", path, {}, json.dumps(event).encode(), {})
    return Invocation(status, headers.get("X-Amz-Function-Error"), body)


def keep_deleted_log_groups_deleted() -> None:
    """Do as Lambda does where a function names its log group: its role may write there, but not make the group anew."""
    from ministack.services import cloudwatch_logs, lambda_svc

    original = getattr(lambda_svc._emit_lambda_logs, "of_the_emulator", lambda_svc._emit_lambda_logs)

    def emit(function: dict[str, Any], *arguments: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if group is None or group in cloudwatch_logs._log_groups:
            original(function, *arguments, **named)

    emit.of_the_emulator = original  # type: ignore[attr-defined]
    lambda_svc._emit_lambda_logs = emit


def end_functions() -> None:
    """End the processes that the deployed functions run in."""
    from ministack.core import lambda_runtime

    lambda_runtime.reset()


# --- user pools: the emulator's own records ---


def pin_scope(request: Mapping[str, Any]) -> None:
    """Act in the region of the pool, client, session or token that a request names; unsigned ones name no region."""
    from ministack.services import cognito

    cognito._pin_unsigned_idp_scope(dict(request))


def refusal(action: str, request: Mapping[str, Any]) -> Response | None:
    """What the emulator checks first: secret hash, enabled auth flow, access token. None if all is well."""
    from ministack.services import cognito

    data = dict(request)
    response: Response | None = (
        cognito._validate_client_secret_hash(action, data)
        or cognito._auth_flow_error(action, data)
        or cognito._access_token_error(data)
    )
    return response


def pool_record(pool_id: str) -> dict[str, Any] | None:
    from ministack.services import cognito

    record: dict[str, Any] | None = cognito._user_pools.get(pool_id)
    return record


def pool_record_of_client(client_id: str) -> dict[str, Any] | None:
    from ministack.services import cognito

    record: dict[str, Any] | None = cognito._pool_for_client(client_id)[0]
    return record


def user_record(pool: dict[str, Any], username: str) -> dict[str, Any] | None:
    """The user of that name, sub or verified alias."""
    from ministack.services import cognito

    record: dict[str, Any] | None = cognito._resolve_user(pool, username)[0]
    return record


def records_of_token(access_token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The pool and the user that an access token was issued for."""
    from ministack.services import cognito

    user, pool = cognito._user_pool_for_access_token(access_token)
    return (pool, user) if user else None


def client_of_token(access_token: str) -> str | None:
    """The app client that an access token was issued to."""
    from ministack.services import cognito

    client_id: str | None = cognito._token_claims(access_token).get("client_id")
    return client_id


def tokens(pool_id: str, client_id: str, user: dict[str, Any], metadata: Mapping[str, str]) -> dict[str, Any]:
    """A fresh `AuthenticationResult`."""
    from ministack.services import cognito

    result: dict[str, Any] = cognito._build_auth_result(pool_id, client_id, user, client_metadata=dict(metadata))
    return result


def password_refusal(pool: dict[str, Any], password: str) -> Response | None:
    """`InvalidPasswordException` where a password does not satisfy the pool's policy."""
    from ministack.services import cognito

    response: Response | None = cognito._validate_password(pool, password)
    return response


def password_sign_in(client_id: str, username: str, password: str) -> Response:
    """USER_PASSWORD_AUTH, whether or not the app client enables that flow: USER_AUTH offers the password by itself."""
    from ministack.services import cognito

    parameters = {"USERNAME": username, "PASSWORD": password}
    response: Response = cognito._initiate_auth(
        {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    )
    return response


# --- functions: what Lambda keeps beside the code ---


def function_record(function_arn: str) -> dict[str, Any] | None:
    from ministack.services import lambda_svc

    record: dict[str, Any] | None = lambda_svc._get_func_record_for_ref(function_arn)[0]
    return record


def function_policy(function_arn: str) -> list[dict[str, Any]]:
    """The statements of a function's resource policy, as `lambda:AddPermission` made them."""
    record = function_record(function_arn)
    statements: list[dict[str, Any]] = (record or {}).get("policy", {}).get("Statement", [])
    return statements


def event_invoke_config(function_arn: str) -> dict[str, Any]:
    """`MaximumRetryAttempts`, `MaximumEventAgeInSeconds` and `DestinationConfig` of asynchronous invocations."""
    record = function_record(function_arn) or {}
    config: dict[str, Any] = (
        record.get("event_invoke_config") or (record.get("event_invoke_configs") or {}).get("$LATEST") or {}
    )
    return config


def send_to_failure_destination(destination: str, function_arn: str, event: Mapping[str, Any], payload: Any) -> None:
    """Put an event that was given up on into its OnFailure destination, in Lambda's invocation record."""
    from ministack.services import lambda_svc

    name = function_arn.rpartition(":function:")[2]
    lambda_svc._route_async_failure(destination, name, dict(event), {"body": payload, "error": True})
