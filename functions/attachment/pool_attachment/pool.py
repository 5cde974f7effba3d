"""The only calls to AWS: read, update and untag a user pool, and look at the key.

Each call is tried once here. Who repeats it decides with what has been seen since: an UpdateUserPool that timed out may
have landed, so it is never sent again blindly (that is why botocore's own retries are off).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.parsers import ResponseParserError

from pool_attachment.errors import (
    AttachmentError,
    DeniedError,
    PassingError,
    PoolGoneError,
    RefusedError,
    RejectedError,
)
from pool_attachment.key import Key, arn_region
from pool_attachment.settings import Settings, SettingsModel

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_kms import KMSClient

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})
_RAW = "RawBody"
_SERVER_ERROR, _TOO_MANY = 500, 429

_PASSING = {
    "ConcurrentModificationException",
    "InternalErrorException",
    "InternalFailure",
    # IAM needs a while until a new role of the pool's SMS is known everywhere.
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
    "KMSInternalException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_PASSING_TEXTS = ("Role does not have a trust relationship", "Role does not have permission to publish with SNS")
_DENIED = {"AccessDenied", "AccessDeniedException", "NotAuthorizedException", "UnauthorizedOperation"}


@dataclass(frozen=True)
class Aws:
    """The clients of one invocation. None outlives it: a half-read connection must not meet the next request."""

    cognito: CognitoIdentityProviderClient
    kms: KMSClient

    @classmethod
    def connect(cls) -> Aws:
        return cls.of(boto3.session.Session())

    @classmethod
    def of(cls, session: boto3.session.Session, endpoint_url: str | None = None) -> Aws:
        cognito = session.client("cognito-idp", endpoint_url=endpoint_url, config=_CONFIG)
        keep_raw_bodies(cognito)
        return cls(cognito=cognito, kms=session.client("kms", endpoint_url=endpoint_url, config=_CONFIG))

    def close(self) -> None:
        self.cognito.close()
        self.kms.close()

    def pool(self, pool_id: str) -> UserPool:
        return UserPool(self.cognito, pool_id)

    def key(self, key_arn: str, pool_key: str | None) -> Key:
        """The key that was passed, and whether the pool's key is another name for it.

        Raises RefusedError when KMS does not know the key, DeniedError when we may not look.
        """
        found = self._describe_key(key_arn)
        if found is None:
            raise RefusedError(
                f"KMS key {key_arn} does not exist in {self.kms.meta.region_name}. Pass another KmsKeyArn."
            )
        aliases = {key_arn} if "alias/" in key_arn else set()
        if pool_key and "alias/" in pool_key and self._resolves_to(pool_key, found["Arn"]):
            aliases.add(pool_key)
        return Key(
            arn=found["Arn"],
            state=found.get("KeyState", ""),
            spec=found.get("KeySpec", ""),
            usage=found.get("KeyUsage", ""),
            aliases=frozenset(aliases),
        )

    def _resolves_to(self, alias: str, arn: str) -> bool:
        """Our role may look at one key only: an alias that we may not look at names another."""
        try:
            found = self._describe_key(alias)
        except DeniedError:
            return False
        return found is not None and found["Arn"] == arn

    def _describe_key(self, key_id: str) -> Mapping[str, Any] | None:
        if key_id.startswith("arn:") and arn_region(key_id) != self.kms.meta.region_name:
            return None
        try:
            return self.kms.describe_key(KeyId=key_id)["KeyMetadata"]
        except self.kms.exceptions.NotFoundException:
            return None
        except (ClientError, BotoCoreError) as error:
            raise _translated(error, "DescribeKey") from error


@dataclass(frozen=True)
class UserPool:
    """One user pool. Every method raises PassingError, DeniedError or RejectedError."""

    client: CognitoIdentityProviderClient
    pool_id: str

    @property
    def model(self) -> SettingsModel:
        return SettingsModel.of(self.client.meta.service_model)

    def settings(self) -> Settings:
        """Raises PoolGoneError, too."""
        try:
            answer: Mapping[str, Any] = self.client.describe_user_pool(UserPoolId=self.pool_id)
        except self.client.exceptions.ResourceNotFoundException as error:
            raise PoolGoneError(f"User pool {self.pool_id} does not exist.") from error
        except (ClientError, BotoCoreError) as error:
            raise _translated(error, "DescribeUserPool") from error
        return self.model.read(answer[_RAW]["UserPool"])

    def mfa(self) -> Mapping[str, Any]:
        """The MFA settings, which UpdateUserPool only partly carries, as they came over the wire."""
        try:
            answer: Mapping[str, Any] = self.client.get_user_pool_mfa_config(UserPoolId=self.pool_id)
        except self.client.exceptions.ResourceNotFoundException as error:
            raise PoolGoneError(f"User pool {self.pool_id} does not exist.") from error
        except (ClientError, BotoCoreError) as error:
            raise _translated(error, "GetUserPoolMfaConfig") from error
        raw: Mapping[str, Any] = answer[_RAW]
        return raw

    def update(self, request: Mapping[str, Any]) -> None:
        """Raises PoolGoneError, too; `request` carries the pool's id."""
        try:
            self.client.update_user_pool(**request)
        except (ClientError, BotoCoreError) as error:
            self._look_whether_gone(error)
            raise _translated(error, "UpdateUserPool") from error

    def untag(self, arn: str, keys: tuple[str, ...]) -> None:
        """Raises PoolGoneError, too."""
        try:
            self.client.untag_resource(ResourceArn=arn, TagKeys=list(keys))
        except (ClientError, BotoCoreError) as error:
            self._look_whether_gone(error)
            raise _translated(error, "UntagResource") from error

    def _look_whether_gone(self, error: ClientError | BotoCoreError) -> None:
        """A ResourceNotFoundException of a change may mean something that the pool points to."""
        if isinstance(error, self.client.exceptions.ResourceNotFoundException):
            self.settings()


def keep_raw_bodies(client: CognitoIdentityProviderClient) -> None:
    """Add each answer's own JSON to what botocore parses from it, under `RawBody`.

    botocore's parser drops members that its model does not know. The `before-parse` event sees the body as it came,
    after signing, sending and (for a client that has them) retries.
    """
    for operation in ("DescribeUserPool", "GetUserPoolMfaConfig"):
        client.meta.events.register(f"before-parse.cognito-identity-provider.{operation}", _keep_raw_body)


def _keep_raw_body(response_dict: Mapping[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    with contextlib.suppress(ValueError):  # what is no JSON is the parser's to report
        customized_response_dict[_RAW] = json.loads(response_dict["body"])


def _translated(error: ClientError | BotoCoreError, operation: str) -> AttachmentError:
    """AWS's own words, with what we know about them."""
    if isinstance(error, ClientError):
        return _translated_answer(error, operation)
    if isinstance(error, HTTPClientError | ResponseParserError | NotConnectedError):
        may_have_landed = not isinstance(error, NotConnectedError)
        return PassingError(f"{operation}: {error}", may_have_landed=may_have_landed)
    return RejectedError(f"{operation}: {error}")


def _translated_answer(error: ClientError, operation: str) -> AttachmentError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    text = f"{operation}: {code}: {message}"
    if code in _DENIED:
        return DeniedError(f"{text} (The attachment function's role, or the KMS key's policy, does not allow it.)")
    server_error = status >= _SERVER_ERROR or code in {"InternalErrorException", "InternalFailure"}
    if server_error or status == _TOO_MANY or code in _PASSING or message.startswith(_PASSING_TEXTS):
        return PassingError(text, may_have_landed=server_error)
    return RejectedError(text)
