"""Decrypts a code as Cognito encrypts it, and says why when it cannot.

Cognito sends Encryption SDK messages of format v1 with suite 0x0378: signed, but without key commitment
(aws-sdk-rust#1250). The SDK's default policy refuses those. Committed suites are accepted too: they promise more.
"""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass, field
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.exceptions import DecryptKeyError
from aws_encryption_sdk.identifiers import CommitmentPolicy
from aws_encryption_sdk.internal.formatting.deserialize import deserialize_header
from aws_encryption_sdk.key_providers.kms import KMSMasterKey

from sms_sender import answers
from sms_sender.errors import PassingError, UnshowableError
from sms_sender.kms_errors import explained

POOL = "userpool-id"
LONGEST = 16 * 1024  # characters of base64; Cognito's have about 730


@dataclass(frozen=True, slots=True)
class Secret:
    """A code or a temporary password. `reveal` is called where the text is made, and nowhere else."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted code with what can be known of it before decrypting. `id` is the message id, in hex."""

    id: str
    user_pool_id: str | None
    signed: bool
    key_arns: tuple[str, ...]
    ciphertext: bytes = field(repr=False)


class Decryptor:
    """Made once per process. `kms` is a botocore client in the key's region."""

    def __init__(self, kms: Any, key_arn: str) -> None:
        self._kms = kms
        self._key_arn = key_arn
        self._sdk = aws_encryption_sdk.EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
            max_encrypted_data_keys=1,
        )

    def open(self, sealed: Sealed, user_pool_id: str) -> Secret:
        """Decrypt a code that was meant for this pool.

        Raises:
            UnshowableError: it was not, or no retry will ever decrypt it.
            PassingError: KMS may answer a later try.
        """
        self._check(sealed, user_pool_id)
        key = _Key(key_id=self._key_arn, client=self._kms)
        try:
            plaintext, header = self._sdk.decrypt(source=sealed.ciphertext, key_provider=key)
        except answers.NO_ANSWER as problem:
            raise PassingError(f"KMS did not answer ({answers.name(problem)}).") from None
        except DecryptKeyError:
            raise explained(key.problem, self._key_arn, sealed.key_arns) from None
        except Exception as problem:  # noqa: BLE001 - whatever a damaged message makes the parser raise, no retry mends it
            raise _damaged(type(problem).__name__) from None
        # What was read before decrypting was not authenticated then; the header is now.
        if header.encryption_context.get(POOL) != user_pool_id:
            raise _damaged("another encryption context")
        return Secret(_decoded(plaintext))

    def _check(self, sealed: Sealed, user_pool_id: str) -> None:
        if not sealed.signed:
            raise UnshowableError(
                "The code's message is not signed, so anybody with the key could have made it.",
                "Cognito signs its messages. Find out who invoked the sender: only Cognito should be able to.",
            )
        if sealed.user_pool_id is None:
            raise UnshowableError(
                f"The code was encrypted without a {POOL} in its encryption context.",
                "Cognito always names the pool. Find out who invoked the sender: only Cognito should be able to.",
            )
        if sealed.user_pool_id != user_pool_id:
            raise UnshowableError(
                f"The code was encrypted for user pool {sealed.user_pool_id}, but the event is of {user_pool_id}.",
                "Find out who invoked the sender: Cognito names the same pool in both places.",
            )


def unseal(code: str) -> Sealed:
    """Read the header of an encrypted code, without decrypting it.

    Raises:
        UnshowableError: it is no Encryption SDK message.
    """
    if len(code) > LONGEST:
        raise _damaged(f"{len(code)} characters long")
    try:
        ciphertext = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError):
        raise _damaged("not base64") from None
    try:
        header, _raw = deserialize_header(io.BytesIO(ciphertext))
        keys = tuple(sorted(key.key_provider.key_info.decode() for key in header.encrypted_data_keys))
    except Exception as problem:  # noqa: BLE001 - the parser raises what the bytes make it stumble over
        raise _damaged(type(problem).__name__) from None
    return Sealed(
        id=header.message_id.hex(),
        user_pool_id=header.encryption_context.get(POOL),
        signed=header.algorithm.is_signing(),
        key_arns=keys,
        ciphertext=ciphertext,
    )


class _Key(KMSMasterKey):  # type: ignore[misc]
    """Keeps what KMS said: the SDK replaces it by "unable to decrypt any data key". Made for one message."""

    problem: Exception | None = None

    def _decrypt_data_key(self, *arguments: Any, **named: Any) -> Any:
        try:
            return super()._decrypt_data_key(*arguments, **named)
        except DecryptKeyError as problem:
            self.problem = problem.__cause__ if isinstance(problem.__cause__, Exception) else problem
            raise


def _decoded(plaintext: bytes) -> str:
    if not plaintext:
        raise _damaged("nothing inside")
    try:
        return plaintext.decode()
    except UnicodeDecodeError:
        raise _damaged("not UTF-8 inside") from None


def _damaged(how: str) -> UnshowableError:
    return UnshowableError(
        f"The code is not what Cognito sends, an encrypted message of the AWS Encryption SDK ({how}).",
        "Is something between Cognito and the sender, or was the sender invoked by hand? Ask for a new code.",
    )
