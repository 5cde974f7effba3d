"""Where the text of an SMS comes from, before its code is filled in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sms_sender.custom_message import CustomMessage, CustomMessageError
from sms_sender.event import SmsRequest
from sms_sender.findings import SmsWarning
from sms_sender.flows import KINDS, template_kind
from sms_sender.templates import Template, Templates


@dataclass(frozen=True, slots=True)
class Texts:
    """`custom_message` is None if the pool's own templates are the only ones."""

    templates: Templates
    custom_message: CustomMessage | None

    def of(self, request: SmsRequest) -> Template:
        """The CustomMessage function's text, else the pool's.

        Raises:
            TransientError: a permission may be too new to count.
        """
        kind = template_kind(request.flow)
        failed: tuple[SmsWarning, ...] = ()
        if self.custom_message is not None and request.flow in KINDS:
            try:
                own = self.custom_message.ask(request, kind)
            except CustomMessageError as error:
                text = f"The CustomMessage function {error}: this is the pool's own template."
                failed = (SmsWarning("custom-message-failed", text),)
            else:
                if own is not None:
                    return own
        template = self.templates.get(request.user_pool_id, kind)
        return replace(template, warnings=(*failed, *template.warnings))
