"""Phone numbers and email addresses: their form, and how they are masked where a code is said to have gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sms_redirect.sandbox.errors import CognitoError

Medium = Literal["SMS", "EMAIL"]

# ASCII digits only: \d also takes those of other scripts, which E.164 does not know.
E164 = re.compile(r"\+[1-9][0-9]{1,14}")
EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[^\s@<>\"(),:;\[\]\\]+\.[^\s@<>\"(),:;\[\]\\.]+")
MASK = "***"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a code goes. `attribute` is phone_number or email, `address` its value."""

    medium: Medium
    attribute: str
    address: str

    @property
    def details(self) -> dict[str, str]:
        """`CodeDeliveryDetails`."""
        return {
            "Destination": masked(self.medium, self.address),
            "DeliveryMedium": self.medium,
            "AttributeName": self.attribute,
        }


def phone(number: str) -> Destination:
    return Destination("SMS", "phone_number", number)


def email(address: str) -> Destination:
    return Destination("EMAIL", "email", address)


def masked(medium: Medium, address: str) -> str:
    """`+12065550008` -> `+*******0008`, `test@example.com` -> `t***@e***` (recorded on AWS)."""
    if medium == "SMS":
        digits = address.removeprefix("+")
        return "+" + "*" * (len(digits) - 4) + digits[-4:]
    name, _, domain = address.partition("@")
    return f"{name[:1]}{MASK}@{domain[:1]}{MASK}"


def check_format(attribute: str, value: str) -> None:
    """Raises CognitoError if the value of `phone_number` or `email` is not one."""
    if attribute == "phone_number" and not E164.fullmatch(value):
        raise CognitoError("InvalidParameterException", "Invalid phone number format.")
    if attribute == "email" and not EMAIL.fullmatch(value):
        raise CognitoError("InvalidParameterException", "Invalid email address format.")


def looks_like(attribute: str, name: str) -> bool:
    """Whether a user name has the form of an attribute that stands for one."""
    form = {"phone_number": E164, "email": EMAIL}.get(attribute)
    return form is not None and form.fullmatch(name) is not None
