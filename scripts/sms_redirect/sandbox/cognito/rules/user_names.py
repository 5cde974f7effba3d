"""How users are named: user names, aliases, attributes in the place of names."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.rules import addresses
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

FORMATS = {"phone_number": "phone number", "email": "email"}


def attribute_in_place_of_name(pool: Pool, name: str) -> str | None:
    """The attribute that a new user's name is the value of, in a pool with `UsernameAttributes`; None in others.

    Raises:
        CognitoError: the name is the value of none of them.
    """
    if not pool.username_attributes:
        return None
    for attribute in pool.username_attributes:
        if addresses.looks_like(attribute, name):
            return attribute
    one = {"email": "an email", "phone_number": "a phone number"}
    names = [one[attribute] for attribute in pool.username_attributes]
    wanted = names[0] if len(names) == 1 else "either an email or a phone number"
    raise CognitoError("InvalidParameterException", f"Username should be {wanted}.")


def check_is_no_alias(pool: Pool, name: str) -> None:
    """Raises CognitoError if a new user's name could be taken for an alias of somebody."""
    for attribute in ("email", "phone_number"):
        if attribute in pool.alias_attributes and addresses.looks_like(attribute, name):
            what = FORMATS[attribute]
            raise CognitoError(
                "InvalidParameterException",
                f"Username cannot be of {what} format, since user pool is configured for {what} alias.",
            )


def is_alias(pool: Pool, user: User, attribute: str) -> bool:
    """Whether a user is found by the value of this attribute: an alias counts once it is verified."""
    if attribute in pool.username_attributes:
        return True
    return attribute in pool.alias_attributes and (attribute == "preferred_username" or user.verified(attribute))


def matches(pool: Pool, kept: str, typed: str) -> bool:
    return pool.folded(kept) == pool.folded(typed)
