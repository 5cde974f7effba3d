"""Which SMS a pool sends, and the setting that stops the others: docs/cognito-facts.md, "When a pool sends an SMS"."""

import itertools

import pytest

import pool_values
from gallery_pools import ROLE, pool
from sms_redirect.gallery.flows import occasions
from sms_redirect.sandbox.cognito.rules import factors
from sms_redirect.sandbox.errors import CognitoError
from sms_sender.flows import KINDS

PHONE_FIRST = ["verified_phone_number", "verified_email"]
PHONE = {"phone_number": "+12065550008", "phone_number_verified": "true"}


def settings(*, verified=("phone_number",), mfa="OPTIONAL", recovery=None, **more):
    """A pool that sends everything, but for what is said otherwise."""
    chosen = {
        "SmsConfiguration": ROLE,
        "AutoVerifiedAttributes": list(verified),
        "MfaConfiguration": mfa,
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}},
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"},
    }
    if recovery is not None:
        mechanisms = [{"Name": name, "Priority": priority} for priority, name in enumerate(recovery, 1)]
        chosen["AccountRecoverySetting"] = {"RecoveryMechanisms": mechanisms[::-1]}
    return chosen | more


def occasion(name, *, sms_factor=True, other_factors=False, **chosen):
    found = {
        each.id: each
        for each in occasions(pool(sms_factor=sms_factor, other_factors=other_factors, **settings(**chosen)))
    }
    return found[name]


def stopped_by(*arguments, **chosen):
    return [stop.setting for stop in occasion(*arguments, **chosen).stops]


def test_every_flow_of_the_sender_is_in_the_gallery():
    flows = {each.flow for each in occasions(pool())}

    assert flows == {*KINDS, "AccountTakeOverNotification"}


def test_a_pool_that_is_set_up_for_everything_sends_everything_that_aws_documents():
    found = {each.id: each.sent for each in occasions(pool(**settings()))}

    assert found.pop("AccountTakeOverNotification") is None
    assert set(found.values()) == {True}


def test_a_pool_without_an_sms_role_sends_nothing():
    found = occasions(pool(**settings(SmsConfiguration=None)))

    assert {each.sent for each in found if each.id != "AccountTakeOverNotification"} == {False}
    assert "SmsConfiguration" in [stop.setting for stop in found[0].stops]


def test_what_a_custom_sender_gets_without_a_role_is_not_claimed_to_be_known():
    sender = {"CustomSMSSender": {"LambdaArn": "arn:aws:lambda:us-east-1:111122223333:function:x"}}

    invitation = occasion("AdminCreateUser", SmsConfiguration=None, LambdaConfig=sender)

    assert invitation.sent is None
    assert "SmsConfiguration" in invitation.doubt


@pytest.mark.parametrize("name", ["SignUp", "ResendCode", "UpdateUserAttribute"])
@pytest.mark.parametrize("verified", [(), ("email",)])
def test_codes_go_to_phones_only_where_they_are_verified_automatically(name, verified):
    stop = occasion(name, verified=verified).stops[0]

    assert stop.setting == "AutoVerifiedAttributes"
    assert stop.value == ("email" if verified else "empty")


@pytest.mark.parametrize("name", ["SignUp", "ResendCode"])
@pytest.mark.parametrize("value", [True, "true"])
def test_users_who_cannot_sign_up_get_no_code_for_it(name, value):
    only_admins = {"AllowAdminCreateUserOnly": value}

    assert stopped_by(name, AdminCreateUserConfig=only_admins) == ["AdminCreateUserConfig.AllowAdminCreateUserOnly"]


def test_a_code_for_an_attribute_is_sent_whatever_is_verified_automatically():
    assert occasion("VerifyUserAttribute", verified=()).sent


@pytest.mark.parametrize("recovery", [["verified_email"], ["admin_only"]])
def test_a_password_is_recovered_by_sms_only_where_the_pool_says_so(recovery):
    assert stopped_by("ForgotPassword", recovery=recovery) == ["AccountRecoverySetting.RecoveryMechanisms"]


def test_email_before_phone_sends_to_those_without_a_verified_email():
    assert "no verified email" in occasion("ForgotPassword", recovery=PHONE_FIRST[::-1]).when
    assert "no verified email" not in occasion("ForgotPassword", recovery=PHONE_FIRST).when


def test_the_only_second_factor_cannot_recover_the_password():
    assert stopped_by("ForgotPassword", recovery=PHONE_FIRST, mfa="ON") == ["MfaConfiguration"]
    assert stopped_by("ForgotPassword", recovery=PHONE_FIRST, mfa="ON", other_factors=True) == []
    assert stopped_by("ForgotPassword", recovery=PHONE_FIRST, mfa="OPTIONAL") == []


def test_without_a_recovery_setting_the_legacy_rule_sends_sms_to_users_with_mfa_too():
    assert occasion("ForgotPassword", mfa="ON").sent


def test_there_is_no_second_factor_where_mfa_is_off_or_not_by_sms():
    assert stopped_by("SmsMfa", mfa="OFF") == ["MfaConfiguration"]
    assert stopped_by("SmsMfa", sms_factor=False, other_factors=True) == ["EnabledMfas"]


@pytest.mark.parametrize("policies", [{}, {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}])
def test_a_one_time_password_needs_its_factor(policies):
    assert stopped_by("SmsOtp", Policies=policies) == ["Policies.SignInPolicy.AllowedFirstAuthFactors"]


def test_where_mfa_is_required_nobody_signs_in_by_sms_alone():
    assert stopped_by("SmsOtp", mfa="ON") == ["MfaConfiguration"]
    assert stopped_by("SmsOtp", mfa="OPTIONAL") == []


def test_a_pre_sign_up_function_may_confirm_users_itself():
    assert "PreSignUp" in occasion("SignUp", LambdaConfig={"PreSignUp": "arn:aws:lambda:x"}).when


def test_a_change_that_waits_for_its_verification_is_told():
    waits = {"AttributesRequireVerificationBeforeUpdate": ["phone_number"]}

    assert "the old one stays" in occasion("UpdateUserAttribute", UserAttributeUpdateSettings=waits).when


VERIFIED = [[], ["email"], ["phone_number"], ["phone_number", "email"]]
RECOVERIES = [["verified_phone_number"], PHONE_FIRST, ["verified_email"], ["admin_only"]]


@pytest.mark.parametrize(
    ("verified", "recovery", "mfa"), list(itertools.product(VERIFIED, RECOVERIES, ["OFF", "OPTIONAL", "ON"]))
)
def test_the_sandbox_sends_what_the_gallery_says(verified, recovery, mfa):
    """For a user with nothing but a verified phone number, who has chosen no second factor."""
    chosen = settings(verified=verified, recovery=recovery, mfa=mfa)
    in_pool, user = pool_values.pool(**chosen), pool_values.user(**PHONE)
    destination = factors.to_verify_at_sign_up(in_pool, user)
    said = {each.id: each.sent for each in occasions(pool(**chosen))}

    assert said["SignUp"] == (destination is not None and destination.medium == "SMS")
    assert said["ForgotPassword"] == recovers_by_sms(in_pool, user)
    assert said["SmsOtp"] == ("SMS_OTP" in factors.first_factors(in_pool, user))
    if mfa != "OPTIONAL":  # then it is up to the user
        assert said["SmsMfa"] == (factors.second_factor(in_pool, user) == "SMS_MFA")


def recovers_by_sms(in_pool, user):
    try:
        return factors.recovery(in_pool, user).medium == "SMS"
    except CognitoError:
        return False
