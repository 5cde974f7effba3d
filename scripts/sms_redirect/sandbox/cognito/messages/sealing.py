"""Codes as they are in the event of a custom sender. Apart from it, because the Encryption SDK takes long to import."""

from __future__ import annotations

import html

from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

from sms_redirect.encryption import Encryption
from sms_redirect.sandbox.cognito.messages.message import Message

_encryption = Encryption()


class SealingError(Exception):
    """The key is gone, disabled or denied. The text names the error, never the code."""


def seal(message: Message, key_arn: str) -> str:
    """The encrypted code, in base64.

    Raises:
        SealingError
    """
    try:
        return _encryption.encrypt(_as_sent(message), key_arn, message.pool.id)
    except AWSEncryptionSDKClientError as error:
        raise SealingError(type(error).__name__) from error


def _as_sent(message: Message) -> str:
    # Temporary passwords arrive HTML-escaped; codes never do (developer guide).
    secret = message.secret or ""
    return html.escape(secret, quote=True) if message.flow == "AdminCreateUser" else secret
