"""Which SMS a test wants: validated arguments that match messages and make an SNS filter policy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sms_redirect.errors import BadInput
from sms_redirect.messages.flows import known_flow
from sms_redirect.messages.query import Query
from sms_sender.flows import TRIGGER_PREFIX

if TYPE_CHECKING:
    from sms_redirect.messages.document import Message

E164 = re.compile(r"\+[1-9][0-9]{1,14}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that all must hold; None allows anything, except that emails match by their address only.

    A failure may not say whom its SMS was for. It then matches every recipient, so that a waiting test fails with its
    reason rather than with a timeout.

    Raises:
        BadInput: a phone number that is not E.164, an empty text.
    """

    phone_number: str | None = None
    phone_prefix: str | None = None
    flow: str | None = None
    user_name: str | None = None
    email: str | None = None  # without it, only SMS match

    def __post_init__(self) -> None:
        if self.phone_number is not None and not E164.fullmatch(self.phone_number):
            raise BadInput(f"phone_number must be E.164, such as +12065551212, not {_shown(self.phone_number)}")
        if self.phone_prefix is not None and not re.fullmatch(r"\+[0-9]{0,15}", self.phone_prefix):
            raise BadInput(f"phone_prefix must be the start of an E.164 number, not {_shown(self.phone_prefix)}")
        if self.phone_number is not None and self.phone_prefix is not None:
            raise BadInput("Pass phone_number or phone_prefix, not both.")
        if self.email is not None and not ADDRESS.fullmatch(self.email):
            raise BadInput(f"email must be an address such as test@example.com, not {self.email!r}.")
        if self.email is not None and (self.phone_number or self.phone_prefix):
            raise BadInput("Pass phone_number or email, not both.")
        for name, value in (("flow", self.flow), ("user_name", self.user_name)):
            if value is not None and not value.strip():
                raise BadInput(f"{name} must not be empty; leave it out to match any.")

    def matches(self, sms: Message) -> bool:
        if sms.kind == "email":
            query = Query(kind="email", email=self.email, flow=self.flow, user_name=self.user_name)
            return self.email is not None and query.matches(sms)
        if self.email is not None:
            return False
        any_number = sms.failure is not None and sms.phone_number is None
        any_user = sms.failure is not None and sms.user_name is None
        query = Query(
            phone_number=None if any_number else self.phone_number,
            flow=self.flow,
            user_name=None if any_user else self.user_name,
        )
        return query.matches(sms) and (any_number or (sms.phone_number or "").startswith(self.phone_prefix or ""))

    def policy(self) -> dict[str, Any] | None:
        """An SNS filter policy that delivers at least what matches; None: everything.

        SNS compares exactly. A message without a recipient is delivered, because it may be a failure. SNS may take 15
        minutes to apply a policy, so a subscriber has to filter as well.
        """
        absent = {"exists": False}
        policy: dict[str, Any] = {}
        if self.phone_number is not None:
            policy["phone_number"] = [absent, self.phone_number]
        if self.phone_prefix is not None:
            policy["phone_number"] = [absent, {"prefix": self.phone_prefix}]
        if self.user_name is not None:
            policy["user_name"] = [absent, self.user_name]
        if self.flow is not None:
            # As the message attribute has it, which SNS compares exactly.
            policy["flow"] = [known_flow(self.flow) or self.flow.removeprefix(TRIGGER_PREFIX)]
        return policy or None

    @property
    def conditions(self) -> int:
        """How many there are: if two filters match, the one with more is meant."""
        given = (self.phone_number, self.phone_prefix, self.flow, self.user_name, self.email)
        return sum(value is not None for value in given)

    def __str__(self) -> str:
        """For example `SignUp SMS to +12065551212 for user alice`."""
        to = self.email or self.phone_number or (f"{self.phone_prefix}..." if self.phone_prefix else None)
        parts = [
            self.flow,
            "email" if self.email else "SMS",
            to and f"to {to}",
            self.user_name and f"for user {self.user_name}",
        ]
        return " ".join(part for part in parts if part)


def _shown(number: str) -> str:
    """The number as it was passed, and what was probably meant."""
    digits = re.sub(r"[\s().-]", "", number)
    meant = "+" + digits.removeprefix("+").removeprefix("00")
    return f"{number!r}. Did you mean {meant}?" if E164.fullmatch(meant) and len(meant) > 10 else f"{number!r}."  # noqa: PLR2004
