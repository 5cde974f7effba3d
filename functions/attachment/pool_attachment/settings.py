"""A pool's raw settings, and what of them UpdateUserPool takes: read from the bundled botocore's own shapes.

UpdateUserPool resets what is omitted, so everything it takes must go back; and what this botocore does not know, it
cannot send back, so the pool must not be touched at all: docs/cognito-facts.md, "UpdateUserPool".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

BOTOCORE_VERSION = botocore.__version__

# AWS rejects these when they are empty although the model requires nothing in them (measured in go-to-k/cdkd).
_REJECTED_WHEN_EMPTY = {"SmsConfiguration", "AccountRecoverySetting"}
# Kept by Cognito if omitted (measured in go-to-k/cdkd); sent beside SmsConfiguration it can switch SMS MFA on for good
# (cloudformation-coverage-roadmap#1981). GetUserPoolMfaConfig is compared instead.
_NEVER_SENT = {"MfaConfiguration"}
_DROP = object()


@dataclass(frozen=True)
class Settings:
    """One reading of a pool.

    `raw`: DescribeUserPool's `UserPool` as it came over the wire. `update`: the members that go back to UpdateUserPool,
    in the form in which it takes them, without `UserPoolId` and `MfaConfiguration`. `unknown`: paths of members that
    the bundled botocore has never heard of.
    """

    raw: Mapping[str, Any]
    update: Mapping[str, Any]
    unknown: tuple[str, ...] = ()

    @property
    def pool_id(self) -> str:
        return str(self.raw["Id"])

    @property
    def arn(self) -> str:
        return str(self.raw["Arn"])

    @property
    def users(self) -> int:
        """Cognito's own estimate, hours old."""
        return int(self.raw.get("EstimatedNumberOfUsers") or 0)

    @property
    def lambda_config(self) -> Mapping[str, Any]:
        return self.update.get("LambdaConfig") or {}

    @property
    def sms_sender(self) -> Mapping[str, str] | None:
        return self.lambda_config.get("CustomSMSSender")

    @property
    def sms_sender_arn(self) -> str | None:
        return (self.sms_sender or {}).get("LambdaArn")

    @property
    def key(self) -> str | None:
        return self.lambda_config.get("KMSKeyID")

    @property
    def tags(self) -> Mapping[str, str]:
        """Without AWS's own `aws:*` tags."""
        return self.update.get("UserPoolTags") or {}


@dataclass(frozen=True)
class SettingsModel:
    """What the bundled botocore knows of UpdateUserPool and DescribeUserPool."""

    writable: StructureShape
    readable: StructureShape

    @classmethod
    def of(cls, service: ServiceModel) -> SettingsModel:
        output = service.operation_model("DescribeUserPool").output_shape
        writable = service.operation_model("UpdateUserPool").input_shape
        return cls(writable=writable, readable=output.members["UserPool"])  # type: ignore[arg-type,union-attr]

    def read(self, raw: Mapping[str, Any]) -> Settings:
        reader = _Reader()
        known = {name: value for name, value in raw.items() if name not in self.read_only | _NEVER_SENT}
        update = reader.structure(known, self.writable, "")
        _drop_deprecated_validity(update)
        return Settings(raw=raw, update=update, unknown=tuple(reader.unknown))

    def invalid(self, request: Mapping[str, Any]) -> str | None:
        """Why botocore would not send the request, or None."""
        report = ParamValidator().validate(request, self.writable)
        return report.generate_report() if report.has_errors() else None

    @property
    def read_only(self) -> frozenset[str]:
        return frozenset(set(self.readable.members) - set(self.writable.members))


def _drop_deprecated_validity(update: dict[str, Any]) -> None:
    """Cognito returns both and rejects both at once (`Please use TemporaryPasswordValidityDays ...`)."""
    password = update.get("Policies", {}).get("PasswordPolicy", {})
    if "TemporaryPasswordValidityDays" in password:
        update.get("AdminCreateUserConfig", {}).pop("UnusedAccountValidityDays", None)


@dataclass
class _Reader:
    """Copies what a shape takes, and notes the paths of what it does not know."""

    unknown: list[str] = field(default_factory=list)

    def structure(self, raw: Mapping[str, Any], shape: StructureShape, path: str) -> dict[str, Any]:
        copied = {}
        for name, value in raw.items():
            member_path = f"{path}.{name}" if path else name
            if name not in shape.members:
                self.unknown.append(member_path)
            elif (copy := self._value(value, shape.members[name], member_path)) is not _DROP:
                copied[name] = copy
        return copied

    def _value(self, raw: Any, shape: Shape, path: str) -> Any:
        if raw is None:
            return _DROP
        if isinstance(shape, StructureShape):
            return self._structure(raw, shape, path)
        if isinstance(shape, ListShape) and isinstance(raw, list):
            return self._list(raw, shape, path)
        if isinstance(shape, MapShape) and isinstance(raw, Mapping):
            return self._map(raw, shape, path)
        # An unset text: AWS omits it, emulators return "", UpdateUserPool rejects it. Where the model allows an empty
        # string (a tag's value) it is a value like any other.
        return _DROP if raw == "" and shape.metadata.get("min") != 0 else raw

    def _structure(self, raw: Any, shape: StructureShape, path: str) -> Any:
        if not isinstance(raw, Mapping):
            self.unknown.append(path)
            return _DROP
        copied = self.structure(raw, shape, path)
        rejected_when_empty = shape.required_members or path in _REJECTED_WHEN_EMPTY
        return _DROP if rejected_when_empty and not copied else copied

    def _list(self, raw: list[Any], shape: ListShape, path: str) -> Any:
        copies = [self._value(each, shape.member, f"{path}[]") for each in raw]
        copied = [each for each in copies if each is not _DROP]
        return _DROP if shape.metadata.get("min") and not copied else copied

    def _map(self, raw: Mapping[str, Any], shape: MapShape, path: str) -> dict[str, Any]:
        own = {key: value for key, value in raw.items() if not (path == "UserPoolTags" and _reserved(key))}
        copies = {key: self._value(value, shape.value, f"{path}.{key}") for key, value in own.items()}
        return {key: value for key, value in copies.items() if value is not _DROP}


def _reserved(tag: str) -> bool:
    return tag.lower().startswith("aws:")
