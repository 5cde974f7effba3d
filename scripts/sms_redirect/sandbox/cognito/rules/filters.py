"""The filters of ListUsers: one attribute, `=` for the whole value or `^=` for how it begins (API ListUsers)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

SEARCHABLE = frozenset(
    {
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "cognito:user_status",
        "status",
        "sub",
    }
)
FORM = re.compile(r'\s*(?P<name>[\w:]+)\s*(?P<operator>\^?=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*')
STATUS = {True: "Enabled", False: "Disabled"}


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    value: str
    exact: bool


def parse(text: str) -> Filter | None:
    """None for a blank filter, which filters nothing.

    Raises:
        CognitoError: it is malformed, or of an attribute that cannot be searched.
    """
    if not text.strip():
        return None
    found = FORM.fullmatch(text)
    if found is None:
        raise CognitoError("InvalidParameterException", "Error while parsing filter.")  # aws-sdk-php#1088
    if found["name"] not in SEARCHABLE:
        raise CognitoError("InvalidParameterException", f"Invalid search attribute: {found['name']}")
    value = re.sub(r"\\(.)", r"\1", found["value"])
    return Filter(found["name"], value, exact=found["operator"] == "=")


def matches(pool: Pool, user: User, wanted: Filter) -> bool:
    value = _value(user, wanted.name)
    if value is None:
        return False
    if wanted.name == "cognito:user_status":  # in any case (API ListUsers)
        value, searched = value.upper(), wanted.value.upper()
    elif wanted.name in ("username", "email", "preferred_username"):
        value, searched = pool.folded(value), pool.folded(wanted.value)
    else:
        searched = wanted.value
    return value == searched if wanted.exact else value.startswith(searched)


def _value(user: User, name: str) -> str | None:
    own = {
        "username": user.name,
        "sub": user.sub,
        "cognito:user_status": user.status,
        "status": STATUS[user.enabled],
    }
    return own.get(name) or user.attributes.get(name)
