"""Publishes SMS to a topic as the sender does, for tests."""

from __future__ import annotations

import json
from typing import Any

from sms_documents import document

ATTRIBUTES = ("flow", "phone_number", "user_name", "user_pool_id", "client_id")


def publish(sns: Any, topic_arn: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    """Publish the document of that number (see `sms_documents`), and answer it."""
    made = document(number, **changes)
    present = {name: made[name] for name in ATTRIBUTES if made[name]} | {
        "failed": "true" if made["failure"] else "false"
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in present.items()}
    sns.publish(TopicArn=topic_arn, Message=json.dumps(made), MessageAttributes=attributes)
    return made
