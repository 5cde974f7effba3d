"""Who proves what when signing in: first factors, second factors, and what recovers a password.

Sources: DG/user-pool-settings-mfa, DG/authentication-flows-selection-sdk, DG/managing-users-passwords.
"""

from __future__ import annotations

from sms_redirect.sandbox.cognito.rules import addresses
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

ADMIN_ONLY = ("NotAuthorizedException", "Contact administrator to reset password.")
NO_RECOVERY = "Cannot reset password for the user as there is no registered/verified email or phone_number"


def to_verify_at_sign_up(pool: Pool, user: User) -> Destination | None:
    """Where the code of a sign-up goes. With phone and email both verified automatically, by SMS only."""
    if "phone_number" in pool.auto_verified and user.phone_number:
        return addresses.phone(user.phone_number)
    if "email" in pool.auto_verified and user.email:
        return addresses.email(user.email)
    return None


def recovery(pool: Pool, user: User) -> Destination:
    """Where the code for a forgotten password goes, by `AccountRecoverySetting`.

    Raises:
        CognitoError: nothing verified to send to, or only an administrator may reset.
    """
    for name in recovery_mechanisms(pool):
        if name == "admin_only":
            raise CognitoError(*ADMIN_ONLY)
        # What is the second factor cannot be the only proof of identity: amplify-js#13403.
        second = second_factor(pool, user)
        if name == "verified_phone_number" and user.verified("phone_number") and second != "SMS_MFA":
            return addresses.phone(user.phone_number or "")
        if name == "verified_email" and user.verified("email") and second != "EMAIL_OTP":
            return addresses.email(user.email or "")
    raise CognitoError("InvalidParameterException", NO_RECOVERY)


def recovery_mechanisms(pool: Pool) -> list[str]:
    """Their names, the first to try first."""
    mechanisms = pool.get("AccountRecoverySetting", "RecoveryMechanisms") or []
    names = [each["Name"] for each in sorted(mechanisms, key=lambda mechanism: mechanism["Priority"])]
    return names or ["verified_phone_number", "verified_email"]


def usable(pool: Pool, user: User) -> list[str]:
    """The second factors that a user has switched on, and that pool and user have what they need for.

    An unverified phone will do, and is verified by it.
    """
    return [factor for factor in user.factors if _is_usable(pool, user, factor)]


def second_factor(pool: Pool, user: User) -> str | None:
    """The challenge that follows the first factor: a factor, SELECT_MFA_TYPE, MFA_SETUP, or None."""
    if pool.mfa == "OFF":
        return None
    factors = usable(pool, user)
    if user.preferred_factor in factors:
        return user.preferred_factor
    if len(factors) > 1:
        return "SELECT_MFA_TYPE"
    if factors:
        return factors[0]
    return _required(pool, user) if pool.mfa == "ON" else None


def choices(pool: Pool, user: User) -> list[str]:
    """What SELECT_MFA_TYPE offers."""
    return usable(pool, user)


def can_set_up(pool: Pool) -> list[str]:
    """What MFA_SETUP offers."""
    offered = []
    if pool.factors.software_token:
        offered.append("SOFTWARE_TOKEN_MFA")
    if pool.factors.email:
        offered.append("EMAIL_OTP")
    return offered


def first_factors(pool: Pool, user: User) -> list[str]:
    """What a user may choose from in USER_AUTH, in Cognito's order."""
    allowed = pool.first_factors
    factors = ["PASSWORD", "PASSWORD_SRP"] if "PASSWORD" in allowed and user.password is not None else []
    # A one-time password and a second factor would be the same proof twice: who has the one is not offered the other.
    if user.status == "CONFIRMED" and pool.mfa != "ON" and not usable_second(pool, user):
        if "SMS_OTP" in allowed and user.verified("phone_number"):
            factors.append("SMS_OTP")
        if "EMAIL_OTP" in allowed and user.verified("email"):
            factors.append("EMAIL_OTP")
    return factors


def usable_second(pool: Pool, user: User) -> bool:
    return pool.mfa != "OFF" and bool(usable(pool, user))


def _required(pool: Pool, user: User) -> str:
    """The factor of somebody who has switched none on, in a pool that requires one."""
    if pool.factors.sms and user.phone_number:
        return "SMS_MFA"
    if pool.factors.email and user.email:
        return "EMAIL_OTP"
    return "MFA_SETUP"


def _is_usable(pool: Pool, user: User, factor: str) -> bool:
    if factor == "SMS_MFA":
        return bool(user.phone_number and pool.get("SmsConfiguration"))
    if factor == "EMAIL_OTP":
        return bool(user.email and pool.factors.email)
    return user.totp_secret is not None
