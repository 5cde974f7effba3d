"""A pool's second factors, as GetUserPoolMfaConfig and SetUserPoolMfaConfig show and replace them.

The SMS texts and the SMS role are the pool's own settings, the same that DescribeUserPool shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.rules import pool_settings
from sms_redirect.sandbox.cognito.values.pool import Factors, Pool, Settings
from sms_redirect.sandbox.errors import CognitoError


def configuration(pool: Pool) -> dict[str, Any]:
    """What GetUserPoolMfaConfig returns. What was never set is left out."""
    factors = pool.factors
    shown: dict[str, Any] = {"MfaConfiguration": pool.mfa}
    if factors.sms:
        shared = ("SmsAuthenticationMessage", "SmsConfiguration")
        shown["SmsMfaConfiguration"] = {name: pool.settings[name] for name in shared if pool.settings.get(name)}
    if factors.software_token is not None:
        shown["SoftwareTokenMfaConfiguration"] = {"Enabled": factors.software_token}
    if factors.email:
        shown["EmailMfaConfiguration"] = dict(factors.email)
    if factors.web_authn:
        shown["WebAuthnConfiguration"] = dict(factors.web_authn)
    return shown


def check(pool: Pool, request: Mapping[str, Any]) -> None:
    """Raises CognitoError if the factors of SetUserPoolMfaConfig contradict each other or the pool's settings."""
    sms = request.get("SmsMfaConfiguration", {}).get("SmsConfiguration")
    left: dict[str, Any] = {
        name: pool.settings[name] for name in ("AutoVerifiedAttributes", "Policies") if name in pool.settings
    }
    mfa = request.get("MfaConfiguration", "OFF")
    checked = {**left, "MfaConfiguration": mfa, **({} if sms is None else {"SmsConfiguration": sms})}
    pool_settings.check(checked, pool.region, other_factor=True)
    if mfa != "OFF" and not sms and not pool_settings.has_other(_factors(request)):
        raise CognitoError("InvalidParameterException", pool_settings.NO_FACTOR)


def check_update(pool: Pool, request: Mapping[str, Any]) -> None:
    """Raises CognitoError if UpdateUserPool would turn MFA on in a pool without a factor (crossplane/provider-aws)."""
    wanted = request.get("MfaConfiguration", "OFF") != "OFF" and pool.mfa == "OFF"
    if wanted and "SmsConfiguration" not in request and not pool_settings.has_other(pool.factors):
        text = "Cannot turn MFA functionality ON, once the user pool has been created."
        raise CognitoError("InvalidParameterException", text)


def replaced(pool: Pool, request: Mapping[str, Any], now: float) -> Pool:
    """SetUserPoolMfaConfig replaces everything: what the request leaves out is off."""
    sms = request.get("SmsMfaConfiguration", {})
    changed = {
        "SmsConfiguration": sms.get("SmsConfiguration"),
        "SmsAuthenticationMessage": sms.get("SmsAuthenticationMessage"),
        "MfaConfiguration": request.get("MfaConfiguration", "OFF"),
    }
    stays = {name: value for name, value in pool.settings.items() if name not in changed}
    settings = {**stays, **{name: value for name, value in changed.items() if value}}
    factors = replace(_factors(request), sms="SmsConfiguration" in settings)
    return replace(pool, settings=settings, factors=factors, modified=now)


def after_update(pool: Pool) -> Pool:
    """The factors that are left after a change of the pool's settings."""
    return replace(
        pool, factors=replace(pool.factors, sms=pool_settings.factors_after_update(pool.factors, pool.settings))
    )


def from_template(pool: Pool, properties: Mapping[str, Any]) -> Pool:
    """What a template says about factors, with properties that the pool's own operations do not have."""
    factors = pool.factors
    if "EnabledMfas" in properties:
        enabled = properties["EnabledMfas"] or []
        sms = "SMS_MFA" in enabled and "SmsConfiguration" in pool.settings
        app = "SOFTWARE_TOKEN_MFA" in enabled
        shown = app or factors.software_token is not None
        factors = replace(factors, sms=sms, software_token=app if shown else None)
    email = {"Message": "EmailAuthenticationMessage", "Subject": "EmailAuthenticationSubject"}
    web_authn = {
        "RelyingPartyId": "WebAuthnRelyingPartyID",
        "UserVerification": "WebAuthnUserVerification",
        "FactorConfiguration": "WebAuthnFactorConfiguration",
    }
    return replace(
        pool, factors=replace(factors, email=_named(email, properties), web_authn=_named(web_authn, properties))
    )


def named_in_template(properties: Settings) -> Factors:
    """The factors of a template's pool before it is made."""
    enabled = properties.get("EnabledMfas") or []
    email = (
        {"Message": str(properties.get("EmailAuthenticationMessage", "")) or "set"} if "EMAIL_OTP" in enabled else {}
    )
    return Factors(sms="SMS_MFA" in enabled, software_token="SOFTWARE_TOKEN_MFA" in enabled, email=email)


def _factors(request: Mapping[str, Any]) -> Factors:
    token = request.get("SoftwareTokenMfaConfiguration")
    return Factors(
        software_token=None if token is None else bool(token.get("Enabled", False)),
        email=request.get("EmailMfaConfiguration") or {},
        web_authn=request.get("WebAuthnConfiguration") or {},
    )


def _named(names: Mapping[str, str], properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: properties[source] for name, source in names.items() if source in properties}
