"""Cognito's user pool settings in memory, stricter than AWS: what UpdateUserPool omits is reset, always.

Also members that no botocore knows: whoever reads them through an SDK that drops them would reset them on AWS, too.
Only MfaConfiguration may be kept, as it was measured (go-to-k/cdkd); with `keeps_mfa=False` it is reset as documented.

An oracle of its own: it shares no code with the attachment function, nor with the sandbox's Cognito, whose rules are
milder (tests/integration compares those with AWS's words). What holds here holds on both.

Speaks raw JSON at botocore's `before-send` event, so that signing, parsing and error handling are botocore's own:

    cognito = StrictCognito()
    cognito.add(pool)
    client = cognito.session().client("cognito-idp")
    cognito.fail(2, Fault.THROTTLED)     # the third call from now on
"""

import copy
import io
import itertools
import json
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.loaders import create_loader

ACCOUNT = "123456789012"
REGION = "eu-west-1"

_LOADER = create_loader()
_SERVICE = botocore.session.get_session().get_service_model("cognito-idp")
UPDATE_SHAPE = _SERVICE.operation_model("UpdateUserPool").input_shape
POOL_SHAPE = _SERVICE.operation_model("DescribeUserPool").output_shape.members["UserPool"]
WRITABLE = frozenset(UPDATE_SHAPE.members) - {"UserPoolId", "PoolName"}
READ_ONLY = frozenset(POOL_SHAPE.members) - WRITABLE
DEFAULTS = {"UserPoolTier": "ESSENTIALS", "MfaConfiguration": "OFF", "DeletionProtection": "INACTIVE"}
_TAG_VALUE = re.compile(r"[\w\s+\-=._:/@]{0,256}")


def quick_session(region: str) -> boto3.session.Session:
    """A session that need not read the API models again, which takes longer than most tests."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _LOADER)
    core.set_credentials("test", "test")
    return boto3.session.Session(botocore_session=core, region_name=region)


class Fault(Enum):
    """What may happen to one call."""

    THROTTLED = auto()
    BUSY = auto()
    ROLE_NOT_PROPAGATED = auto()
    DENIED = auto()
    SERVER_ERROR_BEFORE = auto()
    SERVER_ERROR_AFTER = auto()
    CONNECT_TIMEOUT = auto()
    READ_TIMEOUT_BEFORE = auto()
    READ_TIMEOUT_AFTER = auto()
    KILLED_BEFORE = auto()
    KILLED_AFTER = auto()


_AFTER = {Fault.SERVER_ERROR_AFTER, Fault.READ_TIMEOUT_AFTER, Fault.KILLED_AFTER}


class KilledError(BaseException):
    """The process of the function ends here."""


class AwsError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class StrictCognito:
    """`merge_tags`: UpdateUserPool adds tags and removes none. `unset`: what an omitted LambdaConfig or UserPoolTags
    reads as afterwards: None (not returned) or {}. `keeps_mfa`: UpdateUserPool keeps an omitted MfaConfiguration.
    `sms_mfa`: the pools whose second factor may be an SMS. `calls`: the operations so far;
    `happened`: the faults."""

    merge_tags: bool = False
    keeps_mfa: bool = True
    unset: dict[str, str] | None = None
    pools: dict[str, dict[str, Any]] = field(default_factory=dict)
    mfa: dict[str, dict[str, Any]] = field(default_factory=dict)
    sms_mfa: set[str] = field(default_factory=set)
    replicas: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    lasting: dict[str, Fault] = field(default_factory=dict)
    happened: list[Fault] = field(default_factory=list)
    before_call: Any = None

    def session(self) -> boto3.session.Session:
        session = quick_session(REGION)
        session.events.register("before-send", lambda request, **_: self.serve(request))
        return session

    def add(self, pool: dict[str, Any], mfa: dict[str, Any] | None = None) -> str:
        """A pool as CreateUserPool would have left it."""
        pool_id = pool["Id"]
        self.pools[pool_id] = self._settled(copy.deepcopy(pool))
        self.mfa[pool_id] = copy.deepcopy(mfa or {})
        if not self.mfa[pool_id].pop("AppOnly", False):
            self.sms_mfa.add(pool_id)
        return pool_id

    def add_key(self, arn: str, *names: str, **metadata: str) -> str:
        found = {
            "Arn": arn,
            "KeyId": arn.rpartition("/")[2],
            "KeyState": "Enabled",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            **metadata,
        }
        for name in (arn, *names):
            self.keys[name] = found
        return arn

    def fail(self, index: int, fault: Fault) -> None:
        """Let call number `index`, counted from now, go wrong."""
        self.faults[len(self.calls) + index] = fault

    def fail_always(self, operation: str, fault: Fault) -> None:
        """Let every call of an operation go wrong, until `lasting` is cleared."""
        self.lasting[operation] = fault

    def raw(self, pool_id: str) -> dict[str, Any]:
        """Everything that DescribeUserPool and GetUserPoolMfaConfig show, but the date of the last change."""
        shown = {name: value for name, value in self.pools[pool_id].items() if name != "LastModifiedDate"}
        return copy.deepcopy({"UserPool": shown, "Mfa": self._mfa_config({"UserPoolId": pool_id})})

    def serve(self, request: Any) -> AWSResponse:
        """The response to a signed request. Raises what botocore's transport would."""
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        number, body = len(self.calls), json.loads(request.body)
        self.calls.append(operation)
        self.requests.append(body)
        if self.before_call:
            self.before_call(self, operation)
        fault = self.faults.pop(number, None) or self.lasting.get(operation)
        self.happened += [fault] if fault else []
        if fault and fault not in _AFTER:
            return self._go_wrong(fault, request.url)
        answer = self._answer(operation, body, request.url)
        return self._go_wrong(fault, request.url) if fault else answer

    def _answer(self, operation: str, body: dict[str, Any], url: str) -> AWSResponse:
        try:
            return _response(url, 200, getattr(self, f"_{_snake(operation)}")(body))
        except AwsError as error:
            return _response(url, error.status, {"__type": error.code, "message": str(error)})

    def _go_wrong(self, fault: Fault, url: str) -> AWSResponse:
        errors = {
            Fault.THROTTLED: (400, "TooManyRequestsException", "Too many requests"),
            Fault.BUSY: (400, "ConcurrentModificationException", "Concurrent modification"),
            Fault.ROLE_NOT_PROPAGATED: (
                400,
                "InvalidSmsRoleTrustRelationshipException",
                "Role does not have a trust relationship allowing Cognito to assume the role",
            ),
            Fault.DENIED: (400, "AccessDeniedException", "User is not authorized to perform this"),
            Fault.SERVER_ERROR_BEFORE: (500, "InternalErrorException", "Something went wrong"),
            Fault.SERVER_ERROR_AFTER: (500, "InternalErrorException", "Something went wrong"),
        }
        if fault in errors:
            status, code, message = errors[fault]
            return _response(url, status, {"__type": code, "message": message})
        if fault is Fault.CONNECT_TIMEOUT:
            raise ConnectTimeoutError(endpoint_url=url)
        if fault in (Fault.READ_TIMEOUT_BEFORE, Fault.READ_TIMEOUT_AFTER):
            raise ReadTimeoutError(endpoint_url=url)
        raise KilledError

    def _pool(self, pool_id: str) -> dict[str, Any]:
        if pool_id not in self.pools:
            raise AwsError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        return self.pools[pool_id]

    def _describe_user_pool(self, body):
        return {"UserPool": self._pool(body["UserPoolId"])}

    def _get_user_pool_mfa_config(self, body):
        return self._mfa_config(body)

    def _mfa_config(self, body):
        pool = self._pool(body["UserPoolId"])
        sms = {
            name: pool[source]
            for name, source in (
                ("SmsAuthenticationMessage", "SmsAuthenticationMessage"),
                ("SmsConfiguration", "SmsConfiguration"),
            )
            if source in pool
        }
        shown = {**self.mfa[body["UserPoolId"]], "MfaConfiguration": pool["MfaConfiguration"]}
        return {**shown, "SmsMfaConfiguration": sms} if sms and body["UserPoolId"] in self.sms_mfa else shown

    def _set_user_pool_mfa_config(self, body):
        """A full replace (API SetUserPoolMfaConfig)."""
        pool, factors = self._pool(body["UserPoolId"]), dict(body)
        pool_id = factors.pop("UserPoolId")
        pool["MfaConfiguration"] = factors.pop("MfaConfiguration", "OFF")
        sms = factors.pop("SmsMfaConfiguration", None)
        (self.sms_mfa.add if sms else self.sms_mfa.discard)(pool_id)
        pool.update(copy.deepcopy(sms or {}))
        self.mfa[pool_id] = copy.deepcopy(factors)
        return self._mfa_config(body)

    def _list_user_pool_replicas(self, body):
        self._pool(body["UserPoolId"])
        regions = {REGION: "ACTIVE", **self.replicas}
        return {"UserPoolReplicas": [{"RegionName": name, "Status": status} for name, status in regions.items()]}

    def _update_user_pool(self, body):
        pool = self._pool(body["UserPoolId"])
        settings = {name: value for name, value in body.items() if name not in ("UserPoolId", "PoolName")}
        validate(settings)
        kept = {name: value for name, value in pool.items() if name in READ_ONLY}
        if self.keeps_mfa:
            settings.setdefault("MfaConfiguration", pool["MfaConfiguration"])
        if {"MfaConfiguration", "SmsConfiguration"} <= set(body):
            # Together they switch SMS MFA on, for good (cloudformation-coverage-roadmap#1981).
            self.sms_mfa.add(body["UserPoolId"])
        tags = pool.get("UserPoolTags") or {}
        reserved = {key: value for key, value in tags.items() if key.startswith("aws:")}
        staying = tags if self.merge_tags else reserved
        if staying or "UserPoolTags" in settings:
            settings["UserPoolTags"] = {**staying, **settings.get("UserPoolTags", {})}
        if "PoolName" in body:
            kept["Name"] = body["PoolName"]
        self.pools[body["UserPoolId"]] = self._settled({**kept, **copy.deepcopy(settings)})
        return {}

    def _settled(self, pool: dict[str, Any]) -> dict[str, Any]:
        """As AWS shows it: defaults filled in, the deprecated validity mirrored, modified just now."""
        settled = {**DEFAULTS, **pool, "LastModifiedDate": next(_moments)}
        if not settled.get("UserPoolTags"):  # without tags it looks the same, however that came about
            settled.pop("UserPoolTags", None)
        for name in ("LambdaConfig", "UserPoolTags"):
            if name not in settled and self.unset is not None:
                settled[name] = dict(self.unset)
        validity = settled.get("Policies", {}).get("PasswordPolicy", {}).get("TemporaryPasswordValidityDays")
        if validity is not None and "AdminCreateUserConfig" in settled:
            settled["AdminCreateUserConfig"]["UnusedAccountValidityDays"] = validity
        return settled

    def _tag_resource(self, body):
        pool = self._pool(body["ResourceArn"].rpartition("/")[2])
        pool["UserPoolTags"] = {**pool.get("UserPoolTags", {}), **body["Tags"]}
        return {}

    def _untag_resource(self, body):
        pool_id = body["ResourceArn"].rpartition("/")[2]
        tags = self._pool(pool_id).get("UserPoolTags", {})
        for key in body["TagKeys"]:
            tags.pop(key, None)
        self.pools[pool_id] = self._settled(self.pools[pool_id])
        return {}

    def _describe_key(self, body):
        if body["KeyId"] not in self.keys:
            raise AwsError("NotFoundException", f"Key '{body['KeyId']}' does not exist")
        return {"KeyMetadata": self.keys[body["KeyId"]]}


def validate(settings: dict[str, Any]) -> None:
    """The rules of UpdateUserPool that cross its fields, in AWS's words where they are published."""
    problems = itertools.chain(
        _empties(settings, ""), _unknown(settings), _conflicts(settings), _tag_problems(settings)
    )
    for problem in problems:
        raise AwsError("InvalidParameterException", problem)


def _unknown(settings):
    return (f"Unknown parameter {name}" for name in settings if name not in WRITABLE)


def _empties(value, path):
    if path.startswith("UserPoolTags"):
        return
    if value == "" and not path.endswith(("ExternalId", "From", "SnsCallerArn", "Id", "Name", "Identity")):
        yield f"1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must not be empty"
    if value is None:
        yield f"Value null at '{path}'"
    for name, member in value.items() if isinstance(value, dict) else ():
        yield from _empties(member, f"{path}.{name}".strip("."))


def _conflicts(settings):
    config = settings.get("LambdaConfig", {})
    senders = {"CustomSMSSender", "CustomEmailSender"} & set(config)
    if senders and "KMSKeyID" not in config:
        yield "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used."
    pre_token = config.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    if pre_token and config.get("PreTokenGeneration") != pre_token:
        yield "PreTokenGeneration and PreTokenGenerationConfig must have the same Lambda ARN"
    for name in ("SmsConfiguration", "UserPoolAddOns"):
        if settings.get(name) == {}:
            yield f"{name} must not be empty"
    if "AccountRecoverySetting" in settings and not settings["AccountRecoverySetting"].get("RecoveryMechanisms"):
        yield "Account Recovery Setting must have at least one recovery mechanism."
    password = settings.get("Policies", {}).get("PasswordPolicy", {})
    if "TemporaryPasswordValidityDays" in password and "UnusedAccountValidityDays" in settings.get(
        "AdminCreateUserConfig", {}
    ):
        yield (
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays "
            "in AdminCreateUserConfig"
        )


def _tag_problems(settings):
    tags = settings.get("UserPoolTags", {})
    if any(key.startswith("aws:") for key in tags):
        yield "aws: prefixed tag key names are not allowed for external use."
    if len(tags) > 50:
        yield "The maximum number of tags is 50"
    for key, value in tags.items():
        if not _TAG_VALUE.fullmatch(value) or len(key) > 128:
            yield f"Tag {key} is not valid"


def _response(url, status, body):
    return AWSResponse(url, status, {"Content-Type": "application/x-amz-json-1.1"}, RawBody(json.dumps(body).encode()))


class RawBody(io.BytesIO):
    def stream(self, **_):
        yield self.read()


def _snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


_moments = itertools.count(1_700_000_000)
