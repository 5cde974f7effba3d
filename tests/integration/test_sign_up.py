"""SignUp, ResendConfirmationCode, ConfirmSignUp against the sandbox, by boto3."""

import json
import urllib.error
import urllib.request

import pytest

from refusals import refusal

PASSWORD = "Passw0rd!"


@pytest.fixture
def post(sandbox):
    """Send what no SDK would: answers status and error."""

    def post(action, request):
        headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        sent = urllib.request.Request(sandbox.endpoint_url, json.dumps(request).encode(), headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(sent)
        return refused.value.code, json.load(refused.value)

    return post


def test_a_sign_up_sends_its_code_by_sms_and_says_where(sign_up, phones, phone_number, stack):
    answer = sign_up(ClientMetadata={"campaign": "spring"})

    sms = phones.next(phone_number, "SignUp")
    assert answer["CodeDeliveryDetails"] == {
        "Destination": f"+*******{phone_number[-4:]}",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    assert not answer["UserConfirmed"]
    assert sms.text == f"Your verification code is {sms.code}"
    assert len(sms.code) == 6
    assert sms.user_sub == answer["UserSub"]
    assert sms.user_pool_id == stack["UserPoolId"]
    assert sms.client_id == stack["UserPoolClientId"]
    assert sms.client_metadata == {"campaign": "spring"}


def test_the_code_from_the_sms_confirms_the_user_and_the_number(cognito, sign_up, user, phones, phone_number, stack):
    sign_up()
    code = phones.next(phone_number, "SignUp").code

    cognito.confirm_sign_up(**user, ConfirmationCode=code)

    found = cognito.admin_get_user(UserPoolId=stack["UserPoolId"], Username=user["Username"])
    assert found["UserStatus"] == "CONFIRMED"
    assert {"Name": "phone_number_verified", "Value": "true"} in found["UserAttributes"]


def test_a_wrong_code_is_refused_with_cognitos_words(cognito, sign_up, user, phones, phone_number):
    sign_up()
    right = phones.next(phone_number, "SignUp").code
    wrong = f"{(int(right) + 1) % 10**6:06d}"

    assert refusal(cognito.confirm_sign_up, **user, ConfirmationCode=wrong) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )


def test_a_resent_code_replaces_the_first(cognito, sign_up, user, phones, phone_number):
    sign_up()
    first = phones.next(phone_number, "SignUp").code

    answer = cognito.resend_confirmation_code(**user, ClientMetadata={"again": "yes"})

    second = phones.next(phone_number, "ResendCode")
    assert answer["CodeDeliveryDetails"]["Destination"] == f"+*******{phone_number[-4:]}"
    assert second.client_metadata == {"again": "yes"}
    if first != second.code:
        assert refusal(cognito.confirm_sign_up, **user, ConfirmationCode=first)[0] == "CodeMismatchException"
    cognito.confirm_sign_up(**user, ConfirmationCode=second.code)


def test_a_code_lasts_a_day(cognito, sign_up, user, phones, phone_number, sandbox):
    sign_up()
    code = phones.next(phone_number, "SignUp").code

    sandbox.clock.advance(24 * 3600)

    assert refusal(cognito.confirm_sign_up, **user, ConfirmationCode=code) == (
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    )


def test_a_code_opens_once(cognito, sign_up, user, phones, phone_number):
    sign_up()
    code = phones.next(phone_number, "SignUp").code
    cognito.confirm_sign_up(**user, ConfirmationCode=code)

    assert refusal(cognito.confirm_sign_up, **user, ConfirmationCode=code) == (
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is CONFIRMED",
    )


def test_five_codes_an_hour_may_be_resent(cognito, sign_up, user):
    sign_up()
    for _ in range(5):
        cognito.resend_confirmation_code(**user)

    assert refusal(cognito.resend_confirmation_code, **user) == (
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
    )


def test_a_confirmed_user_gets_no_code_again(cognito, sign_up, user, phones, phone_number):
    sign_up()
    cognito.confirm_sign_up(**user, ConfirmationCode=phones.next(phone_number, "SignUp").code)

    assert refusal(cognito.resend_confirmation_code, **user) == (
        "InvalidParameterException",
        "User is already confirmed.",
    )


def test_a_sign_up_without_a_phone_sends_nothing(sign_up, quiet, phones, phone_number):
    answer = sign_up(UserAttributes=[])

    quiet()
    assert "CodeDeliveryDetails" not in answer
    assert phones.none(phone_number)


def test_a_number_that_is_not_e164_is_refused(cognito, sign_up, client_id):
    request = {"ClientId": client_id, "Username": "x", "Password": PASSWORD}
    attributes = [{"Name": "phone_number", "Value": "206-555-0100"}]

    assert refusal(cognito.sign_up, **request, UserAttributes=attributes) == (
        "InvalidParameterException",
        "Invalid phone number format.",
    )


def test_an_unknown_user_looks_like_a_known_one(cognito, client_id):
    nobody = {"ClientId": client_id, "Username": "+12065559999"}

    assert "CodeDeliveryDetails" in cognito.resend_confirmation_code(**nobody)
    assert refusal(cognito.confirm_sign_up, **nobody, ConfirmationCode="123456")[0] == "CodeMismatchException"


def test_a_confirmed_user_signs_in_and_an_unconfirmed_one_does_not(cognito, sign_up, user, phones, phone_number):
    sign_up()
    request = {
        "ClientId": user["ClientId"],
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": user["Username"], "PASSWORD": PASSWORD},
    }

    assert refusal(cognito.initiate_auth, **request)[0] == "UserNotConfirmedException"
    cognito.confirm_sign_up(**user, ConfirmationCode=phones.next(phone_number, "SignUp").code)
    assert cognito.initiate_auth(**request)["AuthenticationResult"]["AccessToken"]


def test_upper_and_lower_case_are_the_same_user(cognito, sign_up, user, phones, phone_number, stack):
    sign_up()
    shouted = {**user, "Username": user["Username"].upper()}

    assert refusal(cognito.sign_up, **shouted, Password=PASSWORD)[0] == "UsernameExistsException"
    cognito.confirm_sign_up(**shouted, ConfirmationCode=phones.next(phone_number, "SignUp").code)

    found = cognito.admin_get_user(UserPoolId=stack["UserPoolId"], Username=shouted["Username"])
    assert found["Username"] == user["Username"]


@pytest.mark.parametrize(
    ("request_", "code", "text"),
    [
        ({}, "InvalidParameterException", "Value null at 'username' failed to satisfy constraint"),
        ({"Username": ""}, "InvalidParameterException", "greater than or equal to 1"),
        ({"Username": "x" * 300}, "InvalidParameterException", "less than or equal to 128"),
        ({"Username": 5}, "SerializationException", "NUMBER_VALUE can not be converted"),
        ({"Username": "x", "UserAttributes": "x"}, "SerializationException", "STRING_VALUE can not be converted"),
        ({"Username": "x", "ClientMetadata": "x"}, "SerializationException", "STRING_VALUE can not be converted"),
        ({"Username": "x", "Password": 7}, "SerializationException", "NUMBER_VALUE can not be converted"),
        ({"Username": "x", "ClientId": ["x"]}, "SerializationException", "START_ARRAY can not be converted"),
        (["x"], "SerializationException", "not a JSON object"),
    ],
)
def test_a_malformed_request_gets_cognitos_validation_errors(post, client_id, request_, code, text):
    request_ = {"ClientId": client_id, **request_} if isinstance(request_, dict) else request_

    status, error = post("SignUp", request_)

    assert status == 400
    assert error["__type"] == code
    assert text in error["message"]


def test_no_validation_error_repeats_a_password(post, client_id):
    _, error = post("SignUp", {"ClientId": client_id, "Username": "x", "Password": "secret " * 60})

    assert "password" in error["message"]
    assert "secret" not in error["message"]
