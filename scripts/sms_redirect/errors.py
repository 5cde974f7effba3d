"""What can go wrong while a test reads SMS. Every text says what happened, the likely cause, and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sms_redirect.messages.sms import Sms


class SmsInboxError(Exception):
    """The base of all errors here."""


class BadInput(SmsInboxError, ValueError):  # noqa: N818 - names what is bad
    """An argument that cannot be used: a phone number that is not E.164, a negative time-out, a time without zone."""


class CannotReachAws(SmsInboxError):  # noqa: N818 - says what cannot be done
    """No region, no answer, or an answer that nobody expects."""


class NotAuthenticated(CannotReachAws):
    """No credentials, or expired ones: trying again is of no use before somebody logs in."""


class NoSuchStack(SmsInboxError, LookupError):  # noqa: N818 - names what is missing
    """There is no stack of that name, or it is none of sms-redirect's."""


class NoSuchTopic(SmsInboxError, LookupError):  # noqa: N818 - names what is missing
    """The topic's ARN names no topic that could be subscribed to."""


class NoSuchSubscriber(SmsInboxError, LookupError):  # noqa: N818 - names what is missing
    """The address is not subscribed to the topic, or has not confirmed yet."""


class TopicElsewhere(SmsInboxError):  # noqa: N818 - says what is wrong
    """The topic is in another region or account than the session works in."""


class NotAllowed(SmsInboxError, PermissionError):  # noqa: N818 - says what is missing
    """The credentials lack a permission; `policy` is an IAM policy with everything that is needed, ready to paste."""

    def __init__(self, text: str, policy: dict[str, Any]) -> None:
        super().__init__(f"{text} This IAM policy allows all that is needed:\n{json.dumps(policy, indent=2)}")
        self.policy = policy


class QueueGone(SmsInboxError):  # noqa: N818 - says what is wrong
    """The inbox's queue was deleted while it was in use."""


class InboxClosed(SmsInboxError):  # noqa: N818 - says what is wrong
    """The inbox was closed, or never opened: use it in a `with` statement."""


class SmsTimeout(SmsInboxError, TimeoutError):  # noqa: N818 - as TimeoutError's own relatives
    """No SMS came in time. `arrived` holds what did come, for others or of other kinds, and was not returned before."""

    def __init__(self, text: str, arrived: tuple[Sms, ...]) -> None:
        super().__init__(text)
        self.arrived = arrived


class SmsFailed(SmsInboxError):  # noqa: N818 - says what happened
    """The SMS was sent, but could not be shown; `reason` says why, `hint` what to do, `sms` is the whole message."""

    def __init__(self, sms: Sms) -> None:
        failure = sms.failure
        self.reason = failure.reason if failure else ""
        self.hint = failure.hint if failure else ""
        self.sms = sms
        whom = sms.phone_number or "nobody known"
        super().__init__(f"The {sms.flow} SMS to {whom} could not be shown. {self.reason} {self.hint}".rstrip())


class LeftBehind(UserWarning):
    """A queue or subscription could not be removed; `SmsInbox.sweep()` removes it later."""
