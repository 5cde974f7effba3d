"""Does a pool send an SMS in a flow, and why not: pure, from a `Pool` to values.

Source, unless said otherwise: the Cognito developer guide's pages on sign-up, account recovery and MFA; see
docs/cognito-facts.md, "When a pool sends an SMS".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.gallery.pool import Pool
from sms_sender.flows import TRIGGER_PREFIX

CODE_DIGITS, OTP_DIGITS = 6, 8  # a one-time password by SMS has eight: amplify-js#14428


@dataclass(frozen=True, slots=True)
class Stop:
    """A setting because of which the SMS is not sent: its name, its value in words, and what would make it sent."""

    setting: str
    value: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A setting that decides, but that only a deployment knows."""

    setting: str
    reason: str


Why = Stop | Unclear


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that Cognito sends an SMS for. `flow` is the trigger source's; two occasions share Authentication.

    `sent` is None if AWS documents neither, or if a deciding setting is not known: `doubt` says why.
    `digits` is 0 if there is no numeric code.
    """

    id: str
    title: str
    flow: str
    operations: tuple[str, ...]
    when: str
    digits: int = CODE_DIGITS
    stops: tuple[Stop, ...] = ()
    doubt: str | None = None

    @property
    def trigger_source(self) -> str:
        return TRIGGER_PREFIX + self.flow

    @property
    def sent(self) -> bool | None:
        if self.stops:
            return False
        return None if self.doubt else True


def occasions(pool: Pool) -> list[Occasion]:
    """All of them, in the order of a user's life."""
    return [occasion(pool) for occasion in _ALL]


def _decided(found: Iterable[Why], doubt: str | None = None) -> dict[str, Any]:
    """What `Occasion` says about it: every stop; doubts only count while nothing stops it."""
    reasons = tuple(found)
    doubts = [f"It depends on {each.setting}: {each.reason}." for each in reasons if isinstance(each, Unclear)]
    stops = tuple(each for each in reasons if isinstance(each, Stop))
    return {"stops": stops, "doubt": " ".join([*([doubt] if doubt else []), *doubts]) or None}


def _sign_up(pool: Pool) -> Occasion:
    return Occasion(
        "SignUp",
        "Sign-up",
        "SignUp",
        ("SignUp",),
        "A user signs up with a phone number" + _unless_confirmed(pool),
        **_decided((*_no_role(pool), *_no_self_sign_up(pool), *_not_auto_verified(pool))),
    )


def _resend(pool: Pool) -> Occasion:
    return Occasion(
        "ResendCode",
        "Code sent again",
        "ResendCode",
        ("ResendConfirmationCode",),
        "A user who has signed up but not confirmed asks for another code.",
        **_decided((*_no_role(pool), *_no_self_sign_up(pool), *_not_auto_verified(pool))),
    )


def _forgot(pool: Pool) -> Occasion:
    return Occasion(
        "ForgotPassword",
        "Forgotten password",
        "ForgotPassword",
        ("ForgotPassword", "AdminResetUserPassword"),
        _recovery_words(pool),
        **_decided((*_no_sms_at_all(pool), *_no_recovery_by_phone(pool)), _no_role_doubt(pool)),
    )


def _verify(pool: Pool) -> Occasion:
    return Occasion(
        "VerifyUserAttribute",
        "Verify attribute",
        "VerifyUserAttribute",
        ("GetUserAttributeVerificationCode",),
        "A signed-in user asks to verify the phone number.",
        **_decided(_no_role(pool)),
    )


def _update(pool: Pool) -> Occasion:
    before = "phone_number" in pool.names("UserAttributeUpdateSettings", "AttributesRequireVerificationBeforeUpdate")
    where = ": the code goes to the new one, and the old one stays until it is entered." if before else "."
    return Occasion(
        "UpdateUserAttribute",
        "Changed attribute",
        "UpdateUserAttribute",
        ("UpdateUserAttributes", "AdminUpdateUserAttributes"),
        f"The phone number of a user changes{where}",
        **_decided((*_no_role(pool), *_not_auto_verified(pool))),
    )


def _second_factor(pool: Pool) -> Occasion:
    required = pool.mfa == "ON"
    return Occasion(
        "SmsMfa",
        "Sign-in, second factor",
        "Authentication",
        ("InitiateAuth", "AdminInitiateAuth"),
        "A user with a phone number signs in with a password" + ("." if required else ", and has chosen SMS MFA."),
        **_decided((*_no_role(pool), *_no_mfa(pool))),
    )


def _one_time_password(pool: Pool) -> Occasion:
    return Occasion(
        "SmsOtp",
        "Sign-in without a password",
        "Authentication",
        ("InitiateAuth", "AdminInitiateAuth"),
        "A user with a verified phone number chooses SMS_OTP, in an app client that allows ALLOW_USER_AUTH.",
        digits=OTP_DIGITS,
        **_decided((*_no_role(pool), *_no_otp(pool))),
    )


def _invitation(pool: Pool) -> Occasion:
    return Occasion(
        "AdminCreateUser",
        "Invitation",
        "AdminCreateUser",
        ("AdminCreateUser", "AdminCreateUser with MessageAction=RESEND"),
        "An administrator creates a user with a phone number, without DesiredDeliveryMediums=EMAIL and without "
        "MessageAction=SUPPRESS.",
        digits=0,
        **_decided(_no_sms_at_all(pool), _no_role_doubt(pool)),
    )


def _takeover(pool: Pool) -> Occasion:
    return Occasion(
        "AccountTakeOverNotification",
        "Account takeover",
        "AccountTakeOverNotification",
        (),
        "Threat protection finds a risky sign-in.",
        digits=0,
        **_decided(
            _no_threat_protection(pool),
            "AWS's sample code has this trigger source, AWS's list of them has not: it may never be sent.",
        ),
    )


_ALL: tuple[Callable[[Pool], Occasion], ...] = (
    _sign_up,
    _resend,
    _verify,
    _update,
    _forgot,
    _second_factor,
    _one_time_password,
    _invitation,
    _takeover,
)


# ---- what stops it ----


def _unclear(pool: Pool, *path: str) -> Iterator[Unclear]:
    if unknown := pool.unknown(*path):
        yield Unclear(".".join(path), f"{unknown} is known to a deployment only")


def _no_role(pool: Pool) -> Iterator[Why]:
    """Needed for verification and sign-in, even with a custom sender: aws-cdk#17740."""
    yield from _unclear(pool, "SmsConfiguration")
    if not pool.can_send_sms and not pool.unknown("SmsConfiguration"):
        yield Stop("SmsConfiguration", "not set", "Give the pool a role to send SMS with.")


def _no_sms_at_all(pool: Pool) -> Iterator[Why]:
    if pool.sender is None:
        yield from _no_role(pool)


def _no_role_doubt(pool: Pool) -> str | None:
    if pool.can_send_sms or pool.sender is None:
        return None
    return "The pool has a custom SMS sender but no SmsConfiguration: AWS does not say whether this SMS is sent then."


def _no_self_sign_up(pool: Pool) -> Iterator[Why]:
    path = ("AdminCreateUserConfig", "AllowAdminCreateUserOnly")
    yield from _unclear(pool, *path)
    if pool.is_on(*path):
        yield Stop(".".join(path), "true", "Only administrators create users; false lets users sign up themselves.")


def _not_auto_verified(pool: Pool) -> Iterator[Why]:
    verified = pool.names("AutoVerifiedAttributes")
    if "phone_number" in verified:
        return
    yield from _unclear(pool, "AutoVerifiedAttributes")
    if not pool.unknown("AutoVerifiedAttributes"):
        yield Stop("AutoVerifiedAttributes", _listed(verified), "Add phone_number.")


def _no_mfa(pool: Pool) -> Iterator[Why]:
    yield from _unclear(pool, "MfaConfiguration")
    yield from _unclear(pool, "EnabledMfas")
    if pool.mfa == "OFF":
        yield Stop("MfaConfiguration", "OFF", "Set it to ON or OPTIONAL.")
    if not pool.factors.sms:
        enabled = pool.names("EnabledMfas")
        value = _listed(enabled) if enabled else "without SMS_MFA"
        yield Stop("EnabledMfas", value, "Add SMS_MFA: SMS is not one of the second factors.")


def _no_otp(pool: Pool) -> Iterator[Why]:
    path = ("Policies", "SignInPolicy", "AllowedFirstAuthFactors")
    factors = pool.names(*path) or ["PASSWORD"]
    if "SMS_OTP" not in factors:
        yield from _unclear(pool, *path)
        if not pool.unknown(*path):
            yield Stop(".".join(path), _listed(factors), "Add SMS_OTP.")
    yield from _unclear(pool, "MfaConfiguration")
    if pool.mfa == "ON":  # the guide's page on authentication flows: no sign-in without a password then
        yield Stop("MfaConfiguration", "ON", "Make MFA optional: with required MFA, nobody can sign in by SMS alone.")


def _no_threat_protection(pool: Pool) -> Iterator[Why]:
    yield from _unclear(pool, "UserPoolAddOns", "AdvancedSecurityMode")
    mode = str(pool.get("UserPoolAddOns", "AdvancedSecurityMode") or "OFF")
    if mode != "ENFORCED" and not pool.unknown("UserPoolAddOns", "AdvancedSecurityMode"):
        yield Stop("UserPoolAddOns.AdvancedSecurityMode", mode, "ENFORCED makes Cognito act on risky sign-ins.")


def _no_recovery_by_phone(pool: Pool) -> Iterator[Why]:
    path = ("AccountRecoverySetting", "RecoveryMechanisms")
    yield from _unclear(pool, *path)
    names = recovery(pool)
    if names and "verified_phone_number" not in names and not pool.unknown(*path):
        yield Stop(".".join(path), _listed(names), "Add verified_phone_number.")
    elif names and pool.mfa == "ON" and pool.factors.sms and not pool.factors.others:
        # A second factor cannot be the only proof of identity. Without AccountRecoverySetting it can ("legacy", API).
        remedy = "Add a second factor that is not SMS, or make MFA optional."
        yield Stop("MfaConfiguration", "ON, SMS the only factor", remedy)


def recovery(pool: Pool) -> list[str]:
    """How a password is recovered, the preferred way first; empty if the pool does not say."""
    mechanisms = pool.get("AccountRecoverySetting", "RecoveryMechanisms") or []
    known = [each for each in mechanisms if isinstance(each, Mapping)]
    ordered = sorted(known, key=lambda each: str(each.get("Priority")))  # 1 or 2
    return [str(each.get("Name")) for each in ordered]


# ---- when it is sent ----


def _recovery_words(pool: Pool) -> str:
    names = recovery(pool)
    without = "" if names[:1] != ["verified_email"] else ", no verified email address"
    factor = " and not SMS as a second factor" if names and pool.mfa != "OFF" and pool.factors.sms else ""
    return f"A user with a verified phone number{without}{factor} forgets the password, or an administrator resets it."


def _unless_confirmed(pool: Pool) -> str:
    return ", unless the PreSignUp function confirms the user." if pool.has("LambdaConfig", "PreSignUp") else "."


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "empty"
