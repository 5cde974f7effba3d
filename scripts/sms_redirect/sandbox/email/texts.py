"""What SNS writes to an email address, in its words. Bodies of email-json: developer guide, HTTP/HTTPS JSON formats."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

CONFIRMATION_SUBJECT = "AWS Notification - Subscription Confirmation"
CANCELLATION_SUBJECT = "AWS Notification - Unsubscribe Confirmation"
DEFAULT_SUBJECT = "AWS Notification Message"
UNSIGNED = {
    "SignatureVersion": "1",
    "Signature": "sandbox: not signed",
    "SigningCertURL": "sandbox: not signed",
}


def confirmation(topic_arn: str, confirm_url: str) -> str:
    return (
        f"You have chosen to subscribe to the topic: {topic_arn}\n\n"
        "To confirm this subscription, click or visit the link below "
        "(If this was in error no action is necessary):\n"
        f"{confirm_url}\n\n"
        "Please do not reply directly to this email. If you wish to remove yourself from receiving all future SNS "
        "subscription confirmation requests please send an email to sns-opt-out\n"
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


def cancellation(topic_arn: str, resubscribe_url: str) -> str:
    return (
        f"Your subscription to the topic below has been deactivated:\n{topic_arn}\n\n"
        f"If this was in error or you wish to resubscribe, click or visit the link below:\n{resubscribe_url}\n"
    )


def json_confirmation(topic_arn: str, token: str, confirm_url: str, sent_at: datetime) -> str:
    message = (
        f"You have chosen to subscribe to the topic {topic_arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    return _with_link("SubscriptionConfirmation", topic_arn, message, sent_at, token=token, url=confirm_url)


def json_cancellation(subscription_arn: str, token: str, resubscribe_url: str, sent_at: datetime) -> str:
    message = (
        f"You have chosen to deactivate subscription {subscription_arn}.\n"
        "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
    )
    topic_arn = subscription_arn.rpartition(":")[0]
    return _with_link("UnsubscribeConfirmation", topic_arn, message, sent_at, token=token, url=resubscribe_url)


def _with_link(kind: str, topic_arn: str, message: str, sent_at: datetime, *, token: str, url: str) -> str:
    document = {
        "Type": kind,
        "MessageId": str(uuid.uuid4()),
        "Token": token,
        "TopicArn": topic_arn,
        "Message": message,
        "SubscribeURL": url,
        "Timestamp": _timestamp(sent_at),
        **UNSIGNED,
    }
    return json.dumps(document, indent=2)


def json_notification(
    *, message_id: str, topic_arn: str, subject: str, text: str, sent_at: datetime, unsubscribe_url: str
) -> str:
    document = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic_arn,
        **({"Subject": subject} if subject else {}),
        "Message": text,
        "Timestamp": _timestamp(sent_at),
        **UNSIGNED,
        "UnsubscribeURL": unsubscribe_url,
    }
    return json.dumps(document, indent=2)


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
