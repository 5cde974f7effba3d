"""The sender as an object: its clients, made once, and the way of one SMS through them."""

from __future__ import annotations

import hashlib
import html
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sms_sender import telemetry
from sms_sender.caution import Caution
from sms_sender.custom_message import CustomMessage
from sms_sender.errors import SenderError, UnshowableError
from sms_sender.event import SmsRequest, read_event
from sms_sender.message import Failure, Preview, compose, notification, preview, template_kind
from sms_sender.secret import Decryptor, Sealed, Secret, unseal
from sms_sender.settings import Settings
from sms_sender.templates import KINDS, Template, Templates
from sms_sender.topic import Topic

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """event -> secret -> message -> topic."""

    decryptor: Decryptor
    templates: Templates
    topic: Topic
    custom_message: CustomMessage | None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def connect(cls, settings: Settings, client: Callable[[str], Any]) -> Sender:
        """`client` makes a botocore client by service name."""
        arn = settings.custom_message_arn
        return cls(
            decryptor=Decryptor(client("kms"), settings.key_arn),
            templates=Templates(client("cognito-idp"), time.monotonic),
            topic=Topic(client("sns"), settings.topic_arn),
            custom_message=CustomMessage(client("lambda"), arn) if arn else None,
        )

    def send(self, event: object) -> None:
        """Show one SMS, or that it cannot be shown.

        Raises:
            PassingError: a retry may show it.
            PublishError: the topic did not take it.
        """
        request = read_event(event)
        identity = _made_up_id(event)
        shown: Preview | Failure
        try:
            sealed = self._unsealed(request)
            identity = sealed.id if sealed else identity
            shown = self._shown(request, sealed)
        except UnshowableError as problem:
            shown = Failure(problem.reason, problem.hint)
        except SenderError:
            raise
        except Exception as bug:
            logger.exception("bug", extra={"sms_id": identity})
            shown = Failure(f"A bug in sms-redirect ({type(bug).__name__}).", "The sender's log has the details.")
        self.topic.publish(compose(request, identity, self.now(), shown))
        if isinstance(shown, Failure):
            telemetry.failed(request, identity, shown)
        else:
            telemetry.shown(request, identity)

    def _unsealed(self, request: SmsRequest) -> Sealed | None:
        """The encrypted code; None for a notification, which has none."""
        if request.problem:
            raise UnshowableError(request.problem, "Was the sender invoked by hand? Cognito's events have it.")
        if request.code is None and request.flow in KINDS:
            raise UnshowableError(
                "The event has no code.", "Ask for a new code. If it happens again, look at the pool's triggers."
            )
        return unseal(request.code) if request.code is not None else None

    def _shown(self, request: SmsRequest, sealed: Sealed | None) -> Preview:
        if sealed is None:
            return notification(request)
        secret = _as_typed(request, self.decryptor.open(sealed, request.user_pool_id))
        return preview(request, self._template(request, len(secret)), secret)

    def _template(self, request: SmsRequest, secret_length: int) -> Template:
        kind = template_kind(request.flow)
        if self.custom_message is None or request.flow not in KINDS:
            return self.templates.get(request.user_pool_id, kind)
        answer = self.custom_message.ask(request, kind, secret_length)
        if isinstance(answer, Template):
            return answer
        own = self.templates.get(request.user_pool_id, kind)
        text = f"The CustomMessage function {answer}: this is the pool's own template."
        return replace(own, cautions=(Caution("custom-message-failed", text), *own.cautions))


def _as_typed(request: SmsRequest, secret: Secret) -> str:
    """Temporary passwords arrive HTML-escaped, once; codes never are (developer guide)."""
    return html.unescape(secret.reveal()) if request.flow == "AdminCreateUser" else secret.reveal()


def _made_up_id(event: object) -> str:
    """For an event without a readable message id. A retry brings the same event, so it gets the same id."""
    return hashlib.sha256(json.dumps(event, sort_keys=True, default=str).encode()).hexdigest()[:32]
