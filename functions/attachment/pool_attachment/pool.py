"""The only calls to AWS: read, update, tag and untag a user pool, and look at the key.

Each call is tried once here. Its caller decides about a retry with what has been seen since: an UpdateUserPool that
timed out may have landed, so it is never sent again blindly (that is why botocore's own retries are off).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from pool_attachment.aws_errors import FAILURES, translated
from pool_attachment.errors import DeniedError, PoolGoneError, RefusedError, TransientError
from pool_attachment.key import Key, arn_region
from pool_attachment.settings import Settings, SettingsModel

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_kms import KMSClient

THE_FUNCTION = "The attachment function's role"

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})
_RAW = "RawBody"


@dataclass(frozen=True)
class Aws:
    """The clients of one invocation. None outlives it: a half-read connection must not meet the next request.

    `caller`: whose permissions count, as a denial should name them.
    """

    cognito: CognitoIdentityProviderClient
    kms: KMSClient
    caller: str = THE_FUNCTION

    @classmethod
    def connect(cls) -> Aws:
        return cls.of(boto3.session.Session())

    @classmethod
    def of(cls, session: boto3.session.Session, endpoint_url: str | None = None, caller: str = THE_FUNCTION) -> Aws:
        cognito = session.client("cognito-idp", endpoint_url=endpoint_url, config=_CONFIG)
        keep_raw_bodies(cognito)
        return cls(cognito, session.client("kms", endpoint_url=endpoint_url, config=_CONFIG), caller)

    def close(self) -> None:
        self.cognito.close()
        self.kms.close()

    def pool(self, pool_id: str) -> UserPool:
        return UserPool(self.cognito, pool_id, self.caller)

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
        except FAILURES as error:
            raise translated(error, "DescribeKey", self.caller) from error


@dataclass(frozen=True)
class UserPool:
    """One user pool. Every method raises PoolGoneError, TransientError, DeniedError, SmsRoleError or RejectedError."""

    client: CognitoIdentityProviderClient
    pool_id: str
    caller: str = THE_FUNCTION

    @property
    def model(self) -> SettingsModel:
        return SettingsModel.of(self.client.meta.service_model)

    @property
    def region(self) -> str:
        return self.client.meta.region_name

    def settings(self) -> Settings:
        response = self._read("DescribeUserPool", self.client.describe_user_pool)
        if not isinstance(response.get("UserPool"), Mapping):
            raise TransientError("DescribeUserPool: the response has no UserPool", may_have_landed=False)
        return self.model.read(response["UserPool"])

    def mfa(self) -> Mapping[str, Any]:
        """The MFA settings, which UpdateUserPool only partly carries, as they came over the wire."""
        return self._read("GetUserPoolMfaConfig", self.client.get_user_pool_mfa_config)

    def update(self, request: Mapping[str, Any]) -> None:
        """`request` carries the pool's id."""
        self._change("UpdateUserPool", request, lambda: self.client.update_user_pool(**request))

    def set_mfa(self, config: Mapping[str, Any]) -> None:
        """Replaces all MFA settings by `config`, a reading of `mfa`."""
        request = {"UserPoolId": self.pool_id, **config}
        self._change("SetUserPoolMfaConfig", request, lambda: self.client.set_user_pool_mfa_config(**request))

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        self._change("TagResource", {}, lambda: self.client.tag_resource(ResourceArn=arn, Tags=tags))

    def untag(self, arn: str, keys: tuple[str, ...]) -> None:
        self._change("UntagResource", {}, lambda: self.client.untag_resource(ResourceArn=arn, TagKeys=list(keys)))

    def replicas(self) -> Mapping[str, str]:
        """The other regions in which the pool is used, each with its status. Empty if that cannot be found out.

        Triggers and SMS settings are a region's own (DG "Multi-Region replication for user pools").
        """
        client: Any = self.client  # the type stubs are older than the operation
        found, page = list[Mapping[str, str]](), {"UserPoolId": self.pool_id}
        try:
            while True:
                response = client.list_user_pool_replicas(**page)
                found += response.get("UserPoolReplicas", ())
                if not (token := response.get("NextToken")):
                    break
                page["NextToken"] = token
        except FAILURES:
            pass  # not every endpoint knows replicas, and nothing depends on them
        return {each["RegionName"]: each.get("Status", "") for each in found if each["RegionName"] != self.region}

    def _read(self, operation: str, call: Callable[..., Any]) -> Mapping[str, Any]:
        try:
            raw = call(UserPoolId=self.pool_id).get(_RAW)
        except self.client.exceptions.ResourceNotFoundException as error:
            raise PoolGoneError(self._not_here()) from error
        except FAILURES as error:
            raise translated(error, operation, self.caller) from error
        if not isinstance(raw, Mapping):
            raise TransientError(f"{operation}: the response is not a JSON object", may_have_landed=False)
        return raw

    def _change(self, operation: str, request: Mapping[str, Any], call: Callable[[], Any]) -> None:
        try:
            call()
        except FAILURES as error:
            if isinstance(error, self.client.exceptions.ResourceNotFoundException):
                self.settings()  # raises when it is the pool that is gone, and not something that it points to
            raise translated(error, operation, self.caller, request) from error

    def _not_here(self) -> str:
        """A replica has its primary's id, so another region in the id alone says nothing."""
        made_in = self.pool_id.partition("_")[0]
        text = f"User pool {self.pool_id} does not exist in {self.region}."
        if made_in == self.region:
            return text
        return f"{text} Its id says {made_in}: use that region, or one that the pool is replicated to."


def keep_raw_bodies(client: CognitoIdentityProviderClient) -> None:
    """Add each response's own JSON to what botocore parses from it, under `RawBody`.

    botocore's parser drops members that its model does not know. The `before-parse` event sees the body as it came,
    after signing, sending and (for a client that has them) retries.
    """
    for operation in ("DescribeUserPool", "GetUserPoolMfaConfig"):
        client.meta.events.register(f"before-parse.cognito-identity-provider.{operation}", _keep_raw_body)


def _keep_raw_body(response_dict: Mapping[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    with contextlib.suppress(ValueError):  # what is not JSON is the parser's to report
        customized_response_dict[_RAW] = json.loads(response_dict["body"])
