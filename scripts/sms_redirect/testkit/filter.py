"""Which SMS are wanted: checked arguments, as a test for a message and as a filter policy for SNS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sms_redirect.errors import BadInput
from sms_redirect.messages.query import Query

if TYPE_CHECKING:
    from sms_redirect.messages.sms import Sms

TRIGGER = "CustomSMSSender_"
FLOWS = (
    "SignUp",
    "ResendCode",
    "ForgotPassword",
    "VerifyUserAttribute",
    "UpdateUserAttribute",
    "Authentication",
    "AdminCreateUser",
    "AccountTakeOverNotification",
)
E164 = re.compile(r"\+[1-9][0-9]{1,14}")


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that a message meets all of; None asks for anything.

    A failure may not know whom its SMS was for. It then meets every condition on the recipient, because a test that
    waits should hear of it rather than time out.

    Raises:
        BadInput: a phone number that is no E.164, an empty text.
    """

    phone_number: str | None = None
    phone_prefix: str | None = None
    flow: str | None = None
    user_name: str | None = None

    def __post_init__(self) -> None:
        if self.phone_number is not None and not E164.fullmatch(self.phone_number):
            raise BadInput(f"phone_number must be E.164, such as +12065551212, not {_shown(self.phone_number)}")
        if self.phone_prefix is not None and not re.fullmatch(r"\+[0-9]{0,15}", self.phone_prefix):
            raise BadInput(f"phone_prefix must be the start of an E.164 number, not {_shown(self.phone_prefix)}")
        if self.phone_number is not None and self.phone_prefix is not None:
            raise BadInput("Give phone_number or phone_prefix, not both.")
        for name, value in (("flow", self.flow), ("user_name", self.user_name)):
            if value is not None and not value.strip():
                raise BadInput(f"{name} must not be empty; leave it out to ask for any.")

    def matches(self, sms: Sms) -> bool:
        nobody = sms.failure is not None and sms.phone_number is None
        nameless = sms.failure is not None and sms.user_name is None
        query = Query(
            phone_number=None if nobody else self.phone_number,
            flow=self.flow,
            user_name=None if nameless else self.user_name,
        )
        return query.matches(sms) and (nobody or (sms.phone_number or "").startswith(self.phone_prefix or ""))

    def policy(self) -> dict[str, Any] | None:
        """The SNS filter policy that lets through at least what matches; None: everything.

        SNS compares letter by letter. A message without a recipient passes, because it may be a failure for nobody
        known. SNS may take 15 minutes to apply a policy, so a subscriber has to look for itself as well.
        """
        nobody = {"exists": False}
        policy: dict[str, Any] = {}
        if self.phone_number is not None:
            policy["phone_number"] = [nobody, self.phone_number]
        if self.phone_prefix is not None:
            policy["phone_number"] = [nobody, {"prefix": self.phone_prefix}]
        if self.user_name is not None:
            policy["user_name"] = [nobody, self.user_name]
        if self.flow is not None:
            policy["flow"] = [_spelt(self.flow)]
        return policy or None

    @property
    def conditions(self) -> int:
        """How many there are: of two that match, the one with more is meant."""
        return sum(value is not None for value in (self.phone_number, self.phone_prefix, self.flow, self.user_name))

    def __str__(self) -> str:
        """As in `SignUp SMS to +12065551212 for user alice`."""
        number = self.phone_number or (f"{self.phone_prefix}..." if self.phone_prefix else None)
        parts = [self.flow, "SMS", number and f"to {number}", self.user_name and f"for user {self.user_name}"]
        return " ".join(part for part in parts if part)


def _spelt(flow: str) -> str:
    """The flow's name as the message attribute has it; messages are also found by trigger source, in any case."""
    name = flow.removeprefix(TRIGGER)
    return {known.casefold(): known for known in FLOWS}.get(name.casefold(), name)


def _shown(number: str) -> str:
    """The number as it was given, and what was probably meant."""
    digits = re.sub(r"[\s().-]", "", number)
    meant = "+" + digits.removeprefix("+").removeprefix("00")
    return f"{number!r}. Did you mean {meant}?" if E164.fullmatch(meant) and len(meant) > 10 else f"{number!r}."  # noqa: PLR2004
