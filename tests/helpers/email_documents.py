"""Documents of emails for tests, as a sandbox writes them."""

from __future__ import annotations

from typing import Any

from sms_redirect.messages import email as documents
from sms_redirect.messages.email import Email


def document(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The document of the email with this number; each has an id of its own, and none that of an SMS."""
    code = f"{number:06d}"
    known = {
        "id": f"e{number:031x}",
        "flow": "SignUp",
        "trigger_source": "CustomEmailSender_SignUp",
        "email": "alice@example.com",
        "subject": "Your verification code",
        "text": f"Your verification code is {code}.",
        "html": f"Your verification code is <b>{code}</b>.",
        "code": code,
        "user_name": "alice",
        "user_sub": "5f6c1d1e-0000-4000-8000-000000000001",
        "user_pool_id": "us-east-1_AbCdEf123",
        "region": "us-east-1",
        "client_id": "4t1sf0client",
        "sent_at": "2026-03-01T10:00:00.000Z",
        "template": "verification",
        "template_source": "pool",
    }
    return documents.document(**{**known, **changes})


def email(number: int = 1, **changes: Any) -> Email:
    return Email.from_document(document(number, **changes))
