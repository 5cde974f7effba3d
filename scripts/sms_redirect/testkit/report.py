"""What has arrived, in words for people, without a code or a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sms_redirect.errors import SmsTimeout

if TYPE_CHECKING:
    from sms_redirect.messages.sms import Sms
    from sms_redirect.messages.store import Entry
    from sms_redirect.testkit.filter import Filter

MOST_LINES = 20
CHECKS = (
    "Did the call that sends the SMS succeed, after the inbox was opened?",
    "Does the pool send an SMS there at all? A pool that answers unknown users alike sends them nothing.",
    "Are number (E.164), flow and user name spelt as in the list above, if the SMS is there?",
    "Is the sender still the pool's CustomSMSSender trigger? Its logs and the stack's failure queue tell of failures.",
)


def line(sms: Sms) -> str:
    """As in `10:00:01Z SignUp SMS to +12065550123, user alice, code ******`."""
    whom = f"to {sms.phone_number or 'an unknown number'}, user {sms.user_name or 'unknown'}"
    if sms.failure is not None:
        end = f"FAILED: {sms.failure.reason} {sms.failure.hint}".rstrip()
    else:
        end = f"code {'*' * len(sms.code)}" if sms.code else "no code"
    return f"{sms.sent_at:%H:%M:%SZ} {sms.flow} SMS {whom}, {end}"


def lines(messages: Sequence[Sms]) -> list[str]:
    """One for each, the latest at the end; of too many the latest."""
    left_out = len(messages) - MOST_LINES
    head = [f"... {left_out} earlier ones"] if left_out > 0 else []
    return head + [line(sms) for sms in messages[-MOST_LINES:]]


def time_out(wanted: Filter, timeout: float, came: Sequence[Entry], *, foreign: int, trouble: str | None) -> SmsTimeout:
    """`came` is what arrived instead, `foreign` counts messages that were no SMS."""
    arrived = tuple(entry.sms for entry in came)
    parts = [
        f"No {wanted} came within {timeout:g} s."
        if timeout
        else f"No {wanted} has arrived, and a time-out of 0 does not wait for one."
    ]
    if arrived:
        parts += ["What came instead:", *(f"  {each}" for each in lines(arrived))]
    else:
        parts.append("Nothing else came.")
    if foreign:
        parts.append(f"The topic also carried {foreign} message(s) that are no SMS of sms-redirect.")
    if trouble:
        parts.append(f"The inbox had trouble: {trouble}")
    parts += ["Check:", *(f"- {check}" for check in CHECKS)]
    return SmsTimeout("\n".join(parts), arrived)
