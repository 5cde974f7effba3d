"""The text of each SMS before its code, exactly as the sender finds it: the sender's own code reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sms_redirect.gallery.pool import Pool
from sms_redirect.pool_rules.texts import SETTINGS
from sms_sender.custom_message import CustomMessage
from sms_sender.event import SmsRequest
from sms_sender.findings import Caution
from sms_sender.flows import template_kind
from sms_sender.templates import Template, Templates


@dataclass(frozen=True, slots=True)
class Texts:
    """`custom_message` is None where only the pool's own texts are wanted."""

    pool: Pool
    custom_message: CustomMessage | None = None

    def of(self, request: SmsRequest) -> Template:
        """As the sender's `Connections.template`, which a test compares it to; importing that needs its key's SDK."""
        kind = template_kind(request.flow)
        own = Templates(_Read(self.pool), lambda: 0.0).get(request.user_pool_id, kind)
        if self.custom_message is None:
            return own
        answer = self.custom_message.ask(request, kind)
        if isinstance(answer, Template):
            return answer
        text = f"The CustomMessage function {answer}: this is the pool's own template."
        return replace(own, cautions=(Caution("custom-message-failed", text), *own.cautions))

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
        return {"UserPool": self.pool.settings}
