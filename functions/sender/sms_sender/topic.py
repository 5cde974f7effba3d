"""Publishes to the topic: one text per protocol, attributes for filter policies."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from sms_sender import aws_errors
from sms_sender.errors import PublishError
from sms_sender.message import Message

_HINTS = {
    "NotFound": "the topic is gone: deploy the stack again",
    "NotFoundException": "the topic is gone: deploy the stack again",
    "AuthorizationError": "the sender's role needs sns:Publish on the topic",
    "KMSAccessDenied": "the sender's role needs kms:GenerateDataKey and kms:Decrypt on the topic's key",
    "KMSDisabled": "the topic's key is disabled: enable it",
    "KMSInvalidState": "the topic's key is pending deletion or unusable",
    "KMSNotFound": "the topic's key is gone",
    "KMSThrottling": "a retry may succeed",
    "Throttled": "a retry may succeed",
    "Throttling": "a retry may succeed",
    "InternalError": "a retry may succeed",
}


class Topic:
    """Made once per process. `sns` is a botocore client in the topic's region."""

    def __init__(self, sns: Any, arn: str) -> None:
        self._sns = sns
        self._arn = arn

    def publish(self, message: Message) -> None:
        """Send it to every subscriber.

        Raises:
            PublishError: whatever went wrong. No subscriber can be told, so Lambda must retry and then keep the event.
        """
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()}
        try:
            self._sns.publish(
                TopicArn=self._arn,
                Subject=message.subject,
                Message=message.texts,
                MessageStructure="json",
                MessageAttributes=attributes,
            )
        except ClientError as error:
            code = aws_errors.name(error)
            hint = _HINTS.get(code, "look up this error of sns:Publish")
            # Without the cause: an error of SNS may quote what it was sent.
            raise PublishError(f"The topic {self._arn} did not take the message ({code}): {hint}.") from None
        except Exception as error:  # noqa: BLE001 - on garbage, botocore's parser stumbles over what it does not find
            raise PublishError(f"SNS did not respond ({aws_errors.name(error)}).") from None
