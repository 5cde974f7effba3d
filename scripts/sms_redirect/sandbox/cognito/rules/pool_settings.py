"""What a user pool's settings must have in common, and what becomes of those left out.

Texts of AWS are quoted where users published them (cdk-preflight, terraform-provider-aws, aws-sdk-js). Where no text is
known, it is the sandbox's own, and only the code is AWS's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sms_redirect.sandbox.cognito.values.pool import Factors, Pool
from sms_redirect.sandbox.errors import CognitoError

Settings = Mapping[str, Any]

SYSTEM_TAG = "aws:"
CUSTOM_SENDERS = ("CustomSMSSender", "CustomEmailSender")
NOT_SETTINGS = ("UserPoolId", "PoolName", "Schema", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
# AWS has no SNS text messaging in Seoul: there Cognito must send through Tokyo (API SmsConfigurationType.SnsRegion,
# DG/user-pool-sms-settings).
SNS_REGION_OF = {"ap-northeast-2": "ap-northeast-1"}

DELETION_PROTECTED = (
    "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated"
    " first."
)
SMS_NEEDED_FOR_MFA = (
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
)
NO_FACTOR = "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
ONE_TIME_PASSWORD_WITH_MFA = (
    "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"  # noqa: S105 - a text
)


def check(settings: Settings, region: str, *, other_factor: bool) -> None:
    """Refuse settings that contradict each other. `other_factor`: the pool has a second factor beside SMS.

    Raises:
        CognitoError: the first thing that is wrong.
    """
    _check_triggers(settings.get("LambdaConfig", {}), region)
    _check_empty(settings)
    _check_validity_days(settings)
    _check_sms(settings, region)
    mfa = settings.get("MfaConfiguration", "OFF")
    if mfa != "OFF" and not other_factor and "SmsConfiguration" not in settings:
        raise _invalid(SMS_NEEDED_FOR_MFA)
    check_first_factors(mfa, _first_factors(settings))


def check_first_factors(mfa: str, first_factors: Iterable[str]) -> None:
    """Raises CognitoError if MFA is required and one-time passwords are a first factor."""
    if mfa == "ON" and {"SMS_OTP", "EMAIL_OTP"} & set(first_factors):
        raise _invalid(ONE_TIME_PASSWORD_WITH_MFA)


def check_sign_in(request: Settings) -> None:
    """What is fixed when a pool is made: how users are named."""
    if request.get("UsernameAttributes") and request.get("AliasAttributes"):
        raise _invalid("Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")


def check_tags(tags: Iterable[str]) -> None:
    """System tags belong to AWS. Whether AWS minds them unchanged is unknown, so they are refused in any case.

    Raises:
        CognitoError: a tag begins with `aws:`.
    """
    system = sorted(key for key in tags if key.lower().startswith(SYSTEM_TAG))
    if system:
        raise _invalid(f"System tags cannot be added/updated/deleted: {', '.join(system)}.")  # AWS's text is unknown


def settled(settings: Settings, *, system_tags: Mapping[str, str]) -> dict[str, Any]:
    """A pool's settings after a request: what it leaves out is at its default, or gone if that is unset.

    Stricter than AWS, which keeps some (observed by go-to-k/cdkd). `MfaConfiguration` is the one that stays, see
    `kept`.
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
    return {key: value for key, value in tags.items() if key.startswith(SYSTEM_TAG)}


def factors_after_update(factors: Factors, settings: Settings) -> bool:
    """Whether SMS is a factor after UpdateUserPool.

    It says nothing about factors but this: no SMS without its role, and SMS where MFA has no other.
    """
    needed = settings.get("MfaConfiguration", "OFF") != "OFF" and not has_other(factors)
    return "SmsConfiguration" in settings and (needed or factors.sms)


def has_other(factors: Factors) -> bool:
    """Whether a pool has a second factor beside SMS."""
    return bool(factors.software_token) or bool(factors.email)


def function_arns(triggers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The functions of a LambdaConfig, by trigger."""
    for trigger, value in triggers.items():
        arn = value.get("LambdaArn") if isinstance(value, Mapping) else value
        if trigger != "KMSKeyID" and arn:
            yield trigger, arn


def _check_triggers(triggers: Mapping[str, Any], region: str) -> None:
    key = triggers.get("KMSKeyID")
    if key is None and any(sender in triggers for sender in CUSTOM_SENDERS):
        raise _invalid("KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.")
    if key is not None and _region(key) != region:
        raise _invalid(f"Invalid arn {_region(key)}")
    if any(_region(arn) != region for _, arn in function_arns(triggers)):
        raise _invalid("Cross-region lambda functions are not supported")
    versioned = triggers.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    plain = triggers.get("PreTokenGeneration")
    if plain and versioned and plain != versioned:
        raise _invalid(
            "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's"
        )


def _check_empty(settings: Settings) -> None:
    # UserPoolAddOns {} and RecoveryMechanisms [] already fail by their shape.
    for name in ("SmsConfiguration", "AccountRecoverySetting"):
        if settings.get(name) == {}:
            raise _invalid(f"{name} must not be empty.")  # AWS's text is unknown


def _check_validity_days(settings: Settings) -> None:
    password = settings.get("Policies", {}).get("PasswordPolicy", {})
    # 0 is how Terraform says that it is unset.
    unused = settings.get("AdminCreateUserConfig", {}).get("UnusedAccountValidityDays", 0)
    if unused != 0 and "TemporaryPasswordValidityDays" in password:
        raise _invalid(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        )


def _check_sms(settings: Settings, region: str) -> None:
    if "SmsConfiguration" in settings:
        _check_sns_region(settings["SmsConfiguration"], region)
        return
    if "phone_number" in settings.get("AutoVerifiedAttributes", []):
        raise _invalid("SMS configuration is required when phone_number is selected for auto verification")
    if "SMS_OTP" in _first_factors(settings):
        raise _invalid(
            "SMS configuration is required when SMS_OTP is an allowed first factor."
        )  # AWS's text is unknown


def _check_sns_region(sms: Settings, region: str) -> None:
    chosen, needed = sms.get("SnsRegion"), SNS_REGION_OF.get(region)
    if needed is not None and sms.get("SnsCallerArn") and chosen not in (None, needed):
        # AWS's text is unknown
        raise _invalid(f"SnsRegion {chosen} is not supported for user pools in {region}. Use {needed}.")


def _first_factors(settings: Settings) -> list[str]:
    factors: list[str] = settings.get("Policies", {}).get("SignInPolicy", {}).get("AllowedFirstAuthFactors", [])
    return factors


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


def _region(arn: str) -> str:
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004 - arn:partition:service:region


def _invalid(message: str) -> CognitoError:
    return CognitoError("InvalidParameterException", message)
