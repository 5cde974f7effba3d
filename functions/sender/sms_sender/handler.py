"""Lambda's entry: one custom SMS sender event of Cognito at a time.

It ends in one of three ways. The topic got the SMS. The topic got a failure, because no retry would ever show this SMS.
Or the handler raised: then Lambda tries twice more, and at last the failure queue gets the event.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime

from sms_sender import telemetry
from sms_sender.connections import Connections, connect
from sms_sender.errors import SenderError, SettingsError, UnshowableError
from sms_sender.event import SmsRequest, made_up_id, read_event
from sms_sender.findings import Failure
from sms_sender.message import Preview, compose, notification, preview
from sms_sender.secret import unseal
from sms_sender.settings import Settings


def handler(event: object, context: object = None) -> None:
    """Publishes the SMS, or why it cannot be shown.

    Raises:
        SettingsError: the function's environment is incomplete.
        PassingError: a later try may show it (KMS throttled, timed out, 5xx).
        PublishError: the topic did not take it, so only the failure queue can tell.
    """
    request = read_event(event)
    try:
        connections = connect(Settings.read(os.environ))
        identity, shown = _look(request, made_up_id(event, context), connections)
        connections.topic.publish(compose(request, identity, datetime.now(UTC), shown))
    except SenderError as problem:
        telemetry.left_to_lambda(request, problem)
        raise
    telemetry.published(request, identity, shown)


def _look(request: SmsRequest, identity: str, connections: Connections) -> tuple[str, Preview | Failure]:
    """The message id, or failing that `identity`, and what there is to show."""
    try:
        if request.problem:
            return identity, request.problem
        if request.code is None:
            return identity, notification(request)
        sealed = unseal(request.code)
        identity = sealed.id
        secret = connections.decryptor.open(sealed, request.user_pool_id)
        return identity, preview(request, connections.template(request), secret.reveal())
    except UnshowableError as problem:
        return identity, problem.failure
    except SenderError:
        raise
    except Exception as bug:  # noqa: BLE001 - the tester learns of it, instead of waiting for an SMS that never comes
        return identity, telemetry.bug(request, bug)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Clients take longer to make than a call: better while Lambda starts than in the first call.
    with suppress(SettingsError):  # the first event says it
        connect(Settings.read(os.environ))
