"""What a user proves with, shown and changed beside SetUserMFAPreference."""

import pytest

from local_pools import sms_pool
from sms_redirect.sandbox.cognito.rules import totp

PASSWORD = "Passw0rd!"
PHONE = "+12065550008"
FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
SMS = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]


@pytest.fixture
def pool_id(cognito):
    pool_id = sms_pool(cognito, Policies=FACTORS, MfaConfiguration="OPTIONAL")
    sms = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)["SmsMfaConfiguration"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        MfaConfiguration="OPTIONAL",
        SmsMfaConfiguration=sms,
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    return pool_id


@pytest.fixture
def ann(cognito, pool_id):
    user = {"UserPoolId": pool_id, "Username": "ann"}
    attributes = [{"Name": "phone_number", "Value": PHONE}, {"Name": "phone_number_verified", "Value": "true"}]
    cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    return user


@pytest.fixture
def token(cognito, client_id, ann):
    return {"AccessToken": sign_in(cognito, client_id)["AuthenticationResult"]["AccessToken"]}


def sign_in(cognito, client_id):
    return cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD}
    )


def test_user_settings_switch_sms_mfa_on_and_off(cognito, client_id, ann, token):
    cognito.set_user_settings(**token, MFAOptions=SMS)
    assert sign_in(cognito, client_id)["ChallengeName"] == "SMS_MFA"
    assert cognito.get_user(**token)["MFAOptions"] == SMS

    cognito.admin_set_user_settings(**ann, MFAOptions=[])
    assert "AuthenticationResult" in sign_in(cognito, client_id)
    assert "MFAOptions" not in cognito.get_user(**token)


def test_user_settings_know_sms_only_and_need_a_phone(cognito, pool_id, ann):
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.admin_set_user_settings(**ann, MFAOptions=[{"DeliveryMedium": "EMAIL", "AttributeName": "email"}])
    cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="delivery config"):
        cognito.admin_set_user_settings(UserPoolId=pool_id, Username="bob", MFAOptions=SMS)


def test_the_factors_of_a_user_are_those_that_user_auth_offers(cognito, ann, token):
    def shown():
        mine, admins = cognito.get_user_auth_factors(**token), cognito.admin_get_user_auth_factors(**ann)
        mine.pop("ResponseMetadata"), admins.pop("ResponseMetadata")
        assert mine == admins
        return mine

    assert shown() == {"Username": "ann", "ConfiguredUserAuthFactors": ["PASSWORD", "SMS_OTP"]}
    cognito.admin_set_user_mfa_preference(**ann, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    assert shown() == {
        "Username": "ann",
        "PreferredMfaSetting": "SMS_MFA",
        "UserMFASettingList": ["SMS_MFA"],
        "ConfiguredUserAuthFactors": ["PASSWORD"],
    }


def test_a_lost_app_is_taken_off_and_another_registered(cognito, pools, client_id, ann, token):
    def register():
        secret = cognito.associate_software_token(**token)["SecretCode"]
        cognito.verify_software_token(**token, UserCode=totp.code(secret, int(pools.clock.now() // totp.STEP)))
        cognito.set_user_mfa_preference(**token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})

    register()
    assert sign_in(cognito, client_id)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    cognito.admin_delete_software_token(**ann)

    assert "AuthenticationResult" in sign_in(cognito, client_id)
    assert "UserMFASettingList" not in cognito.admin_get_user(**ann)
    with pytest.raises(
        cognito.exceptions.InvalidParameterException, match="delivery config set to turn on SOFTWARE_TOKEN_MFA"
    ):
        cognito.set_user_mfa_preference(**token, SoftwareTokenMfaSettings={"Enabled": True})
    register()
    assert sign_in(cognito, client_id)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
