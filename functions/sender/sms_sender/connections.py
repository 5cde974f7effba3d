"""The sender's clients, made once per process, and what stands behind them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from functools import cache

import botocore.session
from botocore.config import Config

from sms_sender.custom_message import CustomMessage
from sms_sender.event import SmsRequest
from sms_sender.findings import Caution
from sms_sender.flows import KINDS, template_kind
from sms_sender.secret import Decryptor
from sms_sender.settings import Settings
from sms_sender.templates import Template, Templates
from sms_sender.topic import Topic

# Three calls, tried twice each, with up to a second between: 21 s. With the CustomMessage function's 6 s that fits into
# the function's 30 s, so that a slow service is reported and not cut off.
_PATIENT = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"})
# Cognito gives its triggers five seconds; it is the function, not the network, that may be slow.
_ONCE = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Connections:
    """`custom_message` is None where the pool's own templates are the only ones."""

    decryptor: Decryptor
    templates: Templates
    topic: Topic
    custom_message: CustomMessage | None

    def template(self, request: SmsRequest) -> Template:
        """The text of this SMS before its code: the CustomMessage function's, else the pool's."""
        kind = template_kind(request.flow)
        if self.custom_message is None or request.flow not in KINDS:
            return self.templates.get(request.user_pool_id, kind)
        answer = self.custom_message.ask(request, kind)
        if isinstance(answer, Template):
            return answer
        own = self.templates.get(request.user_pool_id, kind)
        text = f"The CustomMessage function {answer}: this is the pool's own template."
        return replace(own, cautions=(Caution("custom-message-failed", text), *own.cautions))


@cache
def connect(settings: Settings) -> Connections:
    """The same connections for the same settings. A bare botocore session: boto3's adds only what is not used."""
    session = botocore.session.get_session()
    region = os.environ.get("AWS_REGION")

    def client(service: str, config: Config = _PATIENT) -> object:
        return session.create_client(service, region_name=region, config=config)

    arn = settings.custom_message_arn
    return Connections(
        decryptor=Decryptor(client("kms"), settings.key_arn),
        templates=Templates(client("cognito-idp"), time.monotonic),
        topic=Topic(client("sns"), settings.topic_arn),
        custom_message=CustomMessage(client("lambda", _ONCE), arn) if arn else None,
    )
