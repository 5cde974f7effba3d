"""Refuses settings of a user pool that contradict each other, and says what becomes of those left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sms_redirect.pool_rules import conflicts, texts
from sms_redirect.sandbox.cognito.values.pool import Factors, Pool
from sms_redirect.sandbox.errors import CognitoError

Settings = Mapping[str, Any]

NOT_SETTINGS = ("UserPoolId", "PoolName", "Schema", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
DELETION_PROTECTED = (
    "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated"
    " first."
)
NO_FACTOR = "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."


def check(settings: Settings, region: str, *, other_factor: bool) -> None:
    """Refuse settings that contradict each other. `other_factor`: the pool has a second factor beside SMS.

    Raises:
        CognitoError: the first thing that is wrong.
    """
    for violation in (*conflicts.find(settings, region, other_factor=other_factor), *texts.invitation(settings)):
        raise _invalid(violation.constraint)


def check_tags(tags: Iterable[str]) -> None:
    """Refuse tags of AWS's own.

    Raises:
        CognitoError: a tag begins with `aws:`.
    """
    for violation in conflicts.system_tags(list(tags)):
        raise _invalid(violation.constraint)


def settled(settings: Settings, *, system_tags: Mapping[str, str]) -> dict[str, Any]:
    """A pool's settings after a request: what it leaves out is at its default, or gone if that is unset.

    Stricter than AWS, which keeps some: docs/cognito-facts.md, "UpdateUserPool". `MfaConfiguration` stays, see `kept`.
    """
    given = {name: value for name, value in settings.items() if name not in NOT_SETTINGS and value not in ({}, [])}
    policies, days = _policies(given.get("Policies", {}), given.get("AdminCreateUserConfig", {}))
    template = given.get("VerificationMessageTemplate", {})
    defaults: dict[str, Any] = {
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "MfaConfiguration": "OFF",
        "UserPoolTier": "ESSENTIALS",
    }
    return {
        **defaults,
        **given,
        **_device(settings),
        **({"SmsConfiguration": _sms(given["SmsConfiguration"])} if "SmsConfiguration" in given else {}),
        "Policies": policies,
        "AdminCreateUserConfig": _admin_create_user(given.get("AdminCreateUserConfig", {}), days),
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT", **given.get("EmailConfiguration", {})},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE", **template},
        "UserPoolTags": {**given.get("UserPoolTags", {}), **system_tags},
    }


def kept(pool: Pool, request: Settings) -> dict[str, Any]:
    """The request of an update, with what AWS keeps although it was left out: `MfaConfiguration` (go-to-k/cdkd)."""
    return {"MfaConfiguration": pool.mfa, **request}


def described(settings: Settings) -> dict[str, Any]:
    """Settings as DescribeUserPool shows them: unset texts and empty structures are left out."""
    return {
        name: value
        for name, value in settings.items()
        if value not in (None, "", {}, []) or name in ("LambdaConfig", "UserPoolTags")
    }


def system_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key.startswith(conflicts.SYSTEM_TAG)}


def factors_after_update(factors: Factors, settings: Settings) -> bool:
    """Whether SMS is a factor after UpdateUserPool.

    It says nothing about factors but this: no SMS without its role, and SMS where MFA has no other.
    """
    needed = settings.get("MfaConfiguration", "OFF") != "OFF" and not has_other(factors)
    return "SmsConfiguration" in settings and (needed or factors.sms)


def has_other(factors: Factors) -> bool:
    """Whether a pool has a second factor beside SMS."""
    return bool(factors.software_token) or bool(factors.email)


def _sms(given: Settings) -> dict[str, Any]:
    """EumsSms and SnsCallerArn exclude each other: End User Messaging is what remains (API SmsConfigurationType)."""
    if "EumsSms" not in given:
        return dict(given)
    return {name: value for name, value in given.items() if name not in ("SnsCallerArn", "ExternalId", "SnsRegion")}


def _policies(policies: Mapping[str, Any], admin: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """The policies in full, and the days that a temporary password is valid."""
    given = policies.get("PasswordPolicy", {})
    required = not given  # a policy of one's own requires nothing that it does not name
    days = given.get("TemporaryPasswordValidityDays") or admin.get("UnusedAccountValidityDays") or 7
    password = {
        "MinimumLength": 8,
        "RequireUppercase": required,
        "RequireLowercase": required,
        "RequireNumbers": required,
        "RequireSymbols": required,
        "TemporaryPasswordValidityDays": days,
        **given,
    }
    return {**policies, "PasswordPolicy": password}, int(password["TemporaryPasswordValidityDays"])


def _admin_create_user(given: Mapping[str, Any], days: int) -> dict[str, Any]:
    stays = {name: value for name, value in given.items() if value != {}}
    # AWS shows the days under their old name too.
    return {"AllowAdminCreateUserOnly": False, **stays, "UnusedAccountValidityDays": days}


def _device(settings: Settings) -> dict[str, Any]:
    """Any value, even an empty one, turns device remembering on."""
    if "DeviceConfiguration" not in settings:
        return {}
    off = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
    return {"DeviceConfiguration": {**off, **settings["DeviceConfiguration"]}}


def _invalid(message: str) -> CognitoError:
    return CognitoError("InvalidParameterException", message)
