"""Decrypts a code as Cognito encrypts it, and says why when it cannot.

Cognito sends Encryption SDK messages of format v1 with suite 0x0378: signed, but without key commitment
(docs/cognito-facts.md, "Encrypted codes"). The SDK's default policy refuses those. Committed suites are accepted too:
they promise more.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.exceptions import DecryptKeyError
from aws_encryption_sdk.identifiers import CommitmentPolicy
from aws_encryption_sdk.internal.formatting.deserialize import deserialize_header
from aws_encryption_sdk.key_providers.kms import KMSMasterKey

from sms_sender import aws_errors
from sms_sender.errors import TransientError, UnshowableError
from sms_sender.kms_errors import explained

POOL = "userpool-id"
LONGEST = 16_384  # characters of base64; Cognito's have about 730
_WHITESPACE = str.maketrans("", "", " \t\r\n")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Secret:
    """A code or a temporary password. `reveal` is called where the text is made, and nowhere else."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value


@dataclass(frozen=True, slots=True)
class EncryptedCode:
    """A code with what its header says before it is decrypted. `id` is the message id, in hex."""

    id: str
    user_pool_id: str | None
    signed: bool
    key_arns: tuple[str, ...]
    ciphertext: bytes = field(repr=False)

    @classmethod
    def read(cls, code: str) -> EncryptedCode:
        """From the event's base64.

        Raises:
            UnshowableError: it is not an Encryption SDK message.
        """
        if len(code) > LONGEST:
            raise _damaged(f"{len(code)} characters long")
        ciphertext = _decoded_base64(code)
        try:
            header, _raw = deserialize_header(io.BytesIO(ciphertext))
            keys = tuple(sorted(key.key_provider.key_info.decode() for key in header.encrypted_data_keys))
        except Exception as error:  # noqa: BLE001 - the parser raises whatever the bytes make it stumble over
            raise _damaged(type(error).__name__) from None
        return cls(
            id=header.message_id.hex(),
            user_pool_id=header.encryption_context.get(POOL),
            signed=header.algorithm.is_signing(),
            key_arns=keys,
            ciphertext=ciphertext,
        )

    def check(self, user_pool_id: str) -> None:
        """That Cognito can have encrypted it for this pool, as far as the header tells. It is not authenticated yet.

        Raises:
            UnshowableError: it was not made by Cognito, or not for this pool.
        """
        if not self.signed:
            raise UnshowableError(
                "The code's message is not signed, so anyone who can use the key could have made it.",
                "Cognito signs its messages. Find out who invoked the sender: only Cognito should be able to.",
            )
        if self.user_pool_id is None:
            raise UnshowableError(
                f"The code was encrypted without a {POOL} in its encryption context.",
                "Cognito always names the pool. Find out who invoked the sender: only Cognito should be able to.",
            )
        if self.user_pool_id != user_pool_id:
            raise UnshowableError(
                f"The code was encrypted for user pool {self.user_pool_id}, but the event is of {user_pool_id}.",
                "Find out who invoked the sender: Cognito names the same pool in both places.",
            )


class Decryptor:
    """Made once per process. `kms` is a botocore client in the key's region.

    `iam_has_settled` tells whether a denial is one that lasts.
    """

    def __init__(self, kms: Any, key_arn: str, iam_has_settled: Callable[[], bool]) -> None:
        self._kms = kms
        self._key_arn = key_arn
        self._iam_has_settled = iam_has_settled
        self._sdk = aws_encryption_sdk.EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
            max_encrypted_data_keys=1,
        )

    def decrypt(self, encrypted: EncryptedCode, user_pool_id: str) -> Secret:
        """The code, which was encrypted for this pool.

        Raises:
            UnshowableError: it was not, or no retry will ever decrypt it.
            TransientError: a retry may decrypt it.
        """
        key = _Key(key_id=self._key_arn, client=self._kms)
        try:
            plaintext, header = self._sdk.decrypt(source=encrypted.ciphertext, key_provider=key)
        except aws_errors.NO_RESPONSE as error:
            raise TransientError(f"KMS did not respond ({aws_errors.name(error)}).") from None
        except DecryptKeyError:
            raise explained(
                key.error, self._key_arn, encrypted.key_arns, iam_has_settled=self._iam_has_settled()
            ) from None
        except Exception as error:  # noqa: BLE001 - whatever a damaged message makes the parser raise, a retry will not help
            raise _damaged(type(error).__name__) from None
        # `check` read the header before it was authenticated; now it is.
        if header.encryption_context.get(POOL) != user_pool_id:
            raise _damaged("another encryption context")
        return Secret(_decoded(plaintext))


class _Key(KMSMasterKey):  # type: ignore[misc]
    """Keeps what KMS said: the SDK replaces it by "unable to decrypt any data key". Made for one message."""

    error: Exception | None = None

    def _decrypt_data_key(self, *arguments: Any, **named: Any) -> Any:
        try:
            return super()._decrypt_data_key(*arguments, **named)
        except DecryptKeyError as error:
            self.error = error.__cause__ if isinstance(error.__cause__, Exception) else error
            raise


def _decoded_base64(code: str) -> bytes:
    """Standard or URL-safe, padded or not, in one line or several: the message itself is authenticated later."""
    compact = code.translate(_WHITESPACE).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _damaged("not base64") from None


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
        "Is something between Cognito and the sender, or was the sender invoked by hand? Request a new code.",
    )
