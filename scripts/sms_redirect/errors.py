"""The errors of reading SMS. Each text says what happened, the likely cause, and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sms_redirect.messages.document import Message


class SmsInboxError(Exception):
    """The base of all errors here."""


class BadInput(SmsInboxError, ValueError):  # noqa: N818 - names what is bad
    """An argument that cannot be used: a phone number that is not E.164, a negative time-out, a time without zone."""


class CannotReachAws(SmsInboxError):  # noqa: N818 - says what cannot be done
    """No region, no response, or an unexpected one."""


class NotAuthenticated(CannotReachAws):
    """No credentials, or expired ones: a retry cannot succeed until somebody logs in."""


class NoSuchStack(SmsInboxError, LookupError):  # noqa: N818 - names what is missing
    """There is no stack of that name, or it is not an sms-redirect stack."""


class UnusableStack(SmsInboxError):  # noqa: N818 - says what is wrong
    """The stack is not one of sms-redirect, is not completely deployed, or is being changed."""


class AttachmentFailed(SmsInboxError):  # noqa: N818 - says what happened
    """A pool could not be attached or detached; the text says how it was left, and what to do."""


class NoSuchTopic(SmsInboxError, LookupError):  # noqa: N818 - names what is missing
    """There is no topic with that ARN."""


class NoSuchSubscriber(SmsInboxError, LookupError):  # noqa: N818 - names what is missing
    """The address is not subscribed to the topic, or has not confirmed yet."""


class AddressNotAllowed(SmsInboxError):  # noqa: N818 - says what is wrong
    """The topic's policy does not let this address be subscribed."""


class TopicElsewhere(SmsInboxError):  # noqa: N818 - says what is wrong
    """The topic is in another region or account than the session works in."""


class NotAllowed(SmsInboxError, PermissionError):  # noqa: N818 - says what is missing
    """The credentials lack a permission. `policy` is an IAM policy with every permission needed, ready to paste."""

    def __init__(self, text: str, policy: dict[str, Any]) -> None:
        super().__init__(f"{text} This IAM policy has every permission needed:\n{json.dumps(policy, indent=2)}")
        self.policy = policy


class QueueGone(SmsInboxError):  # noqa: N818 - says what is wrong
    """The inbox's queue was deleted while it was in use."""


class InboxClosed(SmsInboxError):  # noqa: N818 - says what is wrong
    """The inbox was closed, or never opened: use it in a `with` statement."""


class SmsTimeout(SmsInboxError, TimeoutError):  # noqa: N818 - as TimeoutError's own relatives
    """No matching message arrived in time. `arrived` holds those that did arrive and were not returned before."""

    def __init__(self, text: str, arrived: tuple[Message, ...]) -> None:
        super().__init__(text)
        self.arrived = arrived


class SmsFailed(SmsInboxError):  # noqa: N818 - says what happened
    """The SMS was sent but cannot be shown: `reason` says why, `hint` what to do, `sms` is the whole message.

    Also for an email that a sandbox's pool could not hand over.
    """

    def __init__(self, sms: Message) -> None:
        failure = sms.failure
        self.reason = failure.reason if failure else ""
        self.hint = failure.hint if failure else ""
        self.sms = sms
        what, recipient = ("email", sms.email) if sms.kind == "email" else ("SMS", sms.phone_number)
        to = recipient or "an unknown number"
        super().__init__(f"The {sms.flow} {what} to {to} cannot be shown. {self.reason} {self.hint}".rstrip())


class LeftBehind(UserWarning):
    """A queue or subscription could not be removed; `SmsInbox.sweep()` removes it later."""
