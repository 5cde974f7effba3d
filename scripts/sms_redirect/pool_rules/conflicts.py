"""Settings of a pool that Cognito refuses together, though each is fine by itself.

Texts of AWS are quoted where users published them (`source` says where). Where no text is known, it is ours, and only
the refusal is AWS's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sms_redirect.pool_rules.violation import Path, Violation, value_at

Settings = Mapping[str, Any]

SYSTEM_TAG = "aws:"
CUSTOM_SENDERS = ("CustomSMSSender", "CustomEmailSender")
SMS_NEEDED_FOR_MFA = (
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
)
NOT_WITH_MFA = "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
# SNS sends no text messages from Seoul: there Cognito must send through Tokyo.
SNS_REGION_OF: Mapping[str, str] = MappingProxyType({"ap-northeast-2": "ap-northeast-1"})
FIRST_FACTORS = ("Policies", "SignInPolicy", "AllowedFirstAuthFactors")
_PREFLIGHT = "badmintoncryer/cdk-preflight"
_MEASURED = "go-to-k/cdkd"


def find(settings: Settings, region: str, *, other_factor: bool) -> Iterator[Violation]:
    """Every conflict, in the order in which the sandbox refuses them. `settings` are of the model's shape.

    `region` is the pool's; `other_factor`: it has a second factor beside SMS. An `Unknown` conflicts with nothing.
    """
    yield from _triggers(settings.get("LambdaConfig"), region)
    yield from _empty(settings)
    yield from _validity_days(settings)
    yield from _sms(settings, region)
    yield from _mfa(settings, other_factor=other_factor)
    yield from _sign_in(settings)


def system_tags(tags: Any) -> Iterator[Violation]:
    """System tags belong to AWS. Whether AWS minds them unchanged is unknown, so they are refused in any case."""
    names = (name for name in tags if isinstance(name, str)) if isinstance(tags, Mapping | list) else ()
    if system := sorted(name for name in names if name.lower().startswith(SYSTEM_TAG)):
        text = f"System tags cannot be added/updated/deleted: {', '.join(system)}."  # AWS's text is unknown
        yield _conflict(("UserPoolTags",), text, "Tagging AWS resources, Tag naming limits and requirements")


def first_factors(settings: Settings) -> list[str]:
    """How users may begin to sign in, as far as the settings say."""
    found = value_at(settings, *FIRST_FACTORS)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _triggers(triggers: Any, region: str) -> Iterator[Violation]:
    if not isinstance(triggers, Mapping):
        return
    key = triggers.get("KMSKeyID")
    if key is None and any(isinstance(triggers.get(sender), Mapping) for sender in CUSTOM_SENDERS):
        text = "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used."
        yield _conflict(("LambdaConfig", "KMSKeyID"), text, _PREFLIGHT)
    if isinstance(key, str) and _region(key) != region:
        yield _conflict(("LambdaConfig", "KMSKeyID"), f"Invalid arn {_region(key)}", _PREFLIGHT)
    for trigger, arn in _function_arns(triggers):
        if _region(arn) != region:
            text = "Cross-region lambda functions are not supported"
            yield _conflict(("LambdaConfig", trigger), text, _PREFLIGHT)
    versioned = value_at(triggers, "PreTokenGenerationConfig", "LambdaArn")
    plain = triggers.get("PreTokenGeneration")
    if isinstance(plain, str) and isinstance(versioned, str) and plain != versioned:
        text = "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's"
        yield _conflict(("LambdaConfig", "PreTokenGeneration"), text, _PREFLIGHT)


def _function_arns(triggers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The functions of a LambdaConfig, by trigger."""
    for trigger, value in triggers.items():
        arn = value.get("LambdaArn") if isinstance(value, Mapping) else value
        if trigger != "KMSKeyID" and arn and isinstance(arn, str):
            yield trigger, arn


def _empty(settings: Settings) -> Iterator[Violation]:
    # UserPoolAddOns {} and RecoveryMechanisms [] already fail by their shape.
    for name in ("SmsConfiguration", "AccountRecoverySetting"):
        if settings.get(name) == {}:
            yield _conflict((name,), f"{name} must not be empty.", _MEASURED)  # AWS's text is unknown


def _validity_days(settings: Settings) -> Iterator[Violation]:
    days = value_at(settings, "Policies", "PasswordPolicy", "TemporaryPasswordValidityDays")
    unused = value_at(settings, "AdminCreateUserConfig", "UnusedAccountValidityDays")
    # 0 is how Terraform says that it is unset.
    if isinstance(unused, int) and unused != 0 and isinstance(days, int):
        text = "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        yield _conflict(("AdminCreateUserConfig", "UnusedAccountValidityDays"), text, "aws-sdk-js#3817")


def _sms(settings: Settings, region: str) -> Iterator[Violation]:
    if "SmsConfiguration" in settings:
        yield from _sns_region(settings["SmsConfiguration"], region)
        return
    verified = settings.get("AutoVerifiedAttributes")
    if isinstance(verified, list) and "phone_number" in verified:
        text = "SMS configuration is required when phone_number is selected for auto verification"
        yield _conflict(("AutoVerifiedAttributes",), text, f"aws-cdk#17740, {_PREFLIGHT}")
    if "SMS_OTP" in first_factors(settings):
        text = "SMS configuration is required when SMS_OTP is an allowed first factor."  # AWS's text is unknown
        yield _conflict(FIRST_FACTORS, text, _PREFLIGHT)


def _sns_region(sms: Any, region: str) -> Iterator[Violation]:
    chosen, needed = value_at(sms, "SnsRegion"), SNS_REGION_OF.get(region)
    if needed is not None and value_at(sms, "SnsCallerArn") and isinstance(chosen, str) and chosen != needed:
        text = f"SnsRegion {chosen} is not supported for user pools in {region}. Use {needed}."  # AWS's text is unknown
        yield _conflict(("SmsConfiguration", "SnsRegion"), text, "Cognito API, SmsConfigurationType.SnsRegion")


def _mfa(settings: Settings, *, other_factor: bool) -> Iterator[Violation]:
    mode = settings.get("MfaConfiguration", "OFF")
    if mode in ("ON", "OPTIONAL") and not other_factor and "SmsConfiguration" not in settings:
        yield _conflict(("MfaConfiguration",), SMS_NEEDED_FOR_MFA, _PREFLIGHT)
    if mode == "ON" and {"SMS_OTP", "EMAIL_OTP"}.intersection(first_factors(settings)):
        yield _conflict(FIRST_FACTORS, NOT_WITH_MFA, _MEASURED)


def _sign_in(settings: Settings) -> Iterator[Violation]:
    """Fixed when a pool is made: how users are named."""
    names, aliases = settings.get("UsernameAttributes"), settings.get("AliasAttributes")
    if isinstance(names, list) and isinstance(aliases, list) and names and aliases:
        text = "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        yield _conflict(("UsernameAttributes",), text, "lgallard/terraform-aws-cognito-user-pool#41")


def _conflict(path: Path, text: str, source: str) -> Violation:
    return Violation(path, "conflict", text, source)


def _region(arn: str) -> str:
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004 - arn:partition:service:region
