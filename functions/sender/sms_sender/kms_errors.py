"""What an error of KMS means, for the person who waits for the code.

If the sender has just started, a denial may be transient: docs/cognito-facts.md, "Permissions".
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from sms_sender import aws_errors
from sms_sender.errors import SenderError, TransientError, UnshowableError

_HTTP_THROTTLED, _HTTP_SERVER_ERROR = 429, 500
# https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors and the common errors.
_TRANSIENT = {
    "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "LimitExceededException",
    "DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException", "ServiceUnavailable",
    "ServiceUnavailableException", "InternalFailure", "InternalError", "RequestTimeout", "RequestTimeoutException",
    "ExpiredTokenException", "ExpiredToken", "RequestExpired", "PriorRequestNotComplete",
}  # fmt: skip


def explained(error: Exception | None, own_key: str, keys: tuple[str, ...], *, iam_has_settled: bool) -> SenderError:
    """What to raise for a data key that was not decrypted.

    `error` is None if KMS was not even called, because the message names another of the `keys` than `own_key`.
    """
    if error is None:
        return _another_key(own_key, keys)
    name = aws_errors.name(error)
    if not isinstance(error, ClientError):
        return TransientError(
            f"KMS returned something other than a data key of {own_key} ({name}). If it lasts: is something between "
            "the sender and KMS (AWS_ENDPOINT_URL)?"
        )
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if name in _TRANSIENT or status == _HTTP_THROTTLED or status >= _HTTP_SERVER_ERROR:
        return TransientError(f"KMS refused for now ({name}).")
    refusal = _refused(name, own_key)
    if aws_errors.is_denial(error) and not iam_has_settled:
        return TransientError(f"{refusal} The sender has just started, so the permission may still be on its way.")
    return refusal


def _another_key(own_key: str, keys: tuple[str, ...]) -> UnshowableError:
    under = ", ".join(keys) or "no key at all"
    return UnshowableError(
        f"The code is encrypted under another key ({under}) than the sender's ({own_key}).",
        "LambdaConfig.KMSKeyID of the pool has changed. Deploy the stack again with that key as KmsKeyArn.",
    )


def _refused(code: str, key: str) -> UnshowableError:
    if code in {"AccessDeniedException", "AccessDenied"}:
        return UnshowableError(
            f"The sender may not decrypt with the key {key} (AccessDeniedException).",
            "The sender's role needs kms:Decrypt on the key for this pool's userpool-id, and the key policy must allow "
            "access through IAM policies: deploy the stack again, or fix the key policy.",
        )
    if code == "DisabledException":
        return UnshowableError(f"The key {key} is disabled.", "Enable it in KMS, then request a new code.")
    if code in {"KMSInvalidStateException", "InvalidStateException"}:
        return UnshowableError(
            f"The key {key} cannot be used: it is pending deletion, or its material is gone ({code}).",
            "Cancel its deletion in KMS, or deploy the stack again under another key.",
        )
    if code == "NotFoundException":
        return UnshowableError(
            f"The key {key} does not exist.", "Was it deleted? Deploy the stack again under another key."
        )
    if code in {"IncorrectKeyException", "InvalidCiphertextException"}:
        return UnshowableError(
            f"The code does not belong to the key {key} ({code}).",
            "Was it encrypted under another key, or damaged? Compare with LambdaConfig.KMSKeyID of the pool.",
        )
    return UnshowableError(
        f"KMS refused to decrypt with the key {key} ({code}).",
        "Look up this error of kms:Decrypt, then request a new code.",
    )
