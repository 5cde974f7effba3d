"""A pool's second factors are shown as they were set, and replaced as a whole."""

from dataclasses import replace

import pytest

from pool_values import pool
from sms_redirect.sandbox.cognito.rules import pool_factors
from sms_redirect.sandbox.cognito.values.pool import Factors

SMS = {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms"}
TEXT = "Sign in with {####}"
NONE = Factors()


def test_what_was_never_set_is_not_shown():
    assert pool_factors.configuration(pool(factors=NONE)) == {"MfaConfiguration": "OFF"}


def test_the_sms_factor_shows_the_pools_own_role_and_text():
    replaced = pool_factors.replaced(
        pool(factors=NONE),
        {
            "MfaConfiguration": "OPTIONAL",
            "SmsMfaConfiguration": {"SmsConfiguration": SMS, "SmsAuthenticationMessage": TEXT},
        },
        now=1.0,
    )

    assert replaced.get("SmsConfiguration") == SMS
    assert replaced.get("SmsAuthenticationMessage") == TEXT
    assert pool_factors.configuration(replaced) == {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {"SmsConfiguration": SMS, "SmsAuthenticationMessage": TEXT},
    }


def test_replacing_turns_off_what_is_left_out():
    before = pool(
        factors=Factors(sms=True, email={"Subject": "Your code"}),
        MfaConfiguration="ON",
        SmsConfiguration=SMS,
        SmsAuthenticationMessage=TEXT,
    )

    replaced = pool_factors.replaced(before, {"SoftwareTokenMfaConfiguration": {"Enabled": True}}, now=1.0)

    assert pool_factors.configuration(replaced) == {
        "MfaConfiguration": "OFF",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }
    assert replaced.get("SmsConfiguration") is None


@pytest.mark.parametrize("was_a_factor", [True, False])
def test_an_update_with_the_same_settings_leaves_the_factors_as_they_were(was_a_factor):
    before = pool(factors=Factors(sms=was_a_factor, software_token=True), MfaConfiguration="OPTIONAL")

    assert pool_factors.after_update(before) == before


def test_an_update_without_the_sms_role_ends_the_sms_factor():
    before = pool(factors=Factors(sms=True))
    without_role = replace(before, settings={})

    assert not pool_factors.after_update(without_role).factors.sms


def test_mfa_with_no_other_factor_is_by_sms():
    after = pool_factors.after_update(pool(factors=NONE, MfaConfiguration="ON"))

    assert "SmsMfaConfiguration" in pool_factors.configuration(after)


def test_a_template_names_the_factors():
    properties = {
        "EnabledMfas": ["SMS_MFA", "EMAIL_OTP"],
        "EmailAuthenticationSubject": "Your code",
        "WebAuthnRelyingPartyID": "example.com",
    }

    named = pool_factors.from_template(
        pool(factors=NONE, SmsConfiguration=SMS, MfaConfiguration="OPTIONAL"), properties
    )

    assert pool_factors.configuration(named) == {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {"SmsConfiguration": SMS},
        "EmailMfaConfiguration": {"Subject": "Your code"},
        "WebAuthnConfiguration": {"RelyingPartyId": "example.com"},
    }
