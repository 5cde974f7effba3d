"""The text of each SMS before its code, exactly as the sender finds it: the sender's own code reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sms_redirect.gallery.pool import Pool
from sms_sender import texts
from sms_sender.custom_message import CustomMessage
from sms_sender.event import SmsRequest
from sms_sender.templates import SETTINGS, Template, Templates


@dataclass(frozen=True, slots=True)
class Texts:
    """`custom_message` is None if only the pool's own texts are wanted."""

    pool: Pool
    custom_message: CustomMessage | None = None

    def of(self, request: SmsRequest) -> Template:
        """As the sender finds it."""
        return texts.Texts(Templates(_Read(self.pool)), self.custom_message).of(request)

    def setting(self, template: Template) -> str | None:
        """The pool's setting that a text comes from, None where it comes from elsewhere."""
        if template.source != "pool":
            return None
        return next((".".join(path) for path in SETTINGS[template.kind] if self.pool.get(*path) == template.text), None)


@dataclass(frozen=True, slots=True)
class _Read:
    """Stands where the sender has a Cognito client: the pool has been read already."""

    pool: Pool

    def describe_user_pool(self, **_request: str) -> dict[str, Any]:
        return {"UserPool": {"Id": self.pool.id, **self.pool.settings}}
