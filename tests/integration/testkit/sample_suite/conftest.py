"""What the tests of an app with a Cognito user pool share. `sms_stack` and `phone_number` come with sms-redirect."""

import pytest

PASSWORD = "Correct-horse-7"


@pytest.fixture(scope="session")
def cognito(sms_stack):
    return sms_stack.client("cognito-idp")


@pytest.fixture
def new_user(sms_stack, phone_number):
    """Names a user that is not there yet, as the app's requests do."""
    return {"ClientId": sms_stack.user_pool_client_id, "Username": f"user-{phone_number.removeprefix('+')}"}


@pytest.fixture
def sign_up(cognito, new_user, phone_number):
    def sign_up():
        attributes = [{"Name": "phone_number", "Value": phone_number}]
        return cognito.sign_up(**new_user, Password=PASSWORD, UserAttributes=attributes)

    return sign_up


@pytest.fixture
def user(cognito, sms_inbox, new_user, sign_up, phone_number):
    """A user who has signed up and confirmed the phone number."""
    sign_up()
    code = sms_inbox.wait_for(phone_number=phone_number, flow="SignUp").code
    cognito.confirm_sign_up(**new_user, ConfirmationCode=code)
    return new_user


@pytest.fixture
def sign_in(cognito, user):
    def sign_in(password=PASSWORD):
        return cognito.initiate_auth(
            ClientId=user["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user["Username"], "PASSWORD": password},
        )

    return sign_in
