"""Who gets an SMS: docs/cognito-facts.md, "When a pool sends an SMS"."""

import pytest

from pool_values import pool, user
from sms_redirect.sandbox.cognito.rules import addresses, factors
from sms_redirect.sandbox.cognito.values.pool import Factors
from sms_redirect.sandbox.errors import CognitoError

PHONE = "+12065550008"
RECOVERY = ["verified_phone_number", "verified_email"]


@pytest.mark.parametrize(
    ("verified", "attributes", "medium"),
    [
        (["phone_number"], {"phone_number": PHONE}, "SMS"),
        (["phone_number", "email"], {"phone_number": PHONE, "email": "a@b.c"}, "SMS"),
        (["phone_number", "email"], {"email": "a@b.c"}, "EMAIL"),
        (["phone_number"], {"email": "a@b.c"}, None),
        (["email"], {"phone_number": PHONE}, None),
        ([], {"phone_number": PHONE}, None),
    ],
)
def test_a_sign_up_is_confirmed_by_what_the_pool_verifies_and_the_user_gave(verified, attributes, medium):
    in_pool = pool(AutoVerifiedAttributes=verified)

    destination = factors.to_verify_at_sign_up(in_pool, user(**attributes))

    assert (destination.medium if destination else None) == medium


@pytest.mark.parametrize(
    ("mechanisms", "attributes", "medium"),
    [
        (RECOVERY, {"phone_number_verified": "true", "email_verified": "true"}, "SMS"),
        (RECOVERY[::-1], {"phone_number_verified": "true", "email_verified": "true"}, "EMAIL"),
        (RECOVERY, {"phone_number_verified": "false", "email_verified": "true"}, "EMAIL"),
        ([], {"phone_number_verified": "true"}, "SMS"),
    ],
)
def test_a_password_is_recovered_by_priority_through_something_verified(mechanisms, attributes, medium):
    setting = [{"Name": name, "Priority": number} for number, name in enumerate(mechanisms, 1)]
    in_pool = pool(AccountRecoverySetting={"RecoveryMechanisms": setting})

    recovered = user(phone_number=PHONE, email="a@b.c", **attributes)

    assert factors.recovery(in_pool, recovered).medium == medium


def test_nothing_verified_means_no_recovery():
    in_pool = pool()

    with pytest.raises(CognitoError, match="Cannot reset password for the user as there is no registered/verified"):
        factors.recovery(in_pool, user(phone_number=PHONE))


def test_a_phone_that_is_the_second_factor_does_not_recover_the_password():
    in_pool = pool(MfaConfiguration="OPTIONAL")
    with_mfa = user(factors=["SMS_MFA"], phone_number=PHONE, phone_number_verified="true")

    with pytest.raises(CognitoError, match="Cannot reset password"):
        factors.recovery(in_pool, with_mfa)


def test_an_administrator_may_be_the_only_way_back():
    in_pool = pool(AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]})

    with pytest.raises(CognitoError, match="NotAuthorizedException"):
        factors.recovery(in_pool, user(phone_number=PHONE, phone_number_verified="true"))


@pytest.mark.parametrize(
    ("configuration", "methods", "preferred", "challenge"),
    [
        ("OFF", ["SMS_MFA"], "SMS_MFA", None),
        ("OPTIONAL", [], None, None),
        ("OPTIONAL", ["SMS_MFA"], "SMS_MFA", "SMS_MFA"),
        ("OPTIONAL", ["SMS_MFA"], None, "SMS_MFA"),
        ("OPTIONAL", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"], "SMS_MFA", "SMS_MFA"),
        ("OPTIONAL", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"], "SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA"),
        ("OPTIONAL", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"], None, "SELECT_MFA_TYPE"),
        ("ON", [], None, "SMS_MFA"),
        ("ON", ["SOFTWARE_TOKEN_MFA"], None, "SOFTWARE_TOKEN_MFA"),
    ],
)
def test_a_second_factor_is_asked_for_by_pool_and_preference(configuration, methods, preferred, challenge):
    in_pool = pool(MfaConfiguration=configuration)

    asked = user(factors=methods, preferred=preferred, app=True, phone_number=PHONE)

    assert factors.second_factor(in_pool, asked) == challenge


def test_without_a_phone_a_required_factor_is_to_be_set_up():
    in_pool = pool(MfaConfiguration="ON")

    assert factors.second_factor(in_pool, user(factors=["SMS_MFA"])) == "MFA_SETUP"


def test_a_pool_without_sms_settings_sends_no_sms_challenge():
    in_pool = pool(MfaConfiguration="ON", SmsConfiguration={}, factors=Factors(software_token=True))

    assert factors.second_factor(in_pool, user(phone_number=PHONE)) == "MFA_SETUP"


def test_whose_second_factor_is_the_phone_is_offered_no_one_time_password():
    in_pool = pool(
        MfaConfiguration="OPTIONAL", Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    )
    proven = {"phone_number": PHONE, "phone_number_verified": "true"}

    assert factors.first_factors(in_pool, user(**proven)) == ["PASSWORD", "PASSWORD_SRP", "SMS_OTP"]
    assert factors.first_factors(in_pool, user(factors=["SMS_MFA"], **proven)) == ["PASSWORD", "PASSWORD_SRP"]


def test_one_time_passwords_need_the_pools_leave_and_a_verified_phone():
    in_pool = pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}})

    assert "SMS_OTP" in factors.first_factors(in_pool, user(phone_number=PHONE, phone_number_verified="true"))
    assert "SMS_OTP" not in factors.first_factors(in_pool, user(phone_number=PHONE))
    assert "SMS_OTP" not in factors.first_factors(pool(), user(phone_number=PHONE, phone_number_verified="true"))


def test_a_number_is_masked_but_for_its_last_four_digits():
    assert addresses.masked("SMS", PHONE) == "+*******0008"


def test_an_email_address_is_masked_but_for_the_first_letters():
    assert addresses.masked("EMAIL", "fixture@example.com") == "f***@e***"
