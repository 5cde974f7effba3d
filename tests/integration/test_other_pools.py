"""Pools that are not the stack's own: aliases, secrets, other regions, no SMS at all."""

import base64
import hashlib
import hmac
import json

import boto3
import pytest

from refusals import refusal

PASSWORD = "Passw0rd!"


@pytest.fixture
def make_pool(cognito, session, stack):
    """A pool with the stack's sender; its app client's id comes with it."""
    lambdas = session.client("lambda")
    function = lambdas.get_function(FunctionName=stack["SenderFunctionName"])["Configuration"]
    settings = cognito.describe_user_pool(UserPoolId=stack["UserPoolId"])["UserPool"]
    made = []

    def make_pool(client=None, **changes):
        request = {
            "PoolName": "another",
            "AutoVerifiedAttributes": ["phone_number"],
            "SmsConfiguration": settings["SmsConfiguration"],
            "LambdaConfig": settings["LambdaConfig"],
        }
        pool = cognito.create_user_pool(**{k: v for k, v in (request | changes).items() if v is not None})["UserPool"]
        made.append(pool["Id"])
        lambdas.add_permission(
            FunctionName=function["FunctionArn"],
            StatementId=pool["Id"],
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=pool["Arn"],
            SourceAccount="123456789012",
        )
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        wanted = {"ClientName": "app", "ExplicitAuthFlows": flows} | (client or {})
        return pool["Id"], cognito.create_user_pool_client(UserPoolId=pool["Id"], **wanted)["UserPoolClient"]

    yield make_pool
    for pool_id in made:
        lambdas.remove_permission(FunctionName=function["FunctionArn"], StatementId=pool_id)
        cognito.delete_user_pool(UserPoolId=pool_id)


@pytest.fixture
def decrypting(session, stack, iam_has_spread):
    """Let the sender decrypt for every pool, for one test."""
    iam = session.client("iam")
    role = session.client("lambda").get_function(FunctionName=stack["SenderFunctionName"])["Configuration"]["Role"]
    name = role.rpartition("/")[2]
    allow = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["kms:Decrypt", "cognito-idp:DescribeUserPool"], "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=name, PolicyName="every-pool", PolicyDocument=json.dumps(allow))
    iam_has_spread()
    yield
    iam.delete_role_policy(RoleName=name, PolicyName="every-pool")


def test_a_phone_number_can_be_the_user_name(cognito, make_pool, decrypting, phones, phone_number):
    _, client = make_pool(UsernameAttributes=["phone_number"])
    user = {"ClientId": client["ClientId"], "Username": phone_number}

    sub = cognito.sign_up(**user, Password=PASSWORD)["UserSub"]

    sms = phones.next(phone_number, "SignUp")
    assert sms.user_name == sub
    cognito.confirm_sign_up(**user, ConfirmationCode=sms.code)
    parameters = {"USERNAME": phone_number, "PASSWORD": PASSWORD}
    signed_in = cognito.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    assert signed_in["AuthenticationResult"]


def test_a_verified_phone_number_can_be_an_alias(cognito, make_pool, decrypting, phones, phone_number):
    _, client = make_pool(AliasAttributes=["phone_number"])
    attributes = [{"Name": "phone_number", "Value": phone_number}]
    request = {"ClientId": client["ClientId"], "Username": "alice"}
    cognito.sign_up(**request, Password=PASSWORD, UserAttributes=attributes)
    cognito.confirm_sign_up(**request, ConfirmationCode=phones.next(phone_number, "SignUp").code)

    cognito.forgot_password(ClientId=client["ClientId"], Username=phone_number)

    assert phones.next(phone_number, "ForgotPassword").user_name == "alice"


def test_a_client_with_a_secret_must_prove_it(cognito, make_pool, decrypting, phones, phone_number):
    _, client = make_pool(client={"GenerateSecret": True})
    digest = hmac.digest(client["ClientSecret"].encode(), f"alice{client['ClientId']}".encode(), hashlib.sha256)
    proof = {"SecretHash": base64.b64encode(digest).decode()}
    user = {"ClientId": client["ClientId"], "Username": "alice"}
    attributes = [{"Name": "phone_number", "Value": phone_number}]

    cognito.sign_up(**user, **proof, Password=PASSWORD, UserAttributes=attributes)
    code = phones.next(phone_number, "SignUp").code

    for call, more in [
        (cognito.confirm_sign_up, {"ConfirmationCode": code}),
        (cognito.resend_confirmation_code, {}),
        (cognito.forgot_password, {}),
        (cognito.confirm_forgot_password, {"ConfirmationCode": code, "Password": PASSWORD}),
    ]:
        assert refusal(call, **user, **more)[0] == "NotAuthorizedException"
        assert refusal(call, **user, **more, SecretHash="d3Jvbmc=")[0] == "NotAuthorizedException"
    cognito.confirm_sign_up(**user, **proof, ConfirmationCode=code)


def test_a_pool_without_any_sms_settings_sends_nothing(cognito, make_pool, phones, phone_number, quiet):
    _, client = make_pool(AutoVerifiedAttributes=None, SmsConfiguration=None, LambdaConfig=None)
    attributes = [{"Name": "phone_number", "Value": phone_number}]
    user = {"ClientId": client["ClientId"], "Username": "alice"}

    answer = cognito.sign_up(**user, Password=PASSWORD, UserAttributes=attributes)

    quiet()
    assert "CodeDeliveryDetails" not in answer
    assert phones.none(phone_number)
    assert refusal(cognito.resend_confirmation_code, **user) == (
        "InvalidParameterException",
        "Auto verification not turned on.",
    )


def test_a_pool_without_a_custom_sender_would_reach_the_real_phone_and_that_is_said(
    cognito, make_pool, sandbox, phones, phone_number, quiet
):
    _, client = make_pool(LambdaConfig=None)
    attributes = [{"Name": "phone_number", "Value": phone_number}]

    answer = cognito.sign_up(
        ClientId=client["ClientId"], Username="alice", Password=PASSWORD, UserAttributes=attributes
    )

    quiet()
    told = [incident for incident in sandbox.incidents.all() if incident.phone_number == phone_number]
    assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "SMS"
    assert phones.none(phone_number)
    assert "would have gone to the real phone" in told[0].reason
    cognito.confirm_sign_up(ClientId=client["ClientId"], Username="alice", ConfirmationCode=told[0].sms.code)


def test_unset_texts_are_cognitos_defaults(cognito, make_pool, decrypting, phones, phone_number):
    _, client = make_pool()
    attributes = [{"Name": "phone_number", "Value": phone_number}]

    cognito.sign_up(ClientId=client["ClientId"], Username="alice", Password=PASSWORD, UserAttributes=attributes)

    sms = phones.next(phone_number, "SignUp")
    assert sms.text == f"Your verification code is {sms.code}."
    assert sms.template_source == "default"


def test_a_client_that_does_not_hide_unknown_users_names_them(cognito, make_pool):
    _, client = make_pool(client={"PreventUserExistenceErrors": "LEGACY"})
    nobody = {"ClientId": client["ClientId"], "Username": "nobody"}

    assert refusal(cognito.forgot_password, **nobody)[0] == "UserNotFoundException"
    assert refusal(cognito.resend_confirmation_code, **nobody)[0] == "UserNotFoundException"


def test_an_unknown_client_is_not_found(cognito, stack):
    refused = refusal(cognito.forgot_password, ClientId="0" * 26, Username="x")

    assert refused[0] == "ResourceNotFoundException"


def test_a_caller_needs_iams_leave_for_administrators_calls(session, stack, sandbox):
    iam = session.client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"]).client("cognito-idp")

    refused = refusal(reader.admin_create_user, UserPoolId=stack["UserPoolId"], Username="x")

    assert refused[0] == "AccessDeniedException"
