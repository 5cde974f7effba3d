"""What a pool's settings must have in common, and what becomes of those that a request leaves out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_redirect.pool_rules import conflicts, model
from sms_redirect.sandbox.cognito.rules import pool_settings
from sms_redirect.sandbox.errors import CognitoError

REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:111122223333:key/11111111-2222-3333-4444-555555555555"
FUNCTION = f"arn:aws:lambda:{REGION}:111122223333:function:sender"
SENDER = {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION}
SMS = {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms"}


def refusal(settings, *, other_factor=False):
    with pytest.raises(CognitoError) as caught:
        pool_settings.check(settings, REGION, other_factor=other_factor)
    assert caught.value.code == "InvalidParameterException"
    return caught.value.message


@pytest.mark.parametrize("sender", ["CustomSMSSender", "CustomEmailSender"])
def test_a_custom_sender_needs_a_key(sender):
    message = refusal({"LambdaConfig": {sender: SENDER}})

    assert message == "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used."


def test_a_custom_sender_with_its_key_is_fine():
    pool_settings.check({"LambdaConfig": {"CustomSMSSender": SENDER, "KMSKeyID": KEY}}, REGION, other_factor=False)


def test_the_key_is_in_the_pools_region():
    message = refusal({"LambdaConfig": {"KMSKeyID": KEY.replace(REGION, "us-east-1")}})

    assert message == "Invalid arn us-east-1"


@pytest.mark.parametrize("trigger", ["PreSignUp", "CustomSMSSender"])
def test_a_trigger_is_in_the_pools_region(trigger):
    elsewhere = FUNCTION.replace(REGION, "us-east-1")
    value = {**SENDER, "LambdaArn": elsewhere} if trigger == "CustomSMSSender" else elsewhere

    message = refusal({"LambdaConfig": {trigger: value, "KMSKeyID": KEY}})

    assert message == "Cross-region lambda functions are not supported"


def test_both_names_of_the_token_trigger_mean_one_function():
    versioned = {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION}

    message = refusal({"LambdaConfig": {"PreTokenGeneration": FUNCTION + "2", "PreTokenGenerationConfig": versioned}})

    assert message.startswith("Cannot use PreTokenGenerationLambda and PreTokenGeneration with different")
    same = {"PreTokenGeneration": FUNCTION, "PreTokenGenerationConfig": versioned}
    pool_settings.check({"LambdaConfig": same}, REGION, other_factor=False)


@pytest.mark.parametrize("name", ["SmsConfiguration", "AccountRecoverySetting"])
def test_some_structures_must_not_be_empty(name):
    assert name in refusal({name: {}})


def test_the_old_and_the_new_name_of_the_validity_days_exclude_each_other():
    both = {
        "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 7}},
        "AdminCreateUserConfig": {"UnusedAccountValidityDays": 7},
    }

    message = refusal(both)

    assert message == "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"


def test_verified_phone_numbers_need_an_sms_role():
    message = refusal({"AutoVerifiedAttributes": ["phone_number"]})

    assert message == "SMS configuration is required when phone_number is selected for auto verification"


def test_one_time_passwords_by_sms_need_an_sms_role():
    factors = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}}

    assert "SMS_OTP" in refusal(factors)
    pool_settings.check({**factors, "SmsConfiguration": SMS}, REGION, other_factor=False)


@pytest.mark.parametrize("mfa", ["ON", "OPTIONAL"])
def test_mfa_needs_an_sms_role_or_another_factor(mfa):
    assert refusal({"MfaConfiguration": mfa}) == conflicts.SMS_NEEDED_FOR_MFA
    pool_settings.check({"MfaConfiguration": mfa}, REGION, other_factor=True)
    pool_settings.check({"MfaConfiguration": mfa, "SmsConfiguration": SMS}, REGION, other_factor=False)


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-name", "AWS:x"])
def test_system_tags_are_refused(key):
    with pytest.raises(CognitoError, match="System tags"):
        pool_settings.check_tags({"team": "qa", key: "1"})


def test_what_is_left_out_goes_to_its_default():
    settings = pool_settings.settled({}, system_tags={"aws:cloudformation:stack-name": "shop"})

    assert settings == {
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "MfaConfiguration": "OFF",
        "UserPoolTier": "ESSENTIALS",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "TemporaryPasswordValidityDays": 7,
            }
        },
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "UserPoolTags": {"aws:cloudformation:stack-name": "shop"},
    }


def test_an_empty_device_configuration_turns_device_remembering_on():
    settings = pool_settings.settled({"DeviceConfiguration": {}}, system_tags={})

    assert settings["DeviceConfiguration"] == {
        "ChallengeRequiredOnNewDevice": False,
        "DeviceOnlyRememberedOnUserPrompt": False,
    }


def test_the_validity_days_are_shown_under_both_names():
    settings = pool_settings.settled({"AdminCreateUserConfig": {"UnusedAccountValidityDays": 3}}, system_tags={})

    assert settings["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 3
    assert settings["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 3


def test_unset_texts_and_empty_structures_are_not_described():
    settings = {"SmsVerificationMessage": "", "AutoVerifiedAttributes": [], "AccountRecoverySetting": {}}
    settings |= {"LambdaConfig": {}, "UserPoolTags": {}}

    assert pool_settings.described(settings) == {"LambdaConfig": {}, "UserPoolTags": {}}


def values(shape):
    """Any value of a shape of the API model, members left out at will."""
    if shape.type_name == "structure":
        required = {name: values(shape.members[name]) for name in shape.required_members}
        optional = {name: values(member) for name, member in shape.members.items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if shape.type_name == "list":
        return st.lists(values(shape.member), max_size=2)
    if shape.type_name == "map":
        return st.dictionaries(st.text("abc", min_size=1, max_size=3), values(shape.value), max_size=2)
    scalars = {
        "boolean": st.booleans(),
        "integer": st.integers(1, 90),
        "string": st.text("xyz", min_size=6, max_size=8),
    }
    return st.sampled_from(shape.enum) if getattr(shape, "enum", None) else scalars[shape.type_name]


@given(request=values(model.input_shape("UpdateUserPool")))
def test_what_is_described_can_be_sent_back_and_changes_nothing(request):
    """Every member of the API model is kept, and none has a default that the next update would move."""
    first = pool_settings.settled(request, system_tags={})
    shown = pool_settings.described(first)
    shown["AdminCreateUserConfig"] = {
        name: value for name, value in shown["AdminCreateUserConfig"].items() if name != "UnusedAccountValidityDays"
    }

    second = pool_settings.settled(shown, system_tags={})

    assert second == first
    given = {name for name, value in request.items() if value not in ({}, [])} - {"UserPoolId", "PoolName"}
    assert given <= first.keys()


@pytest.mark.parametrize("factor", ["SMS_OTP", "EMAIL_OTP"])
def test_required_mfa_and_sign_in_without_a_password_exclude_each_other(factor):
    settings = {
        "SmsConfiguration": SMS,
        "MfaConfiguration": "ON",
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", factor]}},
    }

    assert refusal(settings) == conflicts.NOT_WITH_MFA
    pool_settings.check(settings | {"MfaConfiguration": "OPTIONAL"}, REGION, other_factor=False)


def test_an_invitation_without_the_user_name_is_refused():
    invitation = {"InviteMessageTemplate": {"SMSMessage": "Your password: {####}"}}

    assert "{username}" in refusal({"AdminCreateUserConfig": invitation})


def test_text_messages_from_seoul_go_through_tokyo():
    seoul, tokyo = "ap-northeast-2", "ap-northeast-1"
    pool_settings.check({"SmsConfiguration": {**SMS, "SnsRegion": tokyo}}, seoul, other_factor=False)

    with pytest.raises(CognitoError, match="Use ap-northeast-1"):
        pool_settings.check(
            {"SmsConfiguration": {**SMS, "SnsRegion": "ap-northeast-2"}}, "ap-northeast-2", other_factor=False
        )


def test_end_user_messaging_takes_the_place_of_sns():
    both = {**SMS, "ExternalId": "x", "EumsSms": {"CallerArn": "arn:aws:iam::111122223333:role/eums"}}

    settings = pool_settings.settled({"SmsConfiguration": both}, system_tags={})

    assert settings["SmsConfiguration"] == {"EumsSms": both["EumsSms"]}
