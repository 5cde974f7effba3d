"""Refusals in the words that users met on AWS: apps branch on them."""

import json

import pytest

from local_pools import ACCOUNT, REGION, app, sms_pool
from refusals import refusal

PASSWORD = "Passw0rd!"
PHONE = "+12065550008"
REQUIRED_NAME = [{"Name": "name", "AttributeDataType": "String", "Required": True}]
TRIGGER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:trigger"


def attributes(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


@pytest.fixture
def ann(cognito, pool_id):
    user = {"UserPoolId": pool_id, "Username": "ann"}
    cognito.admin_create_user(**user, UserAttributes=attributes(email="a@b.co"), MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    return user


@pytest.fixture
def token(cognito, client_id, ann):
    parameters = {"USERNAME": "ann", "PASSWORD": PASSWORD}
    answer = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    return {"AccessToken": answer["AuthenticationResult"]["AccessToken"]}


def test_an_unknown_attribute_of_a_change(cognito, ann, token):
    for call, who in ((cognito.update_user_attributes, token), (cognito.admin_update_user_attributes, ann)):
        assert refusal(call, **who, UserAttributes=[{"Name": "custom:tier", "Value": "1"}]) == (
            "InvalidParameterException",
            "user.custom:tier: Attribute does not exist in the schema.\n",
        )


def test_an_unknown_attribute_that_shall_be_deleted(cognito, ann, token):
    for call, who in ((cognito.delete_user_attributes, token), (cognito.admin_delete_user_attributes, ann)):
        assert refusal(call, **who, UserAttributeNames=["email", "custom:a", "custom:b"]) == (
            "InvalidParameterException",
            (
                "Invalid user attributes: user.custom:a: Attribute does not exist in the schema.\n"
                "user.custom:b: Attribute does not exist in the schema.\n"
            ),
        )


def test_nobody_changes_the_sub(cognito, ann, token):
    expected = ("InvalidParameterException", "Cannot modify the non-mutable attribute sub")

    assert refusal(cognito.update_user_attributes, **token, UserAttributes=attributes(sub="x")) == expected
    assert refusal(cognito.admin_update_user_attributes, **ann, UserAttributes=attributes(sub="x")) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"sub": "x"}, ("InvalidParameterException", "Cannot modify the non-mutable attribute sub")),
        ({"email": "a@b.co"}, ("NotAuthorizedException", "Cannot modify an already provided email")),
        ({}, ("InvalidParameterException", "Invalid attributes given, name is missing")),
    ],
)
def test_an_app_sends_back_what_new_password_required_told_it(cognito, sent, expected):
    pool_id = sms_pool(cognito, Schema=REQUIRED_NAME)
    client_id = app(cognito, pool_id)
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="ann",
        TemporaryPassword=PASSWORD,
        UserAttributes=attributes(email="a@b.co"),
        MessageAction="SUPPRESS",
    )
    parameters = {"USERNAME": "ann", "PASSWORD": PASSWORD}
    challenge = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    answer = {
        "ClientId": client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
    }
    given = {f"userAttributes.{name}": value for name, value in sent.items()}

    assert json.loads(challenge["ChallengeParameters"]["requiredAttributes"]) == ["userAttributes.name"]
    refused = refusal(
        cognito.respond_to_auth_challenge,
        **answer,
        ChallengeResponses={"USERNAME": "ann", "NEW_PASSWORD": "N3w-password", **given},
    )
    assert refused == expected
    done = {"USERNAME": "ann", "NEW_PASSWORD": "N3w-password", "userAttributes.name": "Ann"}
    assert "AuthenticationResult" in cognito.respond_to_auth_challenge(**answer, ChallengeResponses=done)


@pytest.mark.parametrize("wrong", [["custom:unknown", "name"], ["name", "email_verified"], ["email"]])
def test_write_attributes_of_a_client(cognito, wrong):
    pool_id = sms_pool(cognito, Schema=REQUIRED_NAME)
    client = {"UserPoolId": pool_id, "ClientId": app(cognito, pool_id, WriteAttributes=["name"])}

    assert refusal(cognito.create_user_pool_client, UserPoolId=pool_id, ClientName="a", WriteAttributes=wrong) == (
        "InvalidParameterException",
        "Invalid write attributes specified while creating a client",
    )
    assert refusal(cognito.update_user_pool_client, **client, WriteAttributes=wrong) == (
        "InvalidParameterException",
        "Invalid write attributes specified while updating a client",
    )


def test_mfa_cannot_be_turned_on_without_a_factor(cognito):
    pool_id = sms_pool(cognito, SmsConfiguration=None, AutoVerifiedAttributes=None, LambdaConfig=None)

    assert refusal(cognito.update_user_pool, UserPoolId=pool_id, MfaConfiguration="ON") == (
        "InvalidParameterException",
        "Cannot turn MFA functionality ON, once the user pool has been created.",
    )


def test_filters_of_list_users(cognito, ann, pool_id):
    shown = cognito.list_users(UserPoolId=pool_id, Filter='cognito:user_status = "confirmed"')["Users"]

    assert [user["Username"] for user in shown] == ["ann"]
    assert refusal(cognito.list_users, UserPoolId=pool_id, Filter="username = foo") == (
        "InvalidParameterException",
        "Error while parsing filter.",
    )
    assert refusal(cognito.list_users, UserPoolId=pool_id, Filter='custom:foo = "bar"') == (
        "InvalidParameterException",
        "Invalid search attribute: custom:foo",
    )


def test_nobody_learns_who_exists_where_administrators_reset(cognito):
    recovery = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    pool_id = sms_pool(cognito, AccountRecoverySetting=recovery)
    client_id = app(cognito, pool_id)
    cognito.sign_up(ClientId=client_id, Username="ann", Password=PASSWORD)

    answers = {refusal(cognito.forgot_password, ClientId=client_id, Username=name) for name in ("ann", "nobody")}

    assert answers == {("NotAuthorizedException", "Contact administrator to reset password.")}


def test_a_trigger_is_told_of_no_metadata_where_there_is_none(cognito, pools):
    pool_id = sms_pool(cognito, LambdaConfig={"PreSignUp": TRIGGER, "PostConfirmation": TRIGGER})
    pools.functions.on[TRIGGER] = lambda event: event
    user = {"ClientId": app(cognito, pool_id), "Username": "ann", "Password": PASSWORD}

    cognito.sign_up(**user, UserAttributes=attributes(phone_number=PHONE))
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ann")

    before, after = (event["request"] for event in pools.functions.events)
    assert before == {"userAttributes": {"phone_number": PHONE}, "validationData": None}
    assert after.keys() == {"userAttributes"}
