"""UserMigration: who signs in with a password, or forgot it, comes from another directory."""

import pytest

from local_pools import ACCOUNT, KEY, REGION, SENDER, app, sms_pool

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:migrate"
PHONE = "+12065550008"
ATTRIBUTES = {"phone_number": PHONE, "phone_number_verified": "true", "name": "Ann"}
SHORT = "short"  # no password that the pool's policy allows


@pytest.fixture
def pool_id(cognito):
    sender = {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": SENDER}, "KMSKeyID": KEY}
    return sms_pool(cognito, LambdaConfig={**sender, "UserMigration": FUNCTION}, MfaConfiguration="OPTIONAL")


def migrates(pools, **response):
    made = {"userAttributes": ATTRIBUTES, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"} | response
    pools.functions.on[FUNCTION] = lambda _event: {"response": made}


def sign_in(cognito, client_id, name="ann", **more):
    return cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": name, "PASSWORD": SHORT}, **more
    )


def test_a_user_of_another_directory_signs_in_with_the_old_password(cognito, pools, pool_id, client_id):
    migrates(pools)

    assert "AuthenticationResult" in sign_in(cognito, client_id, ClientMetadata={"app": "test"})

    event = pools.functions.events[0]
    assert (event["triggerSource"], event["userName"]) == ("UserMigration_Authentication", "ann")
    assert event["request"] == {"password": SHORT, "validationData": {"app": "test"}}
    user = cognito.admin_get_user(UserPoolId=pool_id, Username="ann")
    assert user["UserStatus"] == "CONFIRMED"
    assert {"Name": "phone_number_verified", "Value": "true"} in user["UserAttributes"]


def test_the_function_is_asked_once_for_each_user(cognito, pools, client_id):
    migrates(pools)
    sign_in(cognito, client_id)
    sign_in(cognito, client_id)

    assert pools.functions.sources() == ["UserMigration_Authentication"]


def test_without_a_final_status_a_new_password_is_needed(cognito, pools, client_id):
    migrates(pools, finalUserStatus=None)

    with pytest.raises(cognito.exceptions.PasswordResetRequiredException):
        sign_in(cognito, client_id)


def test_a_migrated_user_may_have_sms_as_second_factor(cognito, pools, client_id):
    migrates(pools, enableSMSMFA=True)

    assert sign_in(cognito, client_id)["ChallengeName"] == "SMS_MFA"


def test_a_forgotten_password_brings_the_user_in_and_sends_a_code(cognito, pools, pool_id, client_id):
    migrates(pools, finalUserStatus=None)

    cognito.forgot_password(ClientId=client_id, Username="ann", ClientMetadata={"app": "test"})
    new = {"ConfirmationCode": pools.sent.last(PHONE).secret, "Password": "Passw0rd!"}
    cognito.confirm_forgot_password(ClientId=client_id, Username="ann", **new)

    event = pools.functions.events[0]
    assert event["triggerSource"] == "UserMigration_ForgotPassword"
    assert event["request"] == {"validationData": None, "clientMetadata": {"app": "test"}}
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ann")["UserStatus"] == "CONFIRMED"


def test_a_refusal_brings_nobody_in(cognito, pools, pool_id, client_id):
    def refuse(_event):
        raise ValueError("Bad password")

    pools.functions.on[FUNCTION] = refuse

    with pytest.raises(
        cognito.exceptions.UserLambdaValidationException, match=r"UserMigration failed with error Bad password\."
    ):
        sign_in(cognito, client_id)
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ann")


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        (None, "InvalidLambdaResponseException"),
        ({}, "InvalidLambdaResponseException"),
        ({"phone_number": "12"}, "InvalidParameterException"),
        ({"custom:unknown": "x"}, "InvalidParameterException"),
    ],
)
def test_attributes_must_be_those_of_the_pool(cognito, pools, client_id, attributes, error):
    migrates(pools, userAttributes=attributes)

    with pytest.raises(cognito.exceptions.ClientError) as refused:
        sign_in(cognito, client_id)

    assert refused.value.response["Error"]["Code"] == error


def test_an_alias_moves_only_if_the_function_says_so(cognito, pools, client_id, pool_id):
    pool_id = sms_pool(
        cognito,
        AliasAttributes=["phone_number"],
        LambdaConfig={"UserMigration": FUNCTION},
    )
    client_id = app(cognito, pool_id)
    attributes = [{"Name": name, "Value": value} for name, value in ATTRIBUTES.items()]
    cognito.admin_create_user(UserPoolId=pool_id, Username="first", UserAttributes=attributes, MessageAction="SUPPRESS")

    migrates(pools)
    with pytest.raises(cognito.exceptions.AliasExistsException):
        sign_in(cognito, client_id)
    migrates(pools, forceAliasCreation=True)
    assert "AuthenticationResult" in sign_in(cognito, client_id)

    assert cognito.admin_get_user(UserPoolId=pool_id, Username=PHONE)["Username"] == "ann"


def test_a_welcome_message_that_is_not_sent_is_an_incident(cognito, pools, client_id):
    migrates(pools, messageAction=None)

    sign_in(cognito, client_id)

    assert "The welcome message of a migrated user is not simulated" in pools.incidents.all()[0].reason


def test_a_pool_without_the_trigger_brings_nobody_in(cognito):
    client_id = app(cognito, sms_pool(cognito))

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        sign_in(cognito, client_id)


def test_user_auth_with_the_password_brings_the_user_in(cognito, pools, client_id):
    migrates(pools)
    parameters = {"USERNAME": "ann", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": SHORT}

    answer = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_AUTH", AuthParameters=parameters)

    assert "AuthenticationResult" in answer
    assert pools.functions.sources() == ["UserMigration_Authentication"]


def test_a_password_that_is_only_proven_brings_nobody_in(cognito, pools, client_id):
    migrates(pools)
    parameters = {"USERNAME": "ann", "SRP_A": "ff" * 64}

    cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)

    assert pools.functions.events == []
