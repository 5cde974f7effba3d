"""AWS's errors as this package's: what may pass, what will not, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.parsers import ResponseParserError

from pool_attachment.errors import (
    AttachmentError,
    DeniedError,
    ExplicitlyDeniedError,
    RejectedError,
    SmsRoleError,
    TransientError,
)

FAILURES = (ClientError, BotoCoreError, ResponseParserError)
"""Everything that a call raises. An unparsable response is no BotoCoreError."""

_SERVER_ERROR, _TOO_MANY = 500, 429
_TRANSIENT = {
    "ConcurrentModificationException",
    "InternalErrorException",
    "InternalFailure",
    "KMSInternalException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "NotAuthorizedException", "UnauthorizedOperation"}
# IAM's words, whatever code a service passes them on with: of iam:PassRole and kms:CreateGrant, Cognito's is not known.
_DENIED_TEXT = "is not authorized to perform"
_SMS_ROLE = {"InvalidSmsRoleAccessPolicyException", "InvalidSmsRoleTrustRelationshipException"}
_SMS_ROLE_TEXTS = ("Role does not have a trust relationship", "Role does not have permission to publish with SNS")


def translated(
    error: Exception, operation: str, caller: str, request: Mapping[str, Any] | None = None
) -> AttachmentError:
    """AWS's own words with what we know about them. `request` is the UpdateUserPool that failed."""
    if isinstance(error, ClientError):
        return _translated_response(error, operation, caller, request or {})
    if isinstance(error, HTTPClientError | ResponseParserError | NotConnectedError):
        may_have_landed = not isinstance(error, NotConnectedError)
        return TransientError(f"{operation}: {error}", may_have_landed=may_have_landed)
    return RejectedError(f"{operation}: {error}")


def _translated_response(
    error: ClientError, operation: str, caller: str, request: Mapping[str, Any]
) -> AttachmentError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    text = f"{operation}: {code}: {message}"
    if code in _SMS_ROLE or message.startswith(_SMS_ROLE_TEXTS):
        return SmsRoleError(f"{text} {_fix_the_sms_role(request)}")
    if code in _DENIED or _DENIED_TEXT in message:
        kind = ExplicitlyDeniedError if "explicit deny" in message else DeniedError
        return kind(f"{text} ({caller}, or the KMS key's policy, does not allow it.)")
    server_error = status >= _SERVER_ERROR or code in {"InternalErrorException", "InternalFailure"}
    if server_error or status == _TOO_MANY or code in _TRANSIENT:
        return TransientError(text, may_have_landed=server_error)
    return RejectedError(f"{text} {_remedy(code, message, request)}".rstrip())


def _fix_the_sms_role(request: Mapping[str, Any]) -> str:
    sms = request.get("SmsConfiguration", {})
    role, external_id = sms.get("SnsCallerArn", "the pool's SMS role"), sms.get("ExternalId")
    condition = f" with the external id {external_id}" if external_id else ""
    return (
        f"(Cognito cannot use {role}. Let cognito-idp.amazonaws.com assume it{condition}, allow it sns:Publish, or "
        "give the pool another SMS role.)"
    )


def _remedy(code: str, message: str, request: Mapping[str, Any]) -> str:
    """UpdateUserPool takes all settings at once, so any one that Cognito no longer accepts stops it."""
    if code == "UserImportInProgressException":
        return "(Wait until the pool's import of users has ended.)"
    if not request:
        return ""
    key = request.get("LambdaConfig", {}).get("KMSKeyID")
    if key and ("kms" in message.lower() or "key" in message.lower()):
        return (
            f"(Look at the pool's key {key}: it must be enabled, and if its deletion is scheduled, that must be "
            "cancelled: aws kms cancel-key-deletion, aws kms enable-key.)"
        )
    if code == "InvalidEmailRoleAccessPolicyException" or "email" in message.lower():
        return "(Correct the pool's email settings: its Amazon SES identity must be verified.)"
    return "(Correct that setting of the pool: UpdateUserPool checks all of them at once.)"
