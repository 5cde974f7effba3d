"""Lambda's entry: one custom SMS sender event of Cognito at a time."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from sms_sender.errors import SettingsError
from sms_sender.sender import Sender
from sms_sender.settings import Settings

# All calls of one SMS together fit into the function's 30 seconds, tried twice each.
_PATIENT = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
# Cognito gives its triggers five seconds and asks once.
_ONCE = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})


def handler(event: Any, context: object) -> None:
    """Publishes the SMS, or why it cannot be shown; raises where Lambda should try again."""
    del context
    sender().send(event)


@cache
def sender() -> Sender:
    """The sender of this process.

    Raises:
        SettingsError: the environment is incomplete.
    """
    session = botocore.session.get_session()
    return Sender.connect(
        Settings.read(os.environ),
        lambda service: session.create_client(service, config=_ONCE if service == "lambda" else _PATIENT),
    )


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Clients take longer to make than a call: better while Lambda starts than in the first call.
    with suppress(SettingsError):  # the first event says it, and ends in the failure queue
        sender()
