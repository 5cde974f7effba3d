"""Codes as they are in the event of a custom sender. Apart from it, because the Encryption SDK takes long to import."""

from __future__ import annotations

import html
from typing import Any

from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from aws_encryption_sdk.key_providers.kms import KMSMasterKey

from sms_redirect.encryption import encrypt_with
from sms_redirect.sandbox.cognito.messages.message import Message


class SealingError(Exception):
    """The key is gone, disabled or denied. The text names the error, never the code."""


def seal(message: Message, key_arn: str, kms: Any) -> str:
    """The encrypted code, in base64. `kms` is a client of the key's region.

    Raises:
        SealingError
    """
    try:
        return encrypt_with(KMSMasterKey(key_id=key_arn, client=kms), _as_sent(message), message.pool.id)
    except AWSEncryptionSDKClientError as error:
        raise SealingError(type(error).__name__) from error


def _as_sent(message: Message) -> str:
    # Temporary passwords arrive HTML-escaped; codes never do (developer guide).
    secret = message.secret or ""
    return html.escape(secret, quote=True) if message.flow == "AdminCreateUser" else secret
