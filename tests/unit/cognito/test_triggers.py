"""The triggers that Cognito waits for: in which order, what they are told, and what becomes of what they return."""

import asyncio
import json

import pytest
from joserfc import jws

from local_pools import ACCOUNT, KEY, REGION, SENDER, app, sms_pool
from refusals import refusal
from sms_redirect.sandbox.cognito import triggers

PHONE = "+12065550008"
PASSWORD = "Passw0rd!"
CHAIN = ("PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration")
NAMES = [{"Name": "phone_number", "Value": PHONE}]


def arn(name):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


@pytest.fixture
def chain(pools):
    """Every trigger has a function that returns its event; `chain["PreSignUp"] = ...` replaces one."""
    functions = Chain(pools.functions)
    for name in CHAIN:
        functions[name] = lambda event: event
    return functions


class Chain:
    def __init__(self, functions):
        self.functions = functions

    def __setitem__(self, name, function):
        self.functions.on[arn(name)] = function

    def responds(self, name, **response):
        self[name] = lambda event: {**event, "response": {**event["response"], **response}}

    def fails(self, name, words):
        def function(_event):
            raise ValueError(words)

        self[name] = function

    def told(self, source):
        (event,) = [event for event in self.functions.events if event["triggerSource"] == source]
        return event["request"]


@pytest.fixture
def settings():
    sender = {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": SENDER}, "KMSKeyID": KEY}
    return {"LambdaConfig": {**sender, **{name: arn(name) for name in CHAIN}}, "MfaConfiguration": "OPTIONAL"}


@pytest.fixture
def pool_id(cognito, chain, settings):
    return sms_pool(cognito, **settings)


@pytest.fixture
def request_(client_id):
    return {"ClientId": client_id, "Username": "ann", "Password": PASSWORD, "UserAttributes": NAMES}


@pytest.fixture
def ann(cognito, pools, pool_id, client_id, request_):
    """Signed up and confirmed; the events so far are forgotten."""
    cognito.sign_up(**request_)
    code = pools.sent.last(PHONE).secret
    cognito.confirm_sign_up(ClientId=client_id, Username="ann", ConfirmationCode=code)
    pools.functions.events.clear()
    return {"UserPoolId": pool_id, "Username": "ann"}


def sign_in(cognito, client_id, **more):
    parameters = {"USERNAME": "ann", "PASSWORD": PASSWORD}
    return cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters, **more)


def claims(token):
    return json.loads(jws.extract_compact(token.encode()).payload)


def test_a_new_user_meets_them_in_cognitos_order(cognito, pools, request_, client_id):
    cognito.sign_up(**request_, ClientMetadata={"app": "web"}, ValidationData=[{"Name": "captcha", "Value": "42"}])
    code = pools.sent.last(PHONE).secret
    cognito.confirm_sign_up(ClientId=client_id, Username="ann", ConfirmationCode=code, ClientMetadata={"step": "2"})
    sign_in(cognito, client_id)

    assert pools.functions.sources() == [
        "PreSignUp_SignUp",
        "PostConfirmation_ConfirmSignUp",
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_Authentication",
    ]
    first, second = pools.functions.events[:2]
    assert first["request"]["validationData"] == {"captcha": "42"}
    assert first["request"]["clientMetadata"] == {"app": "web"}
    assert second["request"]["clientMetadata"] == {"step": "2"}
    assert second["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert {event["callerContext"]["clientId"] for event in pools.functions.events} == {client_id}


def test_with_a_second_factor_the_last_ones_run_once_and_after_the_code(cognito, pools, client_id, ann):
    cognito.admin_set_user_mfa_preference(**ann, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})

    challenge = sign_in(cognito, client_id)
    assert pools.functions.sources() == ["PreAuthentication_Authentication"]

    answers = {"USERNAME": "ann", "SMS_MFA_CODE": pools.sent.last(PHONE).secret}
    cognito.respond_to_auth_challenge(
        ClientId=client_id, ChallengeName="SMS_MFA", Session=challenge["Session"], ChallengeResponses=answers
    )
    assert pools.functions.sources()[1:] == ["PostAuthentication_Authentication", "TokenGeneration_Authentication"]


def test_a_refresh_generates_tokens_anew(cognito, pools, client_id, ann):
    token = sign_in(cognito, client_id)["AuthenticationResult"]["RefreshToken"]
    pools.functions.events.clear()

    cognito.initiate_auth(ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token})

    assert pools.functions.sources() == ["TokenGeneration_RefreshTokens"]


def test_a_forgotten_password_is_a_confirmation_too(cognito, pools, client_id, ann):
    cognito.forgot_password(ClientId=client_id, Username="ann")
    code = pools.sent.last(PHONE).secret
    cognito.confirm_forgot_password(ClientId=client_id, Username="ann", ConfirmationCode=code, Password=PASSWORD)

    assert pools.functions.sources() == ["PostConfirmation_ConfirmForgotPassword"]


def test_an_administrators_user_meets_pre_sign_up(cognito, pools, pool_id):
    cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")

    (event,) = pools.functions.events
    assert event["triggerSource"] == "PreSignUp_AdminCreateUser"
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"


def test_pre_sign_up_confirms_and_verifies(cognito, pools, chain, pool_id, request_):
    chain.responds("PreSignUp", autoConfirmUser=True, autoVerifyPhone=True)

    assert cognito.sign_up(**request_)["UserConfirmed"] is True

    user = cognito.admin_get_user(UserPoolId=pool_id, Username="ann")
    assert user["UserStatus"] == "CONFIRMED"
    assert {"Name": "phone_number_verified", "Value": "true"} in user["UserAttributes"]
    assert pools.sent.messages == []
    assert pools.functions.sources() == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ({"autoVerifyPhone": True}, "Phone or email cannot be auto verified, when user is not being auto confirmed."),
        ({"autoConfirmUser": True, "autoVerifyEmail": True}, "email cannot be auto verified"),
    ],
)
def test_what_pre_sign_up_cannot_verify_ends_the_sign_up(cognito, chain, pool_id, request_, response, words):
    chain.responds("PreSignUp", **response)

    error, message = refusal(cognito.sign_up, **request_)

    assert error == "InvalidLambdaResponseException"
    assert words in message
    assert cognito.list_users(UserPoolId=pool_id)["Users"] == []


@pytest.mark.parametrize("name", ["PreSignUp", "PostConfirmation"])
def test_a_refusal_at_sign_up_is_told_in_the_functions_words(cognito, pools, chain, request_, client_id, name):
    chain.fails(name, "No more seats")

    def act():
        cognito.sign_up(**request_)
        code = pools.sent.last(PHONE).secret
        cognito.confirm_sign_up(ClientId=client_id, Username="ann", ConfirmationCode=code)

    assert refusal(act) == ("UserLambdaValidationException", f"{name} failed with error No more seats.")


@pytest.mark.parametrize("name", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
def test_a_refusal_at_sign_in_gives_no_tokens(cognito, chain, client_id, ann, name):
    chain.fails(name, "Not today")

    assert refusal(sign_in, cognito=cognito, client_id=client_id) == (
        "UserLambdaValidationException",
        f"{name} failed with error Not today.",
    )


def test_before_a_sign_in_the_metadata_is_validation_data(cognito, pools, chain, client_id, ann):
    sign_in(cognito, client_id, ClientMetadata={"device": "phone"})

    assert chain.told("PreAuthentication_Authentication")["validationData"] == {"device": "phone"}
    assert "clientMetadata" not in chain.told("PostAuthentication_Authentication")


def test_a_slow_function_is_tried_three_times(cognito, pools, chain, request_, monkeypatch):
    started = []

    async def slow(_event):
        started.append(True)
        await asyncio.sleep(10)

    chain["PreSignUp"] = slow
    monkeypatch.setattr(pools.context.triggers, "_seconds", 0.01)

    assert refusal(cognito.sign_up, **request_) == (
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
    )
    assert len(started) == triggers.TRIES == 3
    assert triggers.SECONDS == 5


def test_a_function_that_cognito_may_not_invoke(cognito, pools, request_):
    pools.functions.allowed = False

    assert refusal(cognito.sign_up, **request_) == (
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error AccessDeniedException.",
    )


@pytest.mark.parametrize("returned", [None, [], "yes", {}, {"response": None}, {"response": "yes"}])
def test_what_is_no_event_is_unrecognizable(cognito, chain, request_, returned):
    chain["PreSignUp"] = lambda _event: returned

    assert refusal(cognito.sign_up, **request_) == ("InvalidLambdaResponseException", "Unrecognizable lambda output")


# ---- tokens ----


def tokens(cognito, client_id):
    result = sign_in(cognito, client_id)["AuthenticationResult"]
    return claims(result["IdToken"]), claims(result["AccessToken"])


def test_version_1_changes_the_id_token(cognito, chain, client_id, ann):
    groups = {"groupsToOverride": ["staff"], "preferredRole": "arn:aws:iam::123456789012:role/staff"}
    details = {
        "claimsToAddOrOverride": {"plan": "gold", "sub": "another"},
        "claimsToSuppress": ["phone_number"],
        "groupOverrideDetails": groups,
    }
    chain.responds("PreTokenGeneration", claimsOverrideDetails=details)

    identity, access = tokens(cognito, client_id)

    assert identity["plan"] == "gold"
    assert identity["sub"] == access["sub"] != "another"
    assert "phone_number" not in identity
    assert identity["cognito:groups"] == access["cognito:groups"] == ["staff"]
    assert identity["cognito:preferred_role"].endswith("role/staff")
    assert "plan" not in access


@pytest.mark.parametrize("version", ["V2_0", "V3_0"])
def test_versions_2_and_3_change_the_access_token_too(cognito, pools, chain, settings, version):
    newer = {"LambdaArn": arn("PreTokenGeneration"), "LambdaVersion": version}
    config = settings["LambdaConfig"] | {"PreTokenGenerationConfig": newer}
    pool_id = sms_pool(cognito, UserPoolTier="ESSENTIALS", **settings | {"LambdaConfig": config})
    client_id = app(cognito, pool_id)
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ann", Password=PASSWORD, Permanent=True)
    pools.functions.events.clear()
    access_token = {"claimsToAddOrOverride": {"tenant": "7"}, "scopesToAdd": ["reports"]}
    details = {"idTokenGeneration": {"claimsToAddOrOverride": {"plan": "gold"}}, "accessTokenGeneration": access_token}
    chain.responds("PreTokenGeneration", claimsAndScopeOverrideDetails=details)

    identity, access = tokens(cognito, client_id)

    (event,) = [event for event in pools.functions.events if event["triggerSource"].startswith("TokenGeneration")]
    assert event["version"] == version[1]
    assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]
    assert (identity["plan"], access["tenant"]) == ("gold", "7")
    assert access["scope"].split() == ["aws.cognito.signin.user.admin", "reports"]
