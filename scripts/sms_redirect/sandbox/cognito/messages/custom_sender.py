"""Hands a message to a pool's custom sender: the event that Cognito sends, with the code encrypted.

Both custom senders run asynchronously, so the API call that caused the message never fails for them.
Events: DG/user-pool-lambda-custom-sms-sender and -custom-email-sender.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sms_redirect.pool_rules.invoke_permission import missing_permission
from sms_redirect.sandbox.cognito import triggers
from sms_redirect.sandbox.cognito.messages.message import Message
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.cognito.triggers import Functions

# trigger in LambdaConfig and type of its request, by medium
SENDERS = {
    "SMS": ("CustomSMSSender", "customSMSSenderRequestV1"),
    "EMAIL": ("CustomEmailSender", "customEmailSenderRequestV1"),
}


KmsOf = Callable[[str], Any]
"""A KMS client of a region."""


class CustomSenders:
    def __init__(self, functions: Functions, kms: KmsOf, trouble: Trouble) -> None:
        self._functions = functions
        self._kms = kms
        self._trouble = trouble

    def send(self, message: Message, function_arn: str) -> None:
        """Queue it."""
        # The event is made now: the user may have changed by the time that a worker gets to it.
        event = event_of(message)
        self._functions.invoke_later(
            function_arn,
            message.pool.region,
            lambda: self._encrypted(message, event, function_arn),
            lambda reason: self._trouble.not_redirected(message, reason, _sms_id(event)),
        )

    def _encrypted(self, message: Message, event: dict[str, Any], function_arn: str) -> dict[str, Any] | None:
        """The event with its code, or None if Cognito could not have sent it."""
        pool = message.pool
        missing = missing_permission(self._functions.policy(function_arn, pool.region), pool.arn)
        if missing:
            self._trouble.not_invoked(message, missing)
            return None
        if message.secret is None:
            return event
        from sms_redirect.sandbox.cognito.messages import sealing  # noqa: PLC0415 - see there

        key_arn = str(pool.get("LambdaConfig", "KMSKeyID") or "")
        try:
            event["request"]["code"] = sealing.seal(message, key_arn, self._kms(pool.region))
        except sealing.SealingError as error:
            self._trouble.not_encrypted(message, error, key_arn)
            return None
        return event


def event_of(message: Message) -> dict[str, Any]:
    """The event, its code still to come."""
    _, kind = SENDERS[message.destination.medium]
    return triggers.event(
        message.pool,
        message.trigger_source,
        message.user.name,
        message.client_id,
        {
            "type": kind,
            "code": None,
            "clientMetadata": dict(message.client_metadata) or None,
            "userAttributes": message.attributes,
        },
    )


def _sms_id(event: dict[str, Any]) -> str | None:
    """The id that the sender gives to the SMS of an event; None if it has no code."""
    from sms_sender.secret import EncryptedCode  # noqa: PLC0415 - loads the Encryption SDK, as `sealing` does

    code = event["request"]["code"]
    return EncryptedCode.read(code).id if code else None
