"""What SNS writes to an email address, in its words."""

from __future__ import annotations

import json
from datetime import datetime

CONFIRMATION_SUBJECT = "AWS Notification - Subscription Confirmation"
DEFAULT_SUBJECT = "AWS Notification Message"
ADDRESS = "no-reply@sns.amazonaws.com"
NOT_AUTHENTICATED = "sandbox: not signed"


def sender(display_name: str) -> str:
    """The From header: the topic's display name, or AWS's."""
    return f"{display_name or 'AWS Notifications'} <{ADDRESS}>"


def confirmation(topic_arn: str, confirm_url: str) -> str:
    return (
        f"You have chosen to subscribe to the topic: {topic_arn}\n\n"
        "To confirm this subscription, click or visit the link below "
        "(If this was in error no action is necessary):\n"
        f"{confirm_url}\n\n"
        "Please do not reply directly to this email.\n"
    )


def notification(text: str, unsubscribe_url: str) -> str:
    return (
        f"{text}\n\n"
        "--\n"
        "If you wish to stop receiving notifications from this topic, please click or visit the link below to "
        f"unsubscribe:\n{unsubscribe_url}\n\n"
        "Please do not reply directly to this email. If you have any questions or comments regarding this email, "
        "please contact us at https://aws.amazon.com/support\n"
    )


def json_notification(  # noqa: PLR0917 - the members of AWS's document
    message_id: str, topic_arn: str, subject: str, text: str, sent_at: datetime, unsubscribe_url: str
) -> str:
    """What an email-json subscriber gets."""
    document = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic_arn,
        **({"Subject": subject} if subject else {}),
        "Message": text,
        "Timestamp": _timestamp(sent_at),
        "SignatureVersion": "1",
        "Signature": NOT_AUTHENTICATED,
        "SigningCertURL": NOT_AUTHENTICATED,
        "UnsubscribeURL": unsubscribe_url,
    }
    return json.dumps(document, indent=2)


def json_confirmation(topic_arn: str, token: str, confirm_url: str, sent_at: datetime) -> str:
    document = {
        "Type": "SubscriptionConfirmation",
        "TopicArn": topic_arn,
        "Token": token,
        "Message": f"You have chosen to subscribe to the topic {topic_arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message.",
        "SubscribeURL": confirm_url,
        "Timestamp": _timestamp(sent_at),
        "SignatureVersion": "1",
        "Signature": NOT_AUTHENTICATED,
        "SigningCertURL": NOT_AUTHENTICATED,
    }
    return json.dumps(document, indent=2)


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
