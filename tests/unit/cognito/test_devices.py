"""Devices: remembered ones skip the SMS, forgotten ones do not."""

import base64
import json

import pytest

from local_pools import app, sms_pool
from srp_client import DeviceClient, SrpClient

PASSWORD = "Passw0rd!"
PHONE = "+12065550008"
ALWAYS = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}


@pytest.fixture
def pool_id(request, cognito):
    return sms_pool(cognito, MfaConfiguration="OPTIONAL", DeviceConfiguration=getattr(request, "param", ALWAYS))


@pytest.fixture
def ann(cognito, pool_id):
    user = {"UserPoolId": pool_id, "Username": "ann"}
    attributes = [{"Name": "phone_number", "Value": PHONE}]
    cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    cognito.admin_set_user_mfa_preference(**user, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    return user


def by_password(cognito, client_id, **more):
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD, **more},
    )


def with_sms(cognito, pools, client_id, challenge):
    assert challenge["ChallengeName"] == "SMS_MFA"
    return cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="SMS_MFA",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "ann", "SMS_MFA_CODE": pools.sent.last(PHONE).secret},
    )


@pytest.fixture
def signed_in(cognito, pools, client_id, ann):
    return with_sms(cognito, pools, client_id, by_password(cognito, client_id))["AuthenticationResult"]


@pytest.fixture
def device(cognito, client_id, signed_in):
    return DeviceClient(cognito, client_id, signed_in["NewDeviceMetadata"])


def test_a_remembered_device_skips_the_sms(cognito, pools, client_id, pool_id, signed_in, device):
    assert device.confirm(signed_in["AccessToken"])["UserConfirmationNecessary"] is False
    sent = len(pools.sent.messages)

    challenge = SrpClient(cognito, pool_id, client_id).sign_in("ann", PASSWORD, DEVICE_KEY=device.key)
    assert challenge["ChallengeName"] == "DEVICE_SRP_AUTH"
    again = device.prove("ann")["AuthenticationResult"]

    assert len(pools.sent.messages) == sent
    assert "NewDeviceMetadata" not in again
    assert claims(again["AccessToken"])["device_key"] == device.key


def test_the_app_gets_a_challenge_for_another_device_and_without_a_key(cognito, pools, client_id, signed_in, device):
    device.confirm(signed_in["AccessToken"])

    assert by_password(cognito, client_id)["ChallengeName"] == "SMS_MFA"
    assert by_password(cognito, client_id, DEVICE_KEY="us-east-1_0-0")["ChallengeName"] == "SMS_MFA"


def test_a_wrong_device_password_signs_nobody_in(cognito, client_id, signed_in, device):
    device.confirm(signed_in["AccessToken"])
    by_password(cognito, client_id, DEVICE_KEY=device.key)
    device.password = "another"

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        device.prove("ann")
    device.password = "the device's own"
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        device.prove("ann")  # the challenge is used up


def test_a_device_proves_nothing_without_the_password_first(cognito, client_id, signed_in, device):
    device.confirm(signed_in["AccessToken"])

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session"):
        device.prove("ann")


@pytest.mark.parametrize("pool_id", [{"ChallengeRequiredOnNewDevice": False}], indirect=True)
def test_a_device_may_be_remembered_beside_the_second_factor(cognito, pools, client_id, signed_in, device):
    device.confirm(signed_in["AccessToken"])

    challenge = by_password(cognito, client_id, DEVICE_KEY=device.key)
    challenge = with_sms(cognito, pools, client_id, challenge)

    assert challenge["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert "AuthenticationResult" in device.prove("ann")


@pytest.mark.parametrize("pool_id", [{**ALWAYS, "DeviceOnlyRememberedOnUserPrompt": True}], indirect=True)
def test_where_users_are_asked_a_device_is_remembered_when_they_say_so(cognito, client_id, signed_in, device):
    assert device.confirm(signed_in["AccessToken"])["UserConfirmationNecessary"] is True
    assert by_password(cognito, client_id, DEVICE_KEY=device.key)["ChallengeName"] == "SMS_MFA"

    status = {"AccessToken": signed_in["AccessToken"], "DeviceKey": device.key}
    cognito.update_device_status(**status, DeviceRememberedStatus="remembered")
    assert by_password(cognito, client_id, DEVICE_KEY=device.key)["ChallengeName"] == "DEVICE_SRP_AUTH"
    cognito.update_device_status(**status, DeviceRememberedStatus="not_remembered")
    assert by_password(cognito, client_id, DEVICE_KEY=device.key)["ChallengeName"] == "SMS_MFA"


def test_a_forgotten_device_is_asked_for_a_code_again(cognito, pools, client_id, signed_in, device):
    device.confirm(signed_in["AccessToken"])
    cognito.forget_device(AccessToken=signed_in["AccessToken"], DeviceKey=device.key)

    challenge = by_password(cognito, client_id, DEVICE_KEY=device.key)
    again = with_sms(cognito, pools, client_id, challenge)["AuthenticationResult"]

    assert again["NewDeviceMetadata"]["DeviceKey"] != device.key
    assert cognito.list_devices(AccessToken=signed_in["AccessToken"])["Devices"] == []


def test_an_answer_with_the_key_of_a_forgotten_device_may_be_repeated_without_it(cognito, pools, client_id, ann):
    challenge = by_password(cognito, client_id)
    answer = {"USERNAME": "ann", "SMS_MFA_CODE": pools.sent.last(PHONE).secret}
    request = {"ClientId": client_id, "ChallengeName": "SMS_MFA", "Session": challenge["Session"]}

    with pytest.raises(cognito.exceptions.ResourceNotFoundException, match="Device does not exist"):
        cognito.respond_to_auth_challenge(**request, ChallengeResponses={**answer, "DEVICE_KEY": "us-east-1_0-0"})

    assert "AuthenticationResult" in cognito.respond_to_auth_challenge(**request, ChallengeResponses=answer)


def test_a_user_and_an_administrator_see_confirmed_devices(cognito, ann, signed_in, device):
    token = {"AccessToken": signed_in["AccessToken"]}
    assert cognito.list_devices(**token)["Devices"] == []
    device.confirm(signed_in["AccessToken"], DeviceName="Ann's phone")

    shown = cognito.get_device(**token, DeviceKey=device.key)["Device"]

    assert cognito.list_devices(**token)["Devices"] == [shown]
    assert cognito.admin_list_devices(**ann)["Devices"] == [shown]
    assert cognito.admin_get_device(**ann, DeviceKey=device.key)["Device"] == shown
    attributes = {each["Name"]: each["Value"] for each in shown["DeviceAttributes"]}
    assert attributes["device_name"] == "Ann's phone"
    cognito.admin_update_device_status(**ann, DeviceKey=device.key, DeviceRememberedStatus="not_remembered")
    cognito.admin_forget_device(**ann, DeviceKey=device.key)
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.admin_get_device(**ann, DeviceKey=device.key)


def test_only_the_device_of_the_same_sign_in_is_confirmed_and_once(cognito, pools, client_id, signed_in, device):
    other = with_sms(cognito, pools, client_id, by_password(cognito, client_id))["AuthenticationResult"]

    with pytest.raises(cognito.exceptions.InvalidParameterException, match="Invalid device key given"):
        device.confirm(other["AccessToken"])
    device.confirm(signed_in["AccessToken"])
    with pytest.raises(cognito.exceptions.DeviceKeyExistsException):
        device.confirm(signed_in["AccessToken"])


def test_another_users_device_is_not_there(cognito, pool_id, signed_in, device):
    device.confirm(signed_in["AccessToken"])
    cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")

    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.admin_get_device(UserPoolId=pool_id, Username="bob", DeviceKey=device.key)


def test_a_refresh_needs_the_device_key(cognito, client_id, signed_in, device):
    request = {"ClientId": client_id, "RefreshToken": signed_in["RefreshToken"]}

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid Refresh Token"):
        cognito.get_tokens_from_refresh_token(**request)
    assert "AuthenticationResult" in cognito.get_tokens_from_refresh_token(**request, DeviceKey=device.key)


def test_a_pool_that_tracks_no_devices_gives_no_keys(cognito):
    pool_id = sms_pool(cognito)
    client_id = app(cognito, pool_id)
    user = {"UserPoolId": pool_id, "Username": "ann"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)

    result = by_password(cognito, client_id, DEVICE_KEY="us-east-1_0-0")["AuthenticationResult"]

    assert "NewDeviceMetadata" not in result
    assert "device_key" not in claims(result["AccessToken"])


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
