"""What a refusal of KMS means, for the person who waits for the code."""

from __future__ import annotations

from botocore.exceptions import ClientError

from sms_sender import answers
from sms_sender.errors import PassingError, SenderError, UnshowableError

_HTTP_THROTTLED, _HTTP_SERVER_ERROR = 429, 500
# https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors and the common errors.
_PASSING = {
    "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "LimitExceededException",
    "DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException", "ServiceUnavailable",
    "ServiceUnavailableException", "InternalFailure", "InternalError", "RequestTimeout", "RequestTimeoutException",
    "ExpiredTokenException", "ExpiredToken", "RequestExpired", "PriorRequestNotComplete",
}  # fmt: skip


def explained(problem: Exception | None, own_key: str, keys: tuple[str, ...]) -> SenderError:
    """The error for a data key that was not decrypted.

    `problem` is None where KMS was not even asked, because the message names another of the `keys` than `own_key`.
    """
    if problem is None:
        return _another_key(own_key, keys)
    if not isinstance(problem, ClientError):
        return UnshowableError(
            f"KMS answered with something else than a data key of {own_key} ({type(problem).__name__}).",
            "Is something between the sender and KMS (AWS_ENDPOINT_URL)? Ask for a new code.",
        )
    code = answers.name(problem)
    status = int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _PASSING or status == _HTTP_THROTTLED or status >= _HTTP_SERVER_ERROR:
        return PassingError(f"KMS refused for now ({code}).")
    return _refused(code, own_key)


def _another_key(own_key: str, keys: tuple[str, ...]) -> UnshowableError:
    under = ", ".join(keys) or "no key at all"
    return UnshowableError(
        f"The code is encrypted under another key ({under}) than the sender's ({own_key}).",
        "Somebody changed LambdaConfig.KMSKeyID of the pool. Deploy the stack again with that key as KmsKeyArn.",
    )


def _refused(code: str, key: str) -> UnshowableError:
    if code in {"AccessDeniedException", "AccessDenied"}:
        return UnshowableError(
            f"The sender may not decrypt with the key {key} (AccessDeniedException).",
            "If the stack was deployed or updated in the last minute, ask for a new code. Otherwise its role needs "
            "kms:Decrypt on the key for this pool's userpool-id, and the key's policy must let the account's IAM "
            "policies count: deploy the stack again, or mend the key's policy.",
        )
    if code == "DisabledException":
        return UnshowableError(f"The key {key} is disabled.", "Enable it in KMS, then ask for a new code.")
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
        "Look up this error of kms:Decrypt, then ask for a new code.",
    )
