"""What a pool's settings require of IAM: permissions of the caller who sets them, and an SMS role that works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sms_redirect.sandbox.cognito.flows.pools import TRANSIENT
from sms_redirect.sandbox.emulator import ACCOUNT_ID
from sms_redirect.sandbox.emulator import iam as emulator_iam
from sms_redirect.sandbox.errors import CognitoError

COGNITO = "cognito-idp.amazonaws.com"
EMAIL = "email.cognito-idp.amazonaws.com"


def check_caller(headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """What a caller who writes these settings needs beside the operation itself.

    `kms:CreateGrant` on a custom sender's key and `iam:PassRole` on an SMS role: docs/cognito-facts.md, "Permissions"
    and "The pool's key". `iam:CreateServiceLinkedRole` for email through Amazon SES: Cognito developer guide, "Using
    service-linked roles".

    Raises:
        CognitoError: AccessDeniedException, naming caller, action and resource.
    """
    key = settings.get("LambdaConfig", {}).get("KMSKeyID")
    if key:
        _check(headers, "kms:CreateGrant", key, {})
    for caller in _callers(settings):
        _check(headers, "iam:PassRole", caller["arn"], {"iam:PassedToService": COGNITO})
    if settings.get("EmailConfiguration", {}).get("EmailSendingAccount") == "DEVELOPER":
        role = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/{EMAIL}/AWSServiceRoleForAmazonCognitoIdpEmailService"
        _check(headers, "iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": EMAIL})


def check_sms_role(settings: Mapping[str, Any], region: str, pool_id: str | None = None) -> None:
    """Cognito tries the SMS role when it is set. A pool that is being created has no id yet.

    Raises:
        CognitoError: it does not exist, does not trust Cognito for this pool, or may not publish.
    """
    pool_arn = f"arn:aws:cognito-idp:{region}:{ACCOUNT_ID}:userpool/{pool_id or f'{region}_new'}"
    for caller in _callers(settings):
        if caller["arn"].split(":")[4] != ACCOUNT_ID:
            raise CognitoError("InvalidParameterException", "Cross-account pass role is not allowed.")
        role = emulator_iam.role(caller["arn"])
        context = {"aws:SourceAccount": ACCOUNT_ID, "aws:SourceArn": pool_arn}
        if caller["external id"]:
            context["sts:ExternalId"] = caller["external id"]
        if role is None or not role.trusts(COGNITO, context):
            raise CognitoError(*TRANSIENT["sms-role-trust"])
        if caller["service"] == "sns" and not role.may("sns:Publish"):
            raise CognitoError(*TRANSIENT["sms-role-publish"])


def _callers(settings: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The roles that Cognito would send SMS with: through SNS, or through AWS End User Messaging."""
    sms = settings.get("SmsConfiguration", {})
    if sms.get("SnsCallerArn"):
        yield {"service": "sns", "arn": sms["SnsCallerArn"], "external id": sms.get("ExternalId", "")}
    eums = sms.get("EumsSms", {})
    if eums:
        yield {"service": "sms-voice", "arn": eums["CallerArn"], "external id": eums.get("ExternalId", "")}


def _check(headers: Mapping[str, str], action: str, resource_arn: str, context: Mapping[str, str]) -> None:
    denial = emulator_iam.denial(dict(headers), action, resource_arn, context)
    if denial is not None:
        raise CognitoError("AccessDeniedException", denial)
