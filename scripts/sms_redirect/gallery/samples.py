"""The people and secrets of the samples, usual ones and the longest that are realistic: pure."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from sms_redirect.gallery.flows import Occasion
from sms_redirect.gallery.pool import Pool

PHONE_NUMBER = "+12065551212"
EMAIL = "alice@example.com"
SUB = "5f6c1d1e-2b7a-4c3d-9e8f-0a1b2c3d4e5f"
CLIENT_ID = "1example23456789"
DIGITS = "49302718"
MADE_UP_POOL = "Example1"  # of a pool that has no id yet

# Cognito takes 128 characters in a user name; one of 64 is a long email address.
LONGEST_USER_NAME = "maximiliane.featherstone-haugh@customer-services.example-bank.eu"
# Passwords come from the pool's policy or an administrator; 20 characters are what password managers propose. Brackets
# count two in GSM-7.
LONGEST_PASSWORD = 20
# The only one of Cognito's symbols that GSM-7 lacks; as any accent outside it in a user name, it makes the SMS UCS-2.
OUTSIDE_GSM_7 = "`"
_PASSWORD = "Xk7!mP2q"  # noqa: S105 - nobody's
_LONG_PASSWORD = "Xk7[mP2q]Rt9{wZ4c}Lb"  # noqa: S105 - nobody's


@dataclass(frozen=True, slots=True)
class Sample:
    """What is filled into a text. `secret` is as Cognito would encrypt it: a temporary password is HTML-escaped."""

    user_name: str
    secret: str


def usual(pool: Pool, occasion: Occasion) -> Sample:
    """An everyday user of this pool."""
    user_name = SUB if pool.generates_user_names else "alice"
    if occasion.flow != "AdminCreateUser":
        return Sample(user_name, DIGITS[: occasion.digits])
    return Sample(user_name, html.escape(_stretched(_PASSWORD, _shortest_password(pool))))


def longest(pool: Pool) -> Sample:
    """The longest user name and temporary password that are to be expected, all of GSM-7."""
    password = _stretched(_LONG_PASSWORD, max(LONGEST_PASSWORD, _shortest_password(pool)))
    # Whether an invitation shows the generated name or the address is documented nowhere: the longer one counts.
    by_phone_only = pool.names("UsernameAttributes") == ["phone_number"]
    return Sample(SUB if by_phone_only else LONGEST_USER_NAME, html.escape(password))


def outside_gsm_7(sample: Sample) -> Sample:
    """The same length with a character that GSM-7 lacks."""
    password = html.unescape(sample.secret)
    return Sample(sample.user_name, html.escape(OUTSIDE_GSM_7 + password[1:]))


def event(pool: Pool, occasion: Occasion, user_name: str) -> dict[str, Any]:
    """Cognito's event for the occasion, as the sender gets it. Its code is not encrypted, and not read."""
    return {
        "version": "1",
        "triggerSource": f"CustomSMSSender_{occasion.flow}",
        "region": pool.region,
        "userPoolId": pool.id or f"{pool.region}_{MADE_UP_POOL}",
        "userName": user_name,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": CLIENT_ID},
        "request": {
            "type": "customSMSSenderRequestV1",
            "code": None,
            "clientMetadata": None,
            "userAttributes": {
                "sub": SUB,
                "cognito:user_status": "FORCE_CHANGE_PASSWORD" if occasion.id == "AdminCreateUser" else "CONFIRMED",
                "phone_number": PHONE_NUMBER,
                "phone_number_verified": "true",
                "email": EMAIL,
                "email_verified": "true",
            },
        },
        "response": {},
    }


def _shortest_password(pool: Pool) -> int:
    return pool.number("Policies", "PasswordPolicy", "MinimumLength", default=len(_PASSWORD))


def _stretched(password: str, length: int) -> str:
    """The password, repeated until it has the length."""
    length = max(length, len(password))
    return (password * (length // len(password) + 1))[:length]
