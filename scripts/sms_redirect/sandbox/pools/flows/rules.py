"""Who gets a code, and how: pure decisions from a pool's settings and a user's attributes.

Source, unless said otherwise: the Cognito developer guide's pages on sign-up, account recovery and MFA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from sms_redirect.sandbox.errors import CognitoError

if TYPE_CHECKING:
    from sms_redirect.sandbox.pools.flows.directory import Pool, User

Medium = Literal["SMS", "EMAIL"]
MfaChallenge = Literal["SMS_MFA", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE"]

E164 = re.compile(r"\+[1-9]\d{1,14}")


def sign_up_medium(pool: Pool, user: User) -> Medium | None:
    """How a sign-up is confirmed. With phone and email both verified automatically, the code goes by SMS only."""
    verified = pool.get("AutoVerifiedAttributes") or []
    if "phone_number" in verified and user.phone_number:
        return "SMS"
    if "email" in verified and user.attributes.get("email"):
        return "EMAIL"
    return None


def recovery_medium(pool: Pool, user: User) -> Medium:
    """How a forgotten password is recovered, by `AccountRecoverySetting`.

    Raises:
        CognitoError: nothing verified to send to, or only an administrator may reset.
    """
    mechanisms = pool.get("AccountRecoverySetting", "RecoveryMechanisms") or []
    names = [mechanism["Name"] for mechanism in sorted(mechanisms, key=lambda mechanism: mechanism["Priority"])]
    for name in names or ["verified_phone_number", "verified_email"]:
        if name == "admin_only":
            raise CognitoError("NotAuthorizedException", "Contact administrator to reset password.")
        # A phone that is the second factor cannot be the only proof of identity: amplify-js#13403.
        if name == "verified_phone_number" and user.verified("phone_number") and mfa_challenge(pool, user) != "SMS_MFA":
            return "SMS"
        if name == "verified_email" and user.verified("email"):
            return "EMAIL"
    raise CognitoError(
        "InvalidParameterException",
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
    )


def mfa_challenge(pool: Pool, user: User) -> MfaChallenge | None:
    """The second factor that a sign-in needs, if any. An unverified phone will do, and is verified by it."""
    if (pool.get("MfaConfiguration") or "OFF") == "OFF":
        return None
    methods = [method for method in user.mfa_methods if method != "SMS_MFA" or user.phone_number]
    if user.preferred_mfa in methods:
        return "SMS_MFA" if user.preferred_mfa == "SMS_MFA" else "SOFTWARE_TOKEN_MFA"
    if "SMS_MFA" in methods and "SOFTWARE_TOKEN_MFA" in methods:
        return "SELECT_MFA_TYPE"
    if methods:
        return "SMS_MFA" if "SMS_MFA" in methods else "SOFTWARE_TOKEN_MFA"
    required = pool.get("MfaConfiguration") == "ON"
    return "SMS_MFA" if required and user.phone_number and pool.get("SmsConfiguration") else None


def first_factors(pool: Pool, user: User) -> list[str]:
    """What a user may choose from in USER_AUTH, in Cognito's order."""
    allowed = pool.get("Policies", "SignInPolicy", "AllowedFirstAuthFactors") or ["PASSWORD"]
    factors = ["PASSWORD", "PASSWORD_SRP"] if "PASSWORD" in allowed else []
    # A required second factor rules out signing in with the phone alone.
    optional = pool.get("MfaConfiguration") != "ON"
    if optional and user.status == "CONFIRMED" and "SMS_OTP" in allowed and user.verified("phone_number"):
        factors.append("SMS_OTP")
    return factors


def check_phone_number(attributes: Iterable[Mapping[str, str]]) -> None:
    """Raises CognitoError where a new user's number is not E.164."""
    for attribute in attributes:
        if attribute.get("Name") == "phone_number" and not E164.fullmatch(attribute.get("Value", "")):
            raise CognitoError("InvalidParameterException", "Invalid phone number format.")


def masked(phone_number: str) -> str:
    """`+12065550008` -> `+*******0008`, as in `CodeDeliveryDetails`."""
    digits = phone_number.removeprefix("+")
    return "+" + "*" * (len(digits) - 4) + digits[-4:]


def delivery_details(phone_number: str, attribute: str = "phone_number") -> dict[str, str]:
    return {"Destination": masked(phone_number), "DeliveryMedium": "SMS", "AttributeName": attribute}
