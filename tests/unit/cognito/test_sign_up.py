"""Signing up: what is refused, and what becomes of the rest."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local_pools import app, sms_pool
from refusals import refusal

PHONE = "+12065550008"
PASSWORD = "Passw0rd!"


def attributes(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


@pytest.fixture
def request_(client_id):
    return {
        "ClientId": client_id,
        "Username": "alice",
        "Password": PASSWORD,
        "UserAttributes": attributes(phone_number=PHONE),
    }


def test_a_sign_up_is_confirmed_by_its_code_and_signs_in(cognito, pools, request_, client_id):
    answer = cognito.sign_up(**request_)
    user = {"ClientId": client_id, "Username": "alice"}

    assert answer["CodeDeliveryDetails"] == {
        "Destination": "+*******0008",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    cognito.confirm_sign_up(**user, ConfirmationCode=pools.sent.last(PHONE).secret)
    signed_in = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    shown = cognito.get_user(AccessToken=signed_in["AccessToken"])
    assert {"Name": "phone_number_verified", "Value": "true"} in shown["UserAttributes"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"UserAttributes": attributes(phone_number="+1206555\u0660\u0660\u0660\u0660")},
            ("InvalidParameterException", "Invalid phone number format."),
        ),
        (
            {"UserAttributes": attributes(shoe_size="42")},
            (
                "InvalidParameterException",
                "Attributes did not conform to the schema: shoe_size: Attribute does not exist in the schema.\n",
            ),
        ),
        (
            {"UserAttributes": attributes(phone_number_verified="true")},
            ("NotAuthorizedException", "A client attempted to write unauthorized attribute"),
        ),
        (
            {"Password": "short"},
            ("InvalidPasswordException", "Password did not conform with policy: Password not long enough"),
        ),
    ],
)
def test_what_breaks_a_rule_is_refused(cognito, request_, changes, expected):
    assert refusal(cognito.sign_up, **{**request_, **changes}) == expected


def test_fifty_sign_ups_of_one_name_at_once_have_one_winner(pools, request_):
    clients = [pools.client() for _ in range(5)]

    def sign_up(number):
        try:
            clients[number % 5].sign_up(**request_)
        except clients[0].exceptions.UsernameExistsException:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        won = sum(threads.map(sign_up, range(50)))

    assert won == 1


def test_a_pool_of_administrators_takes_no_sign_ups(cognito, request_):
    pool_id = sms_pool(cognito, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})

    refused = refusal(cognito.sign_up, **{**request_, "ClientId": app(cognito, pool_id)})

    assert refused == ("NotAuthorizedException", "SignUp is not permitted for this user pool")
