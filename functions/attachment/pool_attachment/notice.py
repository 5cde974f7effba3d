"""A notice on the topic: for programs a message document whose flow is "Notice", for people its text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FLOW = "Notice"
_SCHEMA = "sms-redirect/1"  # docs/message.md


@dataclass(frozen=True)
class Notice:
    """One publish: `message` is SNS's JSON of one text per protocol."""

    subject: str
    message: str
    attributes: dict[str, str]


def compose(text: str, about: str, pool_id: str, region: str, at: datetime) -> Notice:
    """A document without code, number and user. `about` and the pool make its id: a repetition has the same."""
    document: dict[str, Any] = {
        "schema": _SCHEMA,
        "id": hashlib.sha256(f"{FLOW} {pool_id} {about}".encode()).hexdigest()[:32],
        "flow": FLOW,
        "trigger_source": FLOW,
        "text": text,
        "code": None,
        "phone_number": None,
        "user_name": None,
        "user_sub": None,
        "user_pool_id": pool_id,
        "region": region,
        "client_id": None,
        "client_metadata": {},
        "sent_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "encoding": "GSM-7",
        "characters": len(text),
        "segments": 0,
        "warnings": [],
        "template": "none",
        "template_source": "default",
        "template_text": None,
        "template_read_at": None,
        "autofill": None,
        "failure": None,
    }
    email = f"{text}\n\nThis is a notice from the watch of the redirect, not an SMS.\npool:     {pool_id}"
    return Notice(
        subject=f"SMS redirect: notice about {pool_id}",
        message=json.dumps({"default": json.dumps(document), "email": email, "sms": text}),
        attributes={"flow": FLOW, "user_pool_id": pool_id, "failed": "false"},
    )
