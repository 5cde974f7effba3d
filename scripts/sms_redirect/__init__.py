"""Redirects every SMS of an Amazon Cognito user pool to email, for development and testing.

What tests import is here; it needs boto3 only, and is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sms_redirect.errors import (
        BadInput,
        CannotReachAws,
        InboxClosed,
        LeftBehind,
        NoSuchStack,
        NoSuchTopic,
        NotAllowed,
        NotAuthenticated,
        QueueGone,
        SmsFailed,
        SmsInboxError,
        SmsTimeout,
        TopicElsewhere,
    )
    from sms_redirect.messages.email import Email
    from sms_redirect.messages.sms import NewerSchema, Sms, SmsFailure, SmsWarning
    from sms_redirect.testkit.sms_inbox import SmsInbox

__all__ = [
    "BadInput",
    "CannotReachAws",
    "Email",
    "InboxClosed",
    "LeftBehind",
    "NewerSchema",
    "NoSuchStack",
    "NoSuchTopic",
    "NotAllowed",
    "NotAuthenticated",
    "QueueGone",
    "Sms",
    "SmsFailed",
    "SmsFailure",
    "SmsInbox",
    "SmsInboxError",
    "SmsTimeout",
    "SmsWarning",
    "TopicElsewhere",
]

_MODULES = {"SmsInbox": "testkit.sms_inbox", "Email": "messages.email"} | dict.fromkeys(
    ("NewerSchema", "Sms", "SmsFailure", "SmsWarning"), "messages.sms"
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
