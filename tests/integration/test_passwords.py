"""Forgotten, reset and temporary passwords against the sandbox, by boto3."""

import re
import string

import pytest

from refusals import refusal
from sms_redirect.sandbox.cognito.values.pool import Pool

NEW_PASSWORD = "An0ther-Passw0rd"
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")


def invited(cognito, stack, phone_number, **request):
    attributes = [{"Name": "phone_number", "Value": phone_number}]
    name = f"invited{phone_number}"
    cognito.admin_create_user(UserPoolId=stack["UserPoolId"], Username=name, UserAttributes=attributes, **request)
    return name


def password_of(sms, name):
    found = re.fullmatch(rf"Your username is {re.escape(name)} and temporary password is (.+)\.", sms.text)
    assert found, sms.text
    return found[1]


def test_a_forgotten_password_is_replaced_by_the_code_of_the_sms(
    cognito, confirmed, user, phones, phone_number, sign_in
):
    answer = cognito.forgot_password(**user, ClientMetadata={"why": "forgot"})

    sms = phones.next(phone_number, "ForgotPassword")
    assert answer["CodeDeliveryDetails"] == {
        "Destination": f"+*******{phone_number[-4:]}",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    assert sms.client_metadata == {"why": "forgot"}
    cognito.confirm_forgot_password(**user, ConfirmationCode=sms.code, Password=NEW_PASSWORD)
    assert sign_in(NEW_PASSWORD)["AuthenticationResult"]
    assert refusal(sign_in)[0] == "NotAuthorizedException"


def test_a_refused_password_leaves_the_code_valid(cognito, confirmed, user, phones, phone_number):
    cognito.forgot_password(**user)
    answer = {**user, "ConfirmationCode": phones.next(phone_number, "ForgotPassword").code}

    assert refusal(cognito.confirm_forgot_password, **answer, Password="short")[0] == "InvalidPasswordException"
    cognito.confirm_forgot_password(**answer, Password=NEW_PASSWORD)


def test_a_recovery_code_lasts_an_hour_and_opens_once(cognito, confirmed, user, phones, phone_number, sandbox):
    cognito.forgot_password(**user)
    late = {**user, "ConfirmationCode": phones.next(phone_number, "ForgotPassword").code, "Password": NEW_PASSWORD}
    sandbox.clock.advance(3600)
    assert refusal(cognito.confirm_forgot_password, **late) == EXPIRED

    cognito.forgot_password(**user)
    in_time = late | {"ConfirmationCode": phones.next(phone_number, "ForgotPassword").code}
    cognito.confirm_forgot_password(**in_time)
    assert refusal(cognito.confirm_forgot_password, **in_time) == EXPIRED


def test_the_sixth_attempt_within_an_hour_is_refused(cognito, confirmed, user, phones, phone_number):
    cognito.forgot_password(**user)
    right = phones.next(phone_number, "ForgotPassword").code
    wrong = {**user, "ConfirmationCode": f"{(int(right) + 1) % 10**6:06d}", "Password": NEW_PASSWORD}

    for _ in range(5):
        assert refusal(cognito.confirm_forgot_password, **wrong)[0] == "CodeMismatchException"

    assert refusal(cognito.confirm_forgot_password, **wrong | {"ConfirmationCode": right}) == (
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
    )


def test_a_user_whose_phone_is_unverified_cannot_recover(cognito, sign_up, user, phones, phone_number, quiet):
    sign_up()
    phones.next(phone_number, "SignUp")

    assert refusal(cognito.forgot_password, **user) == (
        "InvalidParameterException",
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
    )
    quiet()
    assert phones.none(phone_number)


def test_a_phone_that_is_the_second_factor_does_not_recover(cognito, confirmed, user):
    cognito.admin_set_user_mfa_preference(**confirmed, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})

    assert refusal(cognito.forgot_password, **user)[0] == "InvalidParameterException"


def test_an_unknown_user_gets_simulated_details_and_no_sms(cognito, user, phones, phone_number, quiet):
    assert "CodeDeliveryDetails" in cognito.forgot_password(**user)

    quiet()
    assert phones.none(phone_number)


def test_an_administrators_reset_sends_a_code_and_no_details(cognito, confirmed, user, phones, phone_number, sign_in):
    answer = cognito.admin_reset_user_password(**confirmed)

    sms = phones.next(phone_number, "ForgotPassword")
    assert set(answer) == {"ResponseMetadata"}
    assert sms.client_id in (None, "CLIENT_ID_NOT_APPLICABLE")
    assert refusal(sign_in)[0] == "PasswordResetRequiredException"
    cognito.confirm_forgot_password(**user, ConfirmationCode=sms.code, Password=NEW_PASSWORD)
    assert sign_in(NEW_PASSWORD)["AuthenticationResult"]


def test_an_invitation_carries_a_password_that_signs_in(cognito, stack, client_id, phones, phone_number):
    name = invited(cognito, stack, phone_number)

    sms = phones.next(phone_number, "AdminCreateUser")
    challenge = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password_of(sms, name)},
    )
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = {
        "ClientId": client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
        "ChallengeResponses": {"USERNAME": name, "NEW_PASSWORD": NEW_PASSWORD},
    }
    assert cognito.respond_to_auth_challenge(**answer)["AuthenticationResult"]["AccessToken"]
    assert refusal(cognito.respond_to_auth_challenge, **answer)[0] == "NotAuthorizedException"


def test_nobody_chooses_a_new_password_without_the_temporary_one(cognito, stack, client_id, phones, phone_number):
    name = invited(cognito, stack, phone_number)
    phones.next(phone_number, "AdminCreateUser")
    answer = {"USERNAME": name, "NEW_PASSWORD": NEW_PASSWORD}

    refused = refusal(
        cognito.respond_to_auth_challenge,
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session="x" * 40,
        ChallengeResponses=answer,
    )

    assert refused == ("NotAuthorizedException", "Invalid session for the user, session is expired.")


def test_characters_that_html_escapes_reach_the_phone_as_they_are(cognito, stack, phones, phone_number):
    awkward = "<a&b>\"Q'1+x"

    name = invited(cognito, stack, phone_number, TemporaryPassword=awkward)

    assert password_of(phones.next(phone_number, "AdminCreateUser"), name) == awkward


def test_a_resent_invitation_brings_a_new_password(cognito, stack, client_id, phones, phone_number):
    name = invited(cognito, stack, phone_number)
    first = password_of(phones.next(phone_number, "AdminCreateUser"), name)

    cognito.admin_create_user(UserPoolId=stack["UserPoolId"], Username=name, MessageAction="RESEND")

    second = password_of(phones.next(phone_number, "AdminCreateUser"), name)
    request = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
    assert first != second
    assert refusal(cognito.initiate_auth, **request, AuthParameters={"USERNAME": name, "PASSWORD": first})[0] == (
        "NotAuthorizedException"
    )
    assert cognito.initiate_auth(**request, AuthParameters={"USERNAME": name, "PASSWORD": second})["ChallengeName"]


@pytest.mark.parametrize("request_", [{"MessageAction": "SUPPRESS"}, {"DesiredDeliveryMediums": ["EMAIL"]}])
def test_no_sms_is_sent_where_none_is_wanted(cognito, stack, phones, phone_number, quiet, request_):
    invited(cognito, stack, phone_number, **request_)

    quiet()
    assert phones.none(phone_number)


def test_an_invitation_by_both_mediums_goes_by_sms_too(cognito, stack, phones, phone_number):
    name = invited(cognito, stack, phone_number, DesiredDeliveryMediums=["EMAIL", "SMS"])

    assert password_of(phones.next(phone_number, "AdminCreateUser"), name)


def test_only_e164_numbers_are_invited(cognito, stack):
    request = {"UserPoolId": stack["UserPoolId"], "Username": "x"}
    attributes = [{"Name": "phone_number", "Value": "12"}]

    assert refusal(cognito.admin_create_user, **request, UserAttributes=attributes) == (
        "InvalidParameterException",
        "Invalid phone number format.",
    )


def test_a_confirmed_user_is_not_invited_again(cognito, confirmed):
    refused = refusal(cognito.admin_create_user, **confirmed, MessageAction="RESEND")

    assert refused[0] == "UnsupportedUserStateException"


def test_a_temporary_password_lasts_seven_days(cognito, stack, client_id, phones, phone_number, sandbox):
    name = invited(cognito, stack, phone_number)
    password = password_of(phones.next(phone_number, "AdminCreateUser"), name)

    sandbox.clock.advance(7 * 24 * 3600)

    refused = refusal(
        cognito.initiate_auth,
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    assert refused == (
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
    )


def test_temporary_passwords_are_of_every_class_and_long_enough():
    from sms_redirect.sandbox.cognito.rules.passwords import GENERATED_SYMBOLS, generated

    settings = {"Policies": {"PasswordPolicy": {"MinimumLength": 20}}}
    pool = Pool("us-east-1_a", "a", "us-east-1", "123456789012", 0, 0, settings=settings, schema={})

    password = generated(pool)

    assert len(password) == 20
    for characters in (string.ascii_lowercase, string.ascii_uppercase, string.digits, GENERATED_SYMBOLS):
        assert set(password) & set(characters)
