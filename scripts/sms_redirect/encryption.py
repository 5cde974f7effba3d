"""Encrypts a code exactly as Cognito does: the Encryption SDK's format v1 under the pool's KMS key.

Source: docs/cognito-facts.md, "Encrypted codes". An encryption with the SDK's defaults (v2, key commitment)
would hide a sender that cannot read what Cognito really sends.
"""

from __future__ import annotations

import base64
import threading
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk import CommitmentPolicy
from aws_encryption_sdk.identifiers import Algorithm

_CLIENT = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)


class Encryption:
    """Thread-safe; keeps one provider per key, because making one takes longer than using it."""

    def __init__(self) -> None:
        self._providers: dict[str, aws_encryption_sdk.StrictAwsKmsMasterKeyProvider] = {}
        self._lock = threading.Lock()

    def encrypt(self, plaintext: str, key_arn: str, user_pool_id: str) -> str:
        """Base64 of the message.

        Raises:
            aws_encryption_sdk.exceptions.AWSEncryptionSDKClientError: the key is gone, disabled or denied.
        """
        with self._lock:
            if key_arn not in self._providers:
                self._providers[key_arn] = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key_arn])
            provider = self._providers[key_arn]
        return encrypt_with(provider, plaintext, user_pool_id)


def encrypt_with(provider: Any, plaintext: str, user_pool_id: str) -> str:
    """Base64 of the message, under the keys of an Encryption SDK key provider."""
    ciphertext, _header = _CLIENT.encrypt(
        source=plaintext.encode(),
        key_provider=provider,
        algorithm=Algorithm.AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384,
        encryption_context={"userpool-id": user_pool_id},
    )
    return base64.b64encode(ciphertext).decode()
