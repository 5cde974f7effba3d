"""The two kinds of message, read from their documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sms_redirect.messages import email
from sms_redirect.messages.email import Email
from sms_redirect.messages.sms import NotAnSms, Sms

Message = Sms | Email


def read(document: str | bytes | Mapping[str, Any], *, warn: bool = True) -> Message:
    """An SMS or an email, by the document's schema. `warn`: as `Sms.from_document`.

    Raises:
        NotAnSms: it is neither.
    """
    if not isinstance(document, Mapping):
        try:
            parsed = json.loads(document)
        except (ValueError, RecursionError):
            raise NotAnSms("This message is not JSON.") from None  # the cause would quote the message
        document = parsed if isinstance(parsed, Mapping) else {}
    if document.get("schema") == email.SCHEMA:
        return Email.from_document(document)
    return Sms.from_document(document, warn=warn)
