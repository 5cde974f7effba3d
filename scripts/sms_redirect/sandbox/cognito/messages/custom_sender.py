"""Hands a message to a pool's custom sender: the event that Cognito sends, with the code encrypted.

Both custom senders run asynchronously, so the API call that caused the message never fails for them.
Events: DG/user-pool-lambda-custom-sms-sender and -custom-email-sender.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sms_redirect.inbox.sources import Attempt
from sms_redirect.pool_rules.invoke_permission import missing_permission
from sms_redirect.sandbox import function_log
from sms_redirect.sandbox.cognito import triggers
from sms_redirect.sandbox.cognito.messages.message import Message
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.cognito.triggers import Functions
from sms_redirect.sandbox.trails import Event, Trails

# trigger in LambdaConfig and type of its request, by medium
SENDERS = {
    "SMS": ("CustomSMSSender", "customSMSSenderRequestV1"),
    "EMAIL": ("CustomEmailSender", "customEmailSenderRequestV1"),
}


KmsOf = Callable[[str], Any]
"""A KMS client of a region."""


class CustomSenders:
    def __init__(self, functions: Functions, kms: KmsOf, trouble: Trouble, trails: Trails) -> None:
        self._functions = functions
        self._kms = kms
        self._trouble = trouble
        self._trails = trails

    def send(self, message: Message, function_arn: str) -> None:
        """Queue it."""
        # The event is made now: the user may have changed by the time that a worker gets to it.
        event = event_of(message)
        way = self._trails.begin(function_arn)
        self._functions.invoke_later(
            function_arn,
            message.pool.region,
            lambda: self._encrypted(message, event, function_arn, way),
            lambda reason: self._lost(message, event, function_arn, way, reason),
            lambda attempt: _tried(message, attempt, way),
        )

    def _lost(self, message: Message, event: dict[str, Any], function_arn: str, way: Event, reason: str) -> None:
        region = message.pool.region
        log = f"aws logs tail {self._functions.log_group(function_arn, region)} --since 1h --region {region}"
        sms_id = self._trouble.not_redirected(message, reason, _sms_id(event), log)
        way.is_of(sms_id)

    def _encrypted(
        self, message: Message, event: dict[str, Any], function_arn: str, way: Event
    ) -> dict[str, Any] | None:
        """The event with its code, or None if Cognito could not have sent it."""
        pool = message.pool
        missing = missing_permission(self._functions.policy(function_arn, pool.region), pool.arn)
        if missing:
            way.is_of(self._trouble.not_invoked(message, missing))
            return None
        if message.secret is None:
            return event
        from sms_redirect.sandbox.cognito.messages import sealing  # noqa: PLC0415 - see there

        key_arn = str(pool.get("LambdaConfig", "KMSKeyID") or "")
        try:
            event["request"]["code"] = sealing.seal(message, key_arn, self._kms(pool.region))
        except sealing.SealingError as error:
            way.is_of(self._trouble.not_encrypted(message, error, key_arn))
            return None
        way.encrypted(key_arn)
        way.is_of(str(_sms_id(event)))
        return event


def _tried(message: Message, attempt: Attempt, way: Event) -> None:
    """A function knows the code, and may log it."""
    if message.secret:
        log = tuple(replace(line, text=line.text.replace(message.secret, "***")) for line in attempt.log)
        error = attempt.error and attempt.error.replace(message.secret, "***")
        attempt = replace(attempt, log=log, error=error)
    way.tried(attempt)
    if message.secret is None and (named := function_log.sms_id(attempt.log)):
        way.is_of(named)  # without a code, only the sender knows what it calls this SMS


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
