"""Message documents for tests, as the sender publishes them."""

from __future__ import annotations

from typing import Any

from sms_redirect.messages import sms as messages
from sms_redirect.messages.sms import Sms


def document(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The document of the SMS with this number; each number has an id and a sending time of its own."""
    code = f"{number:06d}"
    text = changes.pop("text", f"Your verification code is {code}")
    known = {
        "id": f"{number:032x}",
        "flow": "SignUp",
        "trigger_source": "CustomSMSSender_SignUp",
        "text": text,
        "code": code,
        "phone_number": "+12065551212",
        "user_name": "alice",
        "user_sub": "5f6c1d1e-0000-4000-8000-000000000001",
        "user_pool_id": "us-east-1_AbCdEf123",
        "region": "us-east-1",
        "client_id": "4t1sf0client",
        "sent_at": f"2026-03-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "characters": len(str(text or "")),
        "segments": 1,
        "template": "verification",
        "template_source": "pool",
        "template_text": "Your verification code is {####}",
        "template_read_at": "2026-03-01T00:00:00.000Z",
        "autofill": {"ios": {"verdict": "likely", "why": "A number, and the word code."}},
    }
    return messages.document(**{**known, **changes})


def sms(number: int = 1, **changes: Any) -> Sms:
    return Sms.from_document(document(number, **changes))


NOTHING_SHOWN = {
    "text": "",
    "code": None,
    "characters": 0,
    "segments": 0,
    "template": "none",
    "template_source": "default",
    "template_text": None,
    "template_read_at": None,
    "autofill": None,
}


def failed(number: int = 1, **changes: Any) -> Sms:
    """An SMS that the sender could not decrypt."""
    failure = {
        "reason": "The code could not be decrypted: another KMS key encrypted it.",
        "hint": "Deploy the stack with KmsKeyArn set to the pool's key.",
    }
    return sms(number, **{**NOTHING_SHOWN, "failure": failure, **changes})
