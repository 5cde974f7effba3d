"""Signing up, confirming, resetting a password and signing in, with the codes of the SMS."""

import pytest


def test_signs_up_with_the_code_of_the_sms(cognito, sms_inbox, new_user, sign_up, phone_number):
    delivery = sign_up()["CodeDeliveryDetails"]
    sms = sms_inbox.wait_for(phone_number=phone_number)
    cognito.confirm_sign_up(**new_user, ConfirmationCode=sms.code)

    assert delivery["DeliveryMedium"] == "SMS"
    assert sms.flow == "SignUp"
    assert sms.text == f"Your verification code is {sms.code}"
    assert sms.segments == 1


def test_refuses_another_code(cognito, sms_inbox, new_user, sign_up, phone_number):
    sign_up()
    code = sms_inbox.wait_for(phone_number=phone_number).code
    another = f"{(int(code) + 1) % 1_000_000:06d}"

    with pytest.raises(cognito.exceptions.CodeMismatchException):
        cognito.confirm_sign_up(**new_user, ConfirmationCode=another)


def test_sends_a_new_code_on_request(cognito, sms_inbox, new_user, sign_up, phone_number):
    sign_up()
    first = sms_inbox.wait_for(phone_number=phone_number)
    cognito.resend_confirmation_code(**new_user)
    second = sms_inbox.wait_for(phone_number=phone_number)
    cognito.confirm_sign_up(**new_user, ConfirmationCode=second.code)

    assert (first.flow, second.flow) == ("SignUp", "ResendCode")


def test_resets_a_forgotten_password(cognito, sms_inbox, user, sign_in, phone_number):
    cognito.forgot_password(**user)
    code = sms_inbox.wait_for(phone_number=phone_number, flow="ForgotPassword").code
    cognito.confirm_forgot_password(**user, ConfirmationCode=code, Password="Another-horse-8")

    assert "AccessToken" in sign_in("Another-horse-8")["AuthenticationResult"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in()


def test_asks_for_a_second_factor(cognito, sms_inbox, user, sign_in, phone_number):
    token = sign_in()["AuthenticationResult"]["AccessToken"]
    cognito.set_user_mfa_preference(AccessToken=token, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})

    challenge = sign_in()
    code = sms_inbox.wait_for(phone_number=phone_number, flow="Authentication").code
    answer = cognito.respond_to_auth_challenge(
        ClientId=user["ClientId"],
        ChallengeName="SMS_MFA",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": user["Username"], "SMS_MFA_CODE": code},
    )

    assert challenge["ChallengeName"] == "SMS_MFA"
    assert "AccessToken" in answer["AuthenticationResult"]


def test_verifies_a_phone_number_again(cognito, sms_inbox, user, sign_in, phone_number):
    token = sign_in()["AuthenticationResult"]["AccessToken"]
    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="phone_number")
    code = sms_inbox.wait_for(phone_number=phone_number, flow="VerifyUserAttribute").code

    cognito.verify_user_attribute(AccessToken=token, AttributeName="phone_number", Code=code)


def test_invites_a_user_with_a_temporary_password(cognito, sms_inbox, sms_stack, new_user, phone_number):
    attributes = [{"Name": "phone_number", "Value": phone_number}]
    cognito.admin_create_user(
        UserPoolId=sms_stack.user_pool_id, Username=new_user["Username"], UserAttributes=attributes
    )
    invitation = sms_inbox.wait_for(phone_number=phone_number, flow="AdminCreateUser")
    answer = cognito.initiate_auth(
        ClientId=new_user["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": new_user["Username"], "PASSWORD": invitation.code},
    )

    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
