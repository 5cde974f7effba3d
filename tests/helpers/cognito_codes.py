"""Encrypts codes exactly as Cognito does, and wrongly in each way that the sender must notice.

Cognito's form (aws-sdk-rust#1250): Encryption SDK format v1, suite 0x0378, the context `userpool-id`, one data key of
provider `aws-kms` with the full key ARN.
"""

from __future__ import annotations

import base64
import os
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy
from aws_encryption_sdk.key_providers.kms import KMSMasterKey
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

POOL_ID = "us-east-1_AbCdEf123"
KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
OTHER_KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/99999999-2222-3333-4444-555555555555"

COGNITO = Algorithm.AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384  # 0x0378
COMMITTED = Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384  # 0x0578, format v2
UNSIGNED = Algorithm.AES_256_GCM_IV12_TAG16_HKDF_SHA256  # 0x0178
COMMITTED_UNSIGNED = Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY  # 0x0478


class LocalKms(BaseClient):
    """KMS in memory: GenerateDataKey, Encrypt and Decrypt as a botocore client has them, one master key per ARN.

    A BaseClient by name only: the Encryption SDK insists on one.

    `faults` are raised by the next calls of decrypt, one each; None lets a call pass.
    """

    def __init__(self, *key_arns: str) -> None:
        self._keys = {arn: os.urandom(32) for arn in key_arns or (KEY_ARN,)}
        self.faults: list[Exception | None] = []
        self.answers_with: dict[str, Any] = {}
        self.decrypts = 0

    def generate_data_key(self, *, KeyId: str, NumberOfBytes: int, EncryptionContext: dict[str, str]) -> dict[str, Any]:  # noqa: N803 - botocore's names
        plaintext = os.urandom(NumberOfBytes)
        return {
            "Plaintext": plaintext,
            **self.encrypt(KeyId=KeyId, Plaintext=plaintext, EncryptionContext=EncryptionContext),
        }

    def encrypt(self, *, KeyId: str, Plaintext: bytes, EncryptionContext: dict[str, str]) -> dict[str, Any]:  # noqa: N803 - botocore's names
        nonce = os.urandom(12)
        sealed = AESGCM(self._keys[KeyId]).encrypt(nonce, Plaintext, _bound(EncryptionContext))
        return {"CiphertextBlob": nonce + sealed, "KeyId": KeyId}

    def decrypt(self, *, KeyId: str, CiphertextBlob: bytes, EncryptionContext: dict[str, str]) -> dict[str, Any]:  # noqa: N803 - botocore's names
        self.decrypts += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        try:
            plaintext = AESGCM(self._keys[KeyId]).decrypt(
                CiphertextBlob[:12], CiphertextBlob[12:], _bound(EncryptionContext)
            )
        except InvalidTag:
            raise client_error("InvalidCiphertextException", "Decrypt", 400) from None
        return {"Plaintext": plaintext, "KeyId": KeyId} | self.answers_with


def client_error(code: str, operation: str, status: int = 400, message: str = "") -> ClientError:
    """An error response of AWS."""
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


def encrypt(
    code: str | bytes,
    pool_id: str | None = POOL_ID,
    *,
    kms: Any,
    key_arn: str = KEY_ARN,
    algorithm: Algorithm = COGNITO,
    more_keys: tuple[str, ...] = (),
) -> str:
    """A code as it is in the event, in base64. `kms` is a botocore client or a `LocalKms`; no pool: no context."""
    key = _Keys(key_id=key_arn, client=kms)
    key.others = [KMSMasterKey(key_id=another, client=kms) for another in more_keys]
    sdk = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=_policy(algorithm))
    message, _header = sdk.encrypt(
        source=code.encode() if isinstance(code, str) else code,
        key_provider=key,
        algorithm=algorithm,
        encryption_context={} if pool_id is None else {"userpool-id": pool_id},
    )
    return base64.b64encode(message).decode()


def changed(code: str, position: int) -> str:
    """The same code with one byte flipped; a negative position counts from the end, where body and signature are."""
    message = bytearray(base64.b64decode(code))
    message[position] ^= 0xFF
    return base64.b64encode(message).decode()


def shortened(code: str, length: int) -> str:
    """The first bytes of the message."""
    return base64.b64encode(base64.b64decode(code)[:length]).decode()


def message_id(code: str) -> str:
    """The message id of format v1, in hex: 16 bytes after version, type and suite."""
    return base64.b64decode(code)[4:20].hex()


class _Keys(KMSMasterKey):
    """Encrypts the data key under each of the keys, which a master key alone does not."""

    others: list[KMSMasterKey]

    def master_keys_for_encryption(self, *_arguments: Any, **_named: Any) -> tuple[KMSMasterKey, list[KMSMasterKey]]:
        return self, [self, *self.others]


def _policy(algorithm: Algorithm) -> CommitmentPolicy:
    if algorithm.is_committing():
        return CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    return CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT


def _bound(context: dict[str, str]) -> bytes:
    return repr(sorted(context.items())).encode()
