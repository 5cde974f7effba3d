"""What user pools require of IAM: a permission for each operation, more of those of a caller who sets a key or a role,
and an SMS role that works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sms_redirect.sandbox.cognito.flows.pools import TRANSIENT
from sms_redirect.sandbox.emulator import ACCOUNT_ID
from sms_redirect.sandbox.emulator import iam as emulator_iam
from sms_redirect.sandbox.errors import CognitoError

COGNITO = "cognito-idp.amazonaws.com"
EMAIL = "email.cognito-idp.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Named:
    """What a request names that policies can name, too. `tags` are those that it sets, `tag_keys` includes removed."""

    resource: str
    tags: Mapping[str, str] = field(default_factory=dict)
    tag_keys: tuple[str, ...] = ()
    resource_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def condition_keys(self) -> dict[str, Any]:
        """Those of the service authorization reference, "Amazon Cognito User Pools"."""
        keys: dict[str, Any] = {f"aws:RequestTag/{name}": value for name, value in self.tags.items()}
        keys |= {f"aws:ResourceTag/{name}": value for name, value in self.resource_tags.items()}
        return keys | ({"aws:TagKeys": list(self.tag_keys)} if self.tag_keys else {})


def named(document: Mapping[str, Any], region: str) -> Named:
    """Of a request that nobody has checked yet. Operations that name no pool are about `*`."""
    arn, pool_id = document.get("ResourceArn"), document.get("UserPoolId")
    resource = f"arn:aws:cognito-idp:{region}:{ACCOUNT_ID}:userpool/{pool_id}" if isinstance(pool_id, str) else "*"
    tags = document.get("Tags") or document.get("UserPoolTags")
    tags = {name: str(value) for name, value in tags.items()} if isinstance(tags, dict) else {}
    removed = document.get("TagKeys")
    removed = [str(key) for key in removed] if isinstance(removed, list) else []
    return Named(arn if isinstance(arn, str) else resource, tags, (*tags, *removed))


def check_operation(operation: str, what: Named, headers: Mapping[str, str]) -> None:
    """What each signed operation needs.

    Raises:
        CognitoError: AccessDeniedException, naming caller, action and resource.
    """
    _check(headers, f"cognito-idp:{operation}", what.resource, what.condition_keys)


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


def _check(headers: Mapping[str, str], action: str, resource_arn: str, context: Mapping[str, Any]) -> None:
    denial = emulator_iam.denial(dict(headers), action, resource_arn, context)
    if denial is not None:
        raise CognitoError("AccessDeniedException", denial)
