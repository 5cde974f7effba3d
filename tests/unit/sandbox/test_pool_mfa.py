"""A pool's second factors are shown as they were set, and replaced as a whole."""

import pytest

from sms_redirect.sandbox.pools import mfa as pool_mfa

SMS = {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms"}
TEXT = "Sign in with {####}"


def test_what_was_never_set_is_not_shown():
    assert pool_mfa.configuration({}) == {"MfaConfiguration": "OFF"}


def test_the_sms_factor_shows_the_pools_own_role_and_text():
    record = {}

    pool_mfa.replace(
        record,
        {
            "MfaConfiguration": "OPTIONAL",
            "SmsMfaConfiguration": {"SmsConfiguration": SMS, "SmsAuthenticationMessage": TEXT},
        },
    )

    assert record["SmsConfiguration"] == SMS
    assert record["SmsAuthenticationMessage"] == TEXT
    assert pool_mfa.configuration(record) == {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {"SmsConfiguration": SMS, "SmsAuthenticationMessage": TEXT},
    }


def test_replacing_turns_off_what_is_left_out():
    record = {
        "MfaConfiguration": "ON",
        "SmsConfiguration": SMS,
        "SmsAuthenticationMessage": TEXT,
        "EmailMfaConfiguration": {"Subject": "Your code"},
        pool_mfa.SMS_IS_A_FACTOR: True,
    }

    pool_mfa.replace(record, {"SoftwareTokenMfaConfiguration": {"Enabled": True}})

    assert pool_mfa.configuration(record) == {
        "MfaConfiguration": "OFF",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }
    assert "SmsConfiguration" not in record


@pytest.mark.parametrize("was_a_factor", [True, False])
def test_an_update_with_the_same_settings_leaves_the_factors_as_they_were(was_a_factor):
    record = {
        "MfaConfiguration": "OPTIONAL",
        "SmsConfiguration": SMS,
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        pool_mfa.SMS_IS_A_FACTOR: was_a_factor,
    }
    before = pool_mfa.configuration(record)

    pool_mfa.after_update(record)

    assert pool_mfa.configuration(record) == before


def test_an_update_without_the_sms_role_ends_the_sms_factor():
    record = {"MfaConfiguration": "OFF", pool_mfa.SMS_IS_A_FACTOR: True}

    pool_mfa.after_update(record)

    assert "SmsMfaConfiguration" not in pool_mfa.configuration(record)


def test_mfa_with_no_other_factor_is_by_sms():
    record = {"MfaConfiguration": "ON", "SmsConfiguration": SMS}

    pool_mfa.after_update(record)

    assert "SmsMfaConfiguration" in pool_mfa.configuration(record)


def test_a_template_names_the_factors():
    record = {"SmsConfiguration": SMS, "MfaConfiguration": "OPTIONAL"}
    properties = {
        "EnabledMfas": ["SMS_MFA", "EMAIL_OTP"],
        "EmailAuthenticationSubject": "Your code",
        "WebAuthnRelyingPartyID": "example.com",
    }

    pool_mfa.from_template(record, properties)

    assert pool_mfa.configuration(record) == {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {"SmsConfiguration": SMS},
        "EmailMfaConfiguration": {"Subject": "Your code"},
        "WebAuthnConfiguration": {"RelyingPartyId": "example.com"},
    }
