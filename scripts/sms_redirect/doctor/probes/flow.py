"""Whether the pool sends an SMS in this flow at all, and to this user.

The reasons of a pool are the gallery's (`gallery/flows.py`). Those of a user: the developer guide's pages on sign-up,
account recovery and MFA, and the threads named at each rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, Status, ok, problem, warning
from sms_redirect.doctor.subject import Subject
from sms_redirect.gallery.flows import Occasion, occasions, recovery
from sms_redirect.gallery.pool import Pool


def pool_sends(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """A stop is a problem in the flow that was asked about, and only information in others."""
    found = occasions(facts.pool())
    if subject.flow is None:
        sent = [each.title for each in found if each.sent]
        yield ok(Cause.FLOW, "flows", f"This pool sends SMS for: {', '.join(sent) or 'nothing'}.")
        if not sent:
            yield problem(
                Cause.FLOW,
                "no-flow-sends",
                "This pool sends no SMS in any flow.",
                evidence="; ".join(_stops(found)),
                next_step="`sms-redirect gallery` lists what stops each SMS.",
            )
        return
    wanted = [each for each in found if each.flow == subject.flow and subject.occasion in (None, each.id)]
    sending = [each for each in wanted if each.sent is not False]
    if sending:
        doubts = [each.doubt for each in sending if each.doubt]
        yield ok(Cause.FLOW, "flow", f"This pool sends an SMS: {sending[0].when}", " ".join(doubts))
        return
    yield problem(
        Cause.FLOW,
        "flow-not-sent",
        f"This pool sends no SMS in the flow {subject.occasion or subject.flow}.",
        evidence="; ".join(_stops(wanted)),
        next_step=" ".join(dict.fromkeys(stop.remedy for each in wanted for stop in each.stops)),
    )


def _stops(found: Sequence[Occasion]) -> list[str]:
    return list(dict.fromkeys(f"{stop.setting} is {stop.value}" for each in found for stop in each.stops))


# ---- the user ----


@dataclass(frozen=True, slots=True)
class User:
    """What Cognito says of one user."""

    name: str
    status: str
    enabled: bool
    attributes: Mapping[str, str]
    factors: tuple[str, ...]
    preferred: str | None
    pool: Pool
    devices: int = 0

    @property
    def phone_number(self) -> str | None:
        return self.attributes.get("phone_number")

    def verified(self, attribute: str) -> bool:
        return bool(self.attributes.get(attribute)) and self.attributes.get(f"{attribute}_verified") == "true"

    @property
    def sms_is_second_factor(self) -> bool:
        required = self.pool.mfa == "ON" and self.pool.factors.sms and bool(self.phone_number)
        return "SMS_MFA" in self.factors or required


def user_gets(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """Whether this user gets the SMS of this flow."""
    if not subject.names_a_user:
        return
    pool = facts.pool()
    changing = subject.flow == "UpdateUserAttribute" and "phone_number" in pool.names(
        "UserAttributeUpdateSettings", "AttributesRequireVerificationBeforeUpdate"
    )
    name = subject.user_name or _name_by_number(facts, subject.phone_number or "")
    user = _read(facts, name, pool) if name is not None else None
    if user is None and changing and not subject.user_name:
        yield warning(
            Cause.USER,
            "number-not-changed-yet",
            f"No user has the number {subject.phone_number} yet: it counts once its code is confirmed.",
            next_step="Name the user instead (--user).",
        )
        return
    if user is None:
        yield from _no_such_user(facts, subject)
        return
    yield ok(Cause.USER, "user", f"The user {user.name} exists.", _summary(user))
    if subject.phone_number and user.phone_number != subject.phone_number and not changing:
        yield problem(
            Cause.USER,
            "other-number",
            f"The user's phone number is {user.phone_number or 'not set'}, not {subject.phone_number}.",
            next_step="SMS go to the number in the user's profile. Change it there, or filter by the right one.",
        )
    if not user.enabled:
        yield problem(
            Cause.USER,
            "user-disabled",
            "The user is disabled: Cognito refuses every flow.",
            next_step="aws cognito-idp admin-enable-user",
        )
    yield from _of_flow(user, subject)
    yield from _shared_number(facts, user)


def _of_flow(user: User, subject: Subject) -> Iterator[Finding]:
    asked = subject.occasion or subject.flow or ""
    if asked == "Authentication":
        # One of the two is enough.
        ways = [_by_rules(user, each) for each in ("SmsMfa", "SmsOtp")]
        stopped = [any(each.status is Status.PROBLEM for each in way) for way in ways]
        yield from ways[0] if all(stopped) else ways[stopped.index(False)]
        return
    yield from _by_rules(user, asked)


def _by_rules(user: User, asked: str) -> list[Finding]:
    return [finding for rule in _RULES.get(asked, ()) for finding in rule(user)]


def _no_such_user(facts: Facts, subject: Subject) -> Iterator[Finding]:
    whom = subject.user_name or subject.phone_number
    if subject.flow in ("SignUp", "AdminCreateUser"):
        yield problem(
            Cause.USER,
            "not-signed-up",
            f"There is no user {whom}: the call that creates it failed or never reached this pool.",
            next_step="Look at the error of that call, and compare its client and pool ids with the stack's outputs.",
        )
        return
    hidden = any(each.get("PreventUserExistenceErrors") == "ENABLED" for each in facts.clients())
    told = " With PreventUserExistenceErrors, Cognito answers as if it had sent an SMS, and sends nothing."
    yield problem(
        Cause.USER,
        "user-missing",
        f"There is no user {whom} in this pool.{told if hidden else ''}",
        next_step="Check the spelling, the number's country code and the pool: "
        f"aws cognito-idp list-users --user-pool-id {facts.output('UserPoolId')}",
    )


def _name_by_number(facts: Facts, number: str) -> str | None:
    """The verified owner of a number before others."""
    found = facts.users_with("phone_number", number)
    verified = [each for each in found if _attributes(each).get("phone_number_verified") == "true"]
    return str((verified or found)[0]["Username"]) if found else None


def _read(facts: Facts, name: str, pool: Pool) -> User | None:
    try:
        raw = facts.user(name)
    except MissingError:
        return None
    name = str(raw["Username"])
    return User(
        name=name,
        status=str(raw.get("UserStatus")),
        enabled=bool(raw.get("Enabled", True)),
        attributes=_attributes(raw),
        factors=tuple(raw.get("UserMFASettingList") or ()),
        preferred=raw.get("PreferredMfaSetting"),
        pool=pool,
        devices=len(facts.devices(name)) if pool.get("DeviceConfiguration", "ChallengeRequiredOnNewDevice") else 0,
    )


def _attributes(raw: Mapping[str, Any]) -> dict[str, str]:
    listed = raw.get("UserAttributes") or raw.get("Attributes") or []
    return {each["Name"]: each.get("Value", "") for each in listed}


def _summary(user: User) -> str:
    verified = "verified" if user.verified("phone_number") else "not verified"
    number = f"{user.phone_number} ({verified})" if user.phone_number else "no phone number"
    factors = ", ".join(user.factors) or "none"
    return f"{user.status}, {number}, second factors: {factors}, preferred: {user.preferred or 'none'}"


def _shared_number(facts: Facts, user: User) -> Iterator[Finding]:
    """An alias belongs to one user at a time; others with the number have it unverified."""
    if not user.phone_number or "phone_number" not in user.pool.names("AliasAttributes"):
        return
    others = [each["Username"] for each in facts.users_with("phone_number", user.phone_number)]
    others = [each for each in others if each != user.name]
    if others:
        yield warning(
            Cause.USER,
            "number-shared",
            f"{len(others)} other user(s) have the same number: {', '.join(others[:5])}.",
            next_step="Signing in with the number means its verified owner, who may be another user.",
        )


# ---- rules of the flows ----

Rule = Callable[[User], Iterator[Finding]]


def _has_a_password_here(user: User) -> Iterator[Finding]:
    if user.status == "EXTERNAL_PROVIDER":  # DG "Managing user accounts", user states
        yield problem(
            Cause.USER,
            "federated",
            "The user signs in through an identity provider, and gets no codes from this pool.",
            evidence=user.status,
            next_step="Test with a user of the pool's own.",
        )


def _needs_a_number(user: User) -> Iterator[Finding]:
    if not user.phone_number:
        yield problem(
            Cause.USER,
            "no-number",
            "The user has no phone number, so there is nowhere to send an SMS.",
            next_step="Set phone_number in E.164 form, such as +12065550123.",
        )


def _already_there(user: User) -> Iterator[Finding]:
    if user.status == "UNCONFIRMED":
        yield warning(
            Cause.USER,
            "signed-up-already",
            "The user has signed up and not confirmed yet: SignUp sent its SMS then, and refuses the name now.",
            next_step="Call ResendConfirmationCode, or delete the user and sign up again.",
        )
    else:
        yield problem(
            Cause.USER,
            "user-exists",
            f"The user exists already ({user.status}), so SignUp fails with UsernameExistsException and sends nothing.",
            next_step="Sign up with another name, or delete the user first.",
        )


def _only_unconfirmed(user: User) -> Iterator[Finding]:
    if user.status != "UNCONFIRMED":
        yield problem(
            Cause.USER,
            "user-confirmed",
            f"The user is {user.status}: ResendConfirmationCode only serves users who have not confirmed.",
            next_step="To resend an MFA code, start the sign-in again.",
        )


def _can_recover(user: User) -> Iterator[Finding]:
    if user.status == "FORCE_CHANGE_PASSWORD":
        yield problem(
            Cause.USER,
            "temporary-password",
            "The user still has a temporary password, and Cognito does not reset those.",
            evidence=user.status,
            next_step="Send the invitation again: AdminCreateUser with MessageAction=RESEND.",
        )
        return
    order = recovery(user.pool)
    if order and user.sms_is_second_factor:  # amplify-js#13403
        yield problem(
            Cause.USER,
            "sms-is-second-factor",
            "SMS is this user's second factor, so Cognito does not use it to recover the password.",
            next_step="Recovery goes to a verified email address, if AccountRecoverySetting names it. Turn SMS MFA off "
            "for this user to recover by SMS.",
        )
    elif not user.verified("phone_number"):
        by = " The code goes to the verified email address." if user.verified("email") else ""
        yield problem(
            Cause.USER,
            "number-unverified",
            f"The user's phone number is not verified, and recovery only uses verified ones.{by}",
            next_step="Verify it: GetUserAttributeVerificationCode and VerifyUserAttribute, or set "
            "phone_number_verified=true with AdminUpdateUserAttributes.",
        )
    elif order[:1] == ["verified_email"] and user.verified("email"):
        yield problem(
            Cause.USER,
            "recovers-by-email",
            "Recovery prefers the verified email address to the phone.",
            evidence=f"AccountRecoverySetting: {', '.join(order)}",
            next_step="Give verified_phone_number priority 1, or test with a user without a verified email address.",
        )


def _has_sms_factor(user: User) -> Iterator[Finding]:
    if user.status in ("UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"):
        yield from _not_signing_in(user)
        return
    others = [each for each in user.factors if each != "SMS_MFA"]
    if user.pool.mfa == "ON" and others and "SMS_MFA" not in user.factors:
        yield problem(
            Cause.USER,
            "other-factor-preferred",
            f"The user's second factor is {others[0]}, so sign-in asks for that instead of an SMS code.",
            next_step="Turn SMS MFA on for this user and prefer it, with SetUserMFAPreference.",
        )
    elif user.pool.mfa == "OPTIONAL" and "SMS_MFA" not in user.factors:
        yield problem(
            Cause.USER,
            "factor-not-chosen",
            "MFA is optional in this pool, and this user has not turned SMS MFA on.",
            next_step="SetUserMFAPreference with SMSMfaSettings Enabled and PreferredMfa true, for this user.",
        )
    elif user.preferred and user.preferred != "SMS_MFA":
        yield problem(
            Cause.USER,
            "other-factor-preferred",
            f"The user prefers {user.preferred}, so sign-in asks for that instead of an SMS code.",
            next_step="Set SMS_MFA as preferred with SetUserMFAPreference.",
        )
    elif others and user.preferred is None:
        yield warning(
            Cause.USER,
            "factor-to-choose",
            f"The user has SMS_MFA and {', '.join(others)} and prefers none: sign-in asks which one first "
            "(SELECT_MFA_TYPE), and sends an SMS after that.",
            next_step="Answer SELECT_MFA_TYPE with SMS_MFA, or set it as preferred with SetUserMFAPreference.",
        )
    elif user.devices and user.pool.is_on("DeviceConfiguration", "ChallengeRequiredOnNewDevice"):
        yield warning(
            Cause.USER,
            "device-remembered",
            f"The user has {user.devices} device(s): a remembered one signs in without an SMS.",
            next_step="Sign in from a new device, or forget it: AdminForgetDevice.",
        )


def _not_signing_in(user: User) -> Iterator[Finding]:
    yield problem(
        Cause.USER,
        "cannot-sign-in",
        f"The user is {user.status}, so sign-in stops before any code.",
        next_step={
            "UNCONFIRMED": "Confirm the sign-up first.",
            "FORCE_CHANGE_PASSWORD": "Answer NEW_PASSWORD_REQUIRED first.",
            "RESET_REQUIRED": "Reset the password first: ConfirmForgotPassword.",
        }[user.status],
    )


def _may_use_otp(user: User) -> Iterator[Finding]:
    if "SMS_MFA" in user.factors:  # DG/user-pool-settings-mfa, aws-amplify/docs#8567
        yield problem(
            Cause.USER,
            "mfa-excludes-otp",
            "Users with MFA turned on are not offered one-time passwords.",
            next_step="Turn SMS MFA off for this user, or test the SMS_MFA flow.",
        )
    elif not user.verified("phone_number"):
        yield problem(
            Cause.USER,
            "number-unverified",
            "One-time passwords go to verified numbers only.",
            next_step="Verify the number, or set phone_number_verified=true with AdminUpdateUserAttributes.",
        )


def _can_be_invited_again(user: User) -> Iterator[Finding]:
    if user.status != "FORCE_CHANGE_PASSWORD":
        yield problem(
            Cause.USER,
            "invitation-over",
            f"The user is {user.status}: invitations are only sent again to users who still have a temporary password.",
            next_step="Delete the user and create it again.",
        )


_RULES: Mapping[str, Sequence[Rule]] = {
    "SignUp": (_needs_a_number, _already_there),
    "ResendCode": (_has_a_password_here, _needs_a_number, _only_unconfirmed),
    "ForgotPassword": (_has_a_password_here, _needs_a_number, _can_recover),
    "VerifyUserAttribute": (_needs_a_number,),
    "UpdateUserAttribute": (),
    "SmsMfa": (_has_a_password_here, _needs_a_number, _has_sms_factor),
    "SmsOtp": (_has_a_password_here, _needs_a_number, _may_use_otp),
    "AdminCreateUser": (_has_a_password_here, _needs_a_number, _can_be_invited_again),
}


def clients_allow(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """SMS_OTP needs an app client with ALLOW_USER_AUTH."""
    if subject.occasion != "SmsOtp":
        return
    flows = {each["ClientName"]: each.get("ExplicitAuthFlows", []) for each in facts.clients()}
    if not any("ALLOW_USER_AUTH" in allowed for allowed in flows.values()):
        yield problem(
            Cause.FLOW,
            "client-without-user-auth",
            "No app client of this pool allows USER_AUTH, which one-time passwords need.",
            evidence=", ".join(flows) or "no clients",
            next_step="Add ALLOW_USER_AUTH to the client's ExplicitAuthFlows.",
        )
