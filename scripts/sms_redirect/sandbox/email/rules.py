"""What SNS refuses, in its words. Limits: API reference of Publish and Subscribe."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping

PROTOCOLS = ("email", "email-json")
SUBJECT_BELOW = 100  # characters
# One mailbox: what separates or quotes addresses in a header is not in it.
ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]+@[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]+")
ARN_ELEMENTS = 6

PENDING = "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation"


class SnsError(Exception):
    """An error response of SNS: code, text, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> SnsError:
    return SnsError("InvalidParameter", message)


def check_endpoint(topic_arn: str, protocol: str, endpoint: str) -> None:
    """Raises SnsError: no email address, or a FIFO topic, which has no email."""
    if not ADDRESS.fullmatch(endpoint):
        raise invalid("Invalid parameter: Email address")
    if topic_arn.endswith(".fifo"):
        raise invalid(f"Invalid parameter: Invalid protocol type: {protocol}")


def check_subscription_arn(arn: str) -> None:
    """Raises SnsError: no ARN, such as the `PendingConfirmation` that lists show instead of one."""
    elements = arn.count(":") + 1
    if elements < ARN_ELEMENTS:
        raise invalid(
            f"Invalid parameter: SubscriptionArn Reason: An ARN must have at least {ARN_ELEMENTS} elements, "
            f"not {elements}"
        )


def check_publish(parameters: Mapping[str, str]) -> None:
    """Raises SnsError: no message, a subject that is too long or not one line, texts per protocol without default."""
    if not parameters.get("Message"):
        raise invalid("Invalid parameter: Empty message")
    subject = parameters.get("Subject", "")
    if len(subject) >= SUBJECT_BELOW or any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in subject):
        raise invalid("Invalid parameter: Subject")
    if parameters.get("MessageStructure") == "json":
        _check_texts(parameters.get("Message", ""))


def _check_texts(message: str) -> None:
    try:
        texts = json.loads(message)
    except (ValueError, RecursionError):
        raise invalid("Invalid parameter: Message Structure - JSON message body failed to parse") from None
    if not isinstance(texts, dict) or not isinstance(texts.get("default"), str):
        raise invalid("Invalid parameter: Message Structure - No default entry in JSON message body")
