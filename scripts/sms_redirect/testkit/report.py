"""What has arrived, in words, without codes and texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sms_redirect.errors import SmsTimeout

if TYPE_CHECKING:
    from sms_redirect.messages.document import Message
    from sms_redirect.messages.store import Entry
    from sms_redirect.testkit.filter import Filter

MOST_LINES = 20
EMAIL_CHECKS = (
    "Did the call that sends the email succeed, and was the inbox open before it?",
    "Does the pool send an email there? With email and phone both verified automatically, the code goes by SMS only.",
    "Does the pool have a CustomEmailSender trigger? Then its function gets the code, and sends the email itself.",
)
CHECKS = (
    "Did the call that sends the SMS succeed, and was the inbox open before it?",
    "Is there such a user? With PreventUserExistenceErrors enabled, Cognito sends nothing to unknown users.",
    "If the SMS is in the list above: do number (E.164), flow and user name match?",
    "Is the stack's sender still the pool's CustomSMSSender trigger? Its log and the failure queue show failures.",
)


def line(sms: Message) -> str:
    """For example `10:00:01Z SignUp SMS to +12065550123, user alice, code ******`."""
    to = sms.email if sms.kind == "email" else sms.phone_number or "an unknown number"
    recipient = f"to {to}, user {sms.user_name or 'unknown'}"
    if sms.failure is not None:
        end = f"FAILED: {sms.failure.reason} {sms.failure.hint}".rstrip()
    elif sms.kind == "email" and sms.link:
        end = "with a link"
    else:
        end = f"code {'*' * len(sms.code)}" if sms.code else "no code"
    what = "email" if sms.kind == "email" else "SMS"
    return f"{sms.sent_at:%H:%M:%SZ} {sms.flow} {what} {recipient}, {end}"


def lines(messages: Sequence[Message]) -> list[str]:
    """One line a message, the latest at the end; only the latest if there are many."""
    left_out = len(messages) - MOST_LINES
    head = [f"... {left_out} earlier ones"] if left_out > 0 else []
    return head + [line(sms) for sms in messages[-MOST_LINES:]]


def timed_out(
    wanted: Filter,
    timeout: float,
    entries: Sequence[Entry],
    *,
    foreign: int,
    trouble: str | None,
    cause: str | None = None,
) -> SmsTimeout:
    """`entries` is what arrived instead, `foreign` counts messages on the topic that are not SMS.

    `cause` is the doctor's sentence on what most likely kept the SMS away.
    """
    arrived = tuple(entry.message for entry in entries)
    parts = [
        f"No {wanted} arrived within {timeout:g} s."
        if timeout
        else f"No {wanted} has arrived, and a timeout of 0 does not wait for one."
    ]
    if arrived:
        parts += ["What arrived instead:", *(f"  {each}" for each in lines(arrived))]
    else:
        parts.append("Nothing else arrived.")
    if foreign:
        parts.append(f"The topic also carried {foreign} message(s) that sms-redirect did not send.")
    if trouble:
        parts.append(f"The queue cannot be read at the moment: {trouble}")
    if cause:
        parts.append(cause)
    parts += ["Check:", *(f"- {check}" for check in (EMAIL_CHECKS if wanted.email else CHECKS))]
    return SmsTimeout("\n".join(parts), arrived)
