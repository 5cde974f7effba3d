"""Reads a pool that is there, and makes the way to its CustomMessage function."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.errors import CannotReachAws
from sms_redirect.gallery.errors import NoFunctionError, NoSuchPoolError
from sms_redirect.gallery.pool import Factors, Pool
from sms_redirect.stack import outputs
from sms_sender import aws_errors
from sms_sender.custom_message import CustomMessage

_POOL_ID = re.compile(r"[\w-]+_[0-9a-zA-Z]+")  # as the API's model has it
_ARN = re.compile(r"arn:[\w-]+:lambda:\S+")
READ = ("cognito-idp:DescribeUserPool", "cognito-idp:GetUserPoolMfaConfig")
# As the sender asks it: Cognito gives its triggers five seconds, and calls them once.
_ONCE = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})


def pool_of_stack(aws: Aws, stack_name: str) -> str:
    """The id of the pool whose SMS a stack redirects.

    Raises:
        NoSuchPoolError: the stack has no output UserPoolId.
        NoSuchStack, NotAllowed, CannotReachAws
    """
    found = outputs(aws, stack_name, _policy("cloudformation:DescribeStacks")).get("UserPoolId")
    if found is None:
        raise NoSuchPoolError(
            f"The stack {stack_name!r} has no output UserPoolId: it is not an sms-redirect stack, or it is not fully "
            "deployed. --user-pool-id names a pool without a stack."
        )
    return found


def is_pool_id(text: str) -> bool:
    return _POOL_ID.fullmatch(text) is not None


def read(aws: Aws, pool_id: str) -> Pool:
    """A pool by its id. Where no region was chosen, the id's own counts.

    Raises:
        NoSuchPoolError: there is none.
        NotAllowed, CannotReachAws
    """
    region = aws.region or (pool_id.partition("_")[0] if "_" in pool_id else None)
    with explained("Connecting to Cognito"):
        cognito = aws.session.client("cognito-idp", region_name=region, endpoint_url=aws.endpoint_url)
    with _explained(f"DescribeUserPool of {pool_id} in {region}"):
        settings: dict[str, Any] = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]  # type: ignore[assignment]
    with _explained(f"GetUserPoolMfaConfig of {pool_id} in {region}"):
        mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    software = mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False)
    factors = Factors(sms="SmsMfaConfiguration" in mfa, others=software or "EmailMfaConfiguration" in mfa)
    name = str(settings.get("Name") or pool_id)
    return Pool(settings, factors, pool_id, name, cognito.meta.region_name, f"user pool {pool_id}")


def asker(aws: Aws, pool: Pool, function: str | None) -> CustomMessage:
    """The pool's CustomMessage function, or another one by its name or ARN.

    Raises:
        NoFunctionError: the pool has none, or one that only a deployment knows.
        CannotReachAws
    """
    named = function or pool.custom_message
    if named is None:
        raise NoFunctionError(
            "The pool has no CustomMessage function: production texts are its own. Drop --custom-message."
        )
    if not function and not _ARN.fullmatch(named):
        raise NoFunctionError(
            f"The pool's CustomMessage function is {named}, which only a deployment knows. Name the deployed function: "
            "--custom-message NAME."
        )
    with explained("Connecting to Lambda"):
        client = aws.session.client(
            "lambda", region_name=aws.region or pool.region, endpoint_url=aws.endpoint_url, config=_ONCE
        )
    return CustomMessage(AskedOnce(client), named)


class AskedOnce:
    """A Lambda client that does not wait for a silent function a second time: the gallery has many SMS."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._silence: Exception | None = None

    def invoke(self, **request: Any) -> Any:
        if self._silence is not None:
            raise self._silence
        try:
            return self._client.invoke(**request)
        except aws_errors.NO_RESPONSE as error:
            self._silence = error
            raise


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    with explained(doing, _policy(*READ)):
        try:
            yield
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            raise NoSuchPoolError(
                f"{doing}: there is no such user pool. The id, region and account (profile) must match; "
                "`aws cognito-idp list-user-pools --max-results 60` lists those that are there."
            ) from error
        except ResponseParserError as error:
            raise CannotReachAws(
                f"{doing} failed: the response did not come from Cognito. Check the endpoint."
            ) from error


def _policy(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
