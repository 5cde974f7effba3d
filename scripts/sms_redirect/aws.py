"""Clients of one AWS session, and botocore's errors turned into ours, which say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from traceback import walk_tb
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from sms_redirect.errors import BadInput, CannotReachAws, NotAllowed, NotAuthenticated

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}
EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
}

# None, half of them, or a login of IAM Identity Center or a credential process that has ended.
NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    SSOError,
)
# botocore raises them for JSON or XML of another shape than the service's.
_OTHER_SHAPE = (AttributeError, KeyError, TypeError, UnicodeDecodeError)
FAILURES = (ClientError, BotoCoreError, ResponseParserError, *_OTHER_SHAPE)
"""Everything that a call raises. Around single calls only: the last ones would hide a bug of our own."""


@dataclass(frozen=True)
class Aws:
    """A session, and where its calls go: `endpoint_url` is for a sandbox (AWS_ENDPOINT_URL works as well),
    `region_name` overrides the session's own.

    Raises:
        BadInput: the endpoint is not a valid URL.
    """

    session: boto3.Session
    endpoint_url: str | None = None
    region_name: str | None = None

    def __post_init__(self) -> None:
        check_endpoint_url(self.endpoint_url)

    @classmethod
    def of(cls, region: str | None, profile: str | None, endpoint_url: str | None) -> Aws:
        """From the options of a command or a test run; None is the usual default of the AWS configuration."""
        with explained("Reading the AWS configuration"):
            return cls(boto3.Session(region_name=region, profile_name=profile), endpoint_url)

    @property
    def region(self) -> str | None:
        return self.region_name or self.session.region_name

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        return self.session.client("cloudformation", region_name=self.region, endpoint_url=self.endpoint_url)

    @cached_property
    def sns(self) -> SNSClient:
        return self.session.client("sns", region_name=self.region, endpoint_url=self.endpoint_url)

    @cached_property
    def sqs(self) -> SQSClient:
        return self.sqs_with(read_timeout=30)

    def sqs_with(self, *, read_timeout: float) -> SQSClient:
        """A client that takes a connection for dead after so many seconds of silence."""
        config = Config(read_timeout=read_timeout, retries={"mode": "standard", "max_attempts": 3})
        return self.session.client("sqs", region_name=self.region, endpoint_url=self.endpoint_url, config=config)


def check_endpoint_url(url: str | None) -> None:
    """Raise BadInput unless it is an http(s) URL with a host; None is AWS itself."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(
            "The AWS endpoint is not a valid URL. It must look like http://127.0.0.1:4566, with http:// and a host."
        )


def code_of(error: ClientError) -> str:
    """The error code. SQS sends its older names (`AWS.SimpleQueueService.NonExistentQueue`) to some clients."""
    return str(error.response.get("Error", {}).get("Code", "")).rpartition(".")[2]


@contextmanager
def explained(doing: str, policy: dict[str, Any] | None = None) -> Iterator[None]:
    """Turn what botocore raises into this package's errors. `policy` has the permissions that the caller needs.

    Raises:
        NotAllowed, NotAuthenticated, CannotReachAws
    """
    try:
        yield
    except ClientError as error:
        raise _explanation(error, doing, policy) from error
    except NO_CREDENTIALS as error:
        why = "there are no AWS credentials" if isinstance(error, NoCredentialsError) else str(error).rstrip(".")
        raise NotAuthenticated(
            f"{doing} failed: {why}. Choose a profile (AWS_PROFILE or --profile), "
            "log in (aws sso login), or point to a sandbox with its environment."
        ) from error
    except NoRegionError as error:
        raise CannotReachAws(f"{doing} failed: no AWS region is set. Set AWS_REGION, or pass --region.") from error
    except ProfileNotFound as error:
        raise CannotReachAws(f"{doing} failed: {error}. `aws configure list-profiles` shows yours.") from error
    except (ResponseParserError, *_OTHER_SHAPE) as error:
        if not _of_response(error):
            raise  # a bug of our own
        raise unreadable(doing) from error
    except BotoCoreError as error:
        raise CannotReachAws(
            f"{doing} failed: {error}. Check the region, and that the endpoint (AWS_ENDPOINT_URL) is running."
        ) from error


def _of_response(error: BaseException) -> bool:
    """Whether botocore raised it while it read a response."""
    modules = [frame.f_globals.get("__name__") for frame, _line in walk_tb(error.__traceback__)]
    return isinstance(error, ResponseParserError) or "botocore.endpoint" in modules


def unreadable(doing: str) -> CannotReachAws:
    return CannotReachAws(
        f"{doing} failed: the response is not one of AWS's. A proxy or a login page may stand in between, or the "
        "endpoint (AWS_ENDPOINT_URL) is another server."
    )


def _explanation(error: ClientError, doing: str, policy: dict[str, Any] | None) -> Exception:
    code, text = code_of(error), error.response.get("Error", {}).get("Message", "no reason given")
    if code in DENIED and policy is not None:
        return NotAllowed(f"{doing} is not allowed: {text}", policy)
    if code in EXPIRED:
        return NotAuthenticated(f"{doing} failed: the AWS credentials are not valid ({code}). Log in again.")
    return CannotReachAws(f"{doing} failed: {text} ({code})")
