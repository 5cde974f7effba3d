"""A user's second factors: authenticator apps, and which factors are switched on and preferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.rules import totp
from sms_redirect.sandbox.cognito.rules.factors import first_factors
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Session
from sms_redirect.sandbox.cognito.values.user import Factor, User
from sms_redirect.sandbox.errors import CognitoError

SETTINGS: Mapping[str, Factor] = {
    "SMSMfaSettings": "SMS_MFA",
    "SoftwareTokenMfaSettings": "SOFTWARE_TOKEN_MFA",
    "EmailMfaSettings": "EMAIL_OTP",
}
SET_UP = "MFA_SETUP"
WRONG_APP_CODE = ("EnableSoftwareTokenMFAException", "Code mismatch")
WRONG_CODE = ("CodeMismatchException", "Invalid code received for user")
REPEATED_CODE = ("ExpiredCodeException", "Your software token has already been used once.")


def associate_software_token(context: Context, call: Call) -> dict[str, Any]:
    """A new secret for an app. With a session (MFA_SETUP) another session comes back."""
    pool, user, session = _who(context, call)
    if not pool.factors.software_token:
        raise CognitoError(
            "SoftwareTokenMFANotFoundException", "Software token MFA has not been enabled by the userPool."
        )
    secret = totp.new_secret()
    steps.change(context, user, lambda current: replace(current, totp_unproven=secret))
    return {"SecretCode": secret, "Session": _next_session(context, session)}


def verify_software_token(context: Context, call: Call) -> dict[str, Any]:
    _, user, session = _who(context, call)
    secret = user.totp_unproven
    step = totp.matching_step(secret, call.request["UserCode"], context.clock.now()) if secret else None
    if step is None:
        raise CognitoError(*WRONG_APP_CODE)
    steps.change(
        context,
        user,
        lambda current: replace(
            current,
            totp_secret=secret,
            totp_unproven=None,
            factors=_with(current.factors, "SOFTWARE_TOKEN_MFA") if session else current.factors,
        ),
    )
    return {"Status": "SUCCESS", "Session": _next_session(context, session, {"set_up": True})}


def set_user_mfa_preference(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    _set_preference(context, signed.pool, signed.user, call.request)
    return {}


def admin_set_user_mfa_preference(context: Context, call: Call) -> dict[str, Any]:
    pool, user = steps.user_of(context, call)
    _set_preference(context, pool, user, call.request)
    return {}


def set_user_settings(context: Context, call: Call) -> dict[str, Any]:
    _set_options(context, steps.signed_in(context, call).user, call)
    return {}


def admin_set_user_settings(context: Context, call: Call) -> dict[str, Any]:
    _set_options(context, steps.user_of(context, call)[1], call)
    return {}


def get_user_auth_factors(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    return _auth_factors(signed.pool, signed.user)


def admin_get_user_auth_factors(context: Context, call: Call) -> dict[str, Any]:
    return _auth_factors(*steps.user_of(context, call))


def admin_delete_software_token(context: Context, call: Call) -> dict[str, Any]:
    """The user cannot sign in with the app any more, and may register another (API AdminDeleteSoftwareToken)."""
    steps.change(
        context,
        steps.user_of(context, call)[1],
        lambda current: replace(
            current,
            totp_secret=None,
            totp_unproven=None,
            totp_last_step=None,
            factors=_without(current.factors, "SOFTWARE_TOKEN_MFA"),
            preferred_factor=None if current.preferred_factor == "SOFTWARE_TOKEN_MFA" else current.preferred_factor,
        ),
    )
    return {}


def use_app_code(context: Context, user: User, code: str) -> User:
    """Raises CognitoError if the code is wrong, or was used before."""
    step = totp.matching_step(user.totp_secret or "", code, context.clock.now()) if user.totp_secret else None
    if step is None:
        raise CognitoError(*WRONG_CODE)
    with context.store.transaction():
        current = context.store.users.get(user.key)
        if current is None or (current.totp_last_step is not None and step <= current.totp_last_step):
            raise CognitoError(*REPEATED_CODE)
        return steps.change(context, user, lambda each: replace(each, totp_last_step=step))


def _set_preference(context: Context, pool: Pool, user: User, request: Mapping[str, Any]) -> None:
    wanted = {factor: request[name] for name, factor in SETTINGS.items() if name in request}
    for factor, settings in wanted.items():
        if settings.get("Enabled"):
            _check_available(pool, user, factor)
    preferred = [factor for factor, settings in wanted.items() if settings.get("PreferredMfa")]
    if len(preferred) > 1:
        raise CognitoError("InvalidParameterException", "Only one MFA method can be preferred.")
    if any(not wanted[factor].get("Enabled") for factor in preferred):
        raise CognitoError("InvalidParameterException", "The preferred MFA method must be enabled.")
    steps.change(context, user, lambda current: _preferring(current, wanted, preferred))


def _preferring(user: User, wanted: Mapping[Factor, Mapping[str, Any]], preferred: list[Factor]) -> User:
    factors = user.factors
    for factor, settings in wanted.items():
        factors = _with(factors, factor) if settings.get("Enabled") else _without(factors, factor)
    kept = user.preferred_factor
    if kept is not None and kept in wanted and not wanted[kept].get("PreferredMfa"):
        kept = None
    return replace(user, factors=factors, preferred_factor=preferred[0] if preferred else kept)


def _set_options(context: Context, user: User, call: Call) -> None:
    """The old way to switch SMS MFA on, or off with an empty list. It knows no other factor."""
    options = call.request["MFAOptions"]
    for option in options:
        if (
            option.get("DeliveryMedium", "SMS") != "SMS"
            or option.get("AttributeName", "phone_number") != "phone_number"
        ):
            raise CognitoError("InvalidParameterException", "MFAOptions can only set SMS MFA to phone_number.")
    if options and not user.phone_number:
        raise CognitoError("InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA")
    shown = ({"DeliveryMedium": "SMS", "AttributeName": "phone_number"},) if options else ()

    def changed(current: User) -> User:
        change = _with if options else _without
        preferred = current.preferred_factor if options or current.preferred_factor != "SMS_MFA" else None
        factors = change(current.factors, "SMS_MFA")
        return replace(current, mfa_options=shown, factors=factors, preferred_factor=preferred)

    steps.change(context, user, changed)


def _auth_factors(pool: Pool, user: User) -> dict[str, Any]:
    """PASSWORD stands for both ways to prove one."""
    return {
        "Username": user.name,
        "PreferredMfaSetting": user.preferred_factor,
        "UserMFASettingList": list(user.factors) or None,
        "ConfiguredUserAuthFactors": [each for each in first_factors(pool, user) if each != "PASSWORD_SRP"],
    }


def _check_available(pool: Pool, user: User, factor: Factor) -> None:
    """A factor that user or pool lacks is refused (observed: aws-cdk, moto's tests verified on AWS)."""
    if factor == "SMS_MFA" and not user.phone_number:
        raise CognitoError("InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA")
    if factor == "SOFTWARE_TOKEN_MFA" and user.totp_secret is None:
        text = "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"  # aws-sdk-js-v3#4645
        raise CognitoError("InvalidParameterException", text)
    if factor == "EMAIL_OTP" and not (user.email and pool.factors.email):
        raise CognitoError("InvalidParameterException", "User does not have delivery config set to turn on EMAIL_OTP")


def _who(context: Context, call: Call) -> tuple[Pool, User, Session | None]:
    """The user of an access token, or of the session of MFA_SETUP."""
    if call.get("AccessToken"):
        signed = steps.signed_in(context, call)
        return signed.pool, signed.user, None
    if not call.get("Session"):
        raise CognitoError("InvalidParameterException", "Only one of AccessToken or Session must be provided.")
    session = context.sessions.of_any_client(call.request["Session"], SET_UP)
    pool = context.store.pools.get(session.pool_id)
    user = context.store.users.get((session.pool_id, session.sub))
    if pool is None or user is None:
        raise CognitoError("NotAuthorizedException", "Invalid session for the user.")
    return pool, user, session


def _next_session(context: Context, session: Session | None, state: Mapping[str, Any] | None = None) -> str | None:
    if session is None:
        return None
    client = context.store.clients.get(session.client_id)
    if client is None:
        raise CognitoError("ResourceNotFoundException", f"User pool client {session.client_id} does not exist.")
    context.sessions.close(session)
    return context.sessions.open(SET_UP, client, session.user_name, session.sub, {**session.state, **(state or {})})


def _with(factors: tuple[Factor, ...], factor: Factor) -> tuple[Factor, ...]:
    return factors if factor in factors else (*factors, factor)


def _without(factors: tuple[Factor, ...], factor: Factor) -> tuple[Factor, ...]:
    return tuple(each for each in factors if each != factor)
