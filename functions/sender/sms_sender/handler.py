"""Lambda's entry: one custom SMS sender event of Cognito at a time.

It ends in one of three ways. The topic got the SMS. The topic got a failure, because no retry would ever show this SMS.
Or the handler raised: then Lambda retries twice, and at last the failure queue gets the event.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from sms_sender import telemetry
from sms_sender.connections import Connections, connect
from sms_sender.errors import SenderError, SettingsError, UnshowableError
from sms_sender.event import SmsRequest, fallback_id, read_event
from sms_sender.findings import Failure
from sms_sender.flows import INVITATION
from sms_sender.message import compose
from sms_sender.preview import Preview, notification, preview
from sms_sender.secret import EncryptedCode
from sms_sender.settings import Settings


def handler(event: object, context: object = None) -> None:
    """Publishes the SMS, or why it cannot be shown.

    Raises:
        SettingsError: the function's environment is incomplete.
        TransientError: a retry may show it (KMS throttled, timed out, 5xx; a permission too new to count).
        PublishError: the topic did not take it, so only the failure queue can tell.
    """
    request = read_event(event)
    try:
        settings = Settings.read(os.environ)
        connections = connect(settings)
        identity, shown = _show(request, fallback_id(event, context), connections)
        if isinstance(shown, Failure) and settings.log_command:
            shown = replace(shown, hint=f"{shown.hint} Log: {settings.log_command}")
        connections.topic.publish(compose(request, identity, datetime.now(UTC), shown))
    except SenderError as error:
        telemetry.left_to_lambda(request, error)
        raise
    telemetry.published(request, identity, shown)


def _show(request: SmsRequest, identity: str, connections: Connections) -> tuple[str, Preview | Failure]:
    """The message id, or failing that `identity`, and what there is to show."""
    try:
        if request.problem:
            return identity, request.problem
        if request.code is None:
            return identity, _without_code(request, connections)
        encrypted = EncryptedCode.read(request.code)
        identity = encrypted.id
        encrypted.check(request.user_pool_id)
        secret, template = connections.decrypt_and_read(request, encrypted)
        return identity, preview(request, template, secret.reveal())
    except UnshowableError as error:
        return identity, error.failure
    except SenderError:
        raise
    except Exception as error:  # noqa: BLE001 - the tester learns of it, instead of waiting for an SMS that never comes
        return identity, telemetry.bug(request, error)


def _without_code(request: SmsRequest, connections: Connections) -> Preview:
    if request.flow == INVITATION:
        return preview(request, connections.texts.of(request), None)
    return notification(request)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Clients take longer to make than a call: better while Lambda starts than in the first call.
    with suppress(SettingsError):  # the first event says it
        connect(Settings.read(os.environ))
