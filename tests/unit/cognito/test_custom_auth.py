"""CUSTOM_AUTH: what the three functions are told, and what comes of their decisions."""

import pytest

from local_pools import ACCOUNT, REGION, app, sms_pool
from srp_client import SrpClient

PASSWORD = "Passw0rd!"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
TRIGGERS = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")


def define(event):
    """Two right answers in three tries; after SRP_A the password first."""
    session = event["request"]["session"]
    custom = [each for each in session if each["challengeName"] == "CUSTOM_CHALLENGE"]
    wrong = sum(not each["challengeResult"] for each in custom)
    decided = {"issueTokens": len(custom) - wrong == 2, "failAuthentication": wrong > 1}
    asks = "PASSWORD_VERIFIER" if session and session[-1]["challengeName"] == "SRP_A" else "CUSTOM_CHALLENGE"
    return {"response": {**decided, "challengeName": asks}}


def create(event):
    number = len(event["request"]["session"]) + 1
    return {
        "response": {
            "publicChallengeParameters": {"question": f"number {number}?"},
            "privateChallengeParameters": {"answer": str(number)},
            "challengeMetadata": f"question-{number}",
        }
    }


def verify(event):
    right = event["request"]["privateChallengeParameters"]["answer"]
    return {"response": {"answerCorrect": event["request"]["challengeAnswer"] == right}}


@pytest.fixture
def pool_id(cognito, pools):
    pools.functions.on |= {ARN + "define": define, ARN + "create": create, ARN + "verify": verify}
    names = dict(zip(TRIGGERS, ("define", "create", "verify"), strict=True))
    return sms_pool(cognito, LambdaConfig={trigger: ARN + name for trigger, name in names.items()})


@pytest.fixture
def client_id(cognito, pool_id):
    return app(cognito, pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_USER_SRP_AUTH"])


@pytest.fixture(autouse=True)
def ann(cognito, pool_id):
    user = {"UserPoolId": pool_id, "Username": "ann"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)


def start(cognito, client_id, name="ann", **more):
    return cognito.initiate_auth(ClientId=client_id, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": name, **more})


def answer(cognito, client_id, challenge, text, name="ann", **more):
    return cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="CUSTOM_CHALLENGE",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": name, "ANSWER": text},
        **more,
    )


def test_the_functions_lead_a_user_to_tokens(cognito, pools, client_id):
    first = start(cognito, client_id)
    assert first["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert first["ChallengeParameters"] == {"USERNAME": "ann", "question": "number 1?"}
    second = answer(cognito, client_id, first, "1")

    signed_in = answer(cognito, client_id, second, "2", ClientMetadata={"app": "test"})

    assert cognito.get_user(AccessToken=signed_in["AuthenticationResult"]["AccessToken"])["Username"] == "ann"
    assert [source.partition("AuthChallenge")[0] for source in pools.functions.sources()] == [
        "Define", "Create", "Verify", "Define", "Create", "Verify", "Define",
    ]  # fmt: skip
    last = pools.functions.events[-1]
    assert last["triggerSource"] == "DefineAuthChallenge_Authentication"
    assert last["request"]["clientMetadata"] == {"app": "test"}
    assert last["request"]["userNotFound"] is False
    assert last["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert last["request"]["session"] == [
        {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": True, "challengeMetadata": f"question-{number}"}
        for number in (1, 2)
    ]


def test_a_function_may_end_it(cognito, client_id):
    again = answer(cognito, client_id, start(cognito, client_id), "wrong")
    assert again["ChallengeParameters"]["question"] == "number 2?"

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        answer(cognito, client_id, again, "wrong")


def test_a_challenge_is_answered_once(cognito, client_id):
    first = start(cognito, client_id)
    answer(cognito, client_id, first, "1")

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="session can only be used once"):
        answer(cognito, client_id, first, "1")


def test_the_private_parameters_stay_private(cognito, client_id):
    first = start(cognito, client_id)

    assert "answer" not in first["ChallengeParameters"]


def test_the_flow_may_begin_with_the_password(cognito, pools, pool_id, client_id):
    def custom_auth(**request):
        given = {**request["AuthParameters"], "CHALLENGE_NAME": "SRP_A"}
        return cognito.initiate_auth(ClientId=client_id, AuthFlow="CUSTOM_AUTH", AuthParameters=given)

    challenge = SrpClient(Started(cognito, custom_auth), pool_id, client_id).sign_in("ann", PASSWORD)

    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert [each["challengeName"] for each in pools.functions.events[-1]["request"]["session"]] == [
        "SRP_A", "PASSWORD_VERIFIER",
    ]  # fmt: skip
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        SrpClient(Started(cognito, custom_auth), pool_id, client_id).sign_in("ann", "another")


class Started:
    """A client whose InitiateAuth starts another flow."""

    def __init__(self, cognito, initiate_auth):
        self.initiate_auth = initiate_auth
        self.respond_to_auth_challenge = cognito.respond_to_auth_challenge


def test_the_functions_hear_of_an_unknown_user_who_is_never_signed_in(cognito, pools, client_id):
    first = start(cognito, client_id, "nobody")
    assert pools.functions.events[0]["request"]["userNotFound"] is True
    assert pools.functions.events[0]["request"]["userAttributes"] == {}
    second = answer(cognito, client_id, first, "1", "nobody")

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        answer(cognito, client_id, second, "2", "nobody")


def test_without_hiding_an_unknown_user_is_not_found(cognito, pool_id):
    open_client = app(cognito, pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"], PreventUserExistenceErrors="LEGACY")

    with pytest.raises(cognito.exceptions.UserNotFoundException):
        start(cognito, open_client, "nobody")


def test_a_session_is_of_its_user_only(cognito, pool_id, client_id):
    cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session for the user"):
        answer(cognito, client_id, start(cognito, client_id), "1", "bob")


@pytest.mark.parametrize(
    "response",
    [{}, {"challengeName": "SOMETHING"}, {"challengeName": "PASSWORD_VERIFIER"}],
)
def test_a_decision_that_is_none_is_an_error(cognito, pools, client_id, response):
    pools.functions.on[ARN + "define"] = lambda _event: {"response": response}

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        start(cognito, client_id)


def test_parameters_that_are_no_texts_are_an_error(cognito, pools, client_id):
    pools.functions.on[ARN + "create"] = lambda _event: {"response": {"publicChallengeParameters": ["x"]}}

    with pytest.raises(cognito.exceptions.InvalidLambdaResponseException):
        start(cognito, client_id)


def test_without_the_functions_the_flow_is_refused(cognito):
    pool_id = sms_pool(cognito)
    client_id = app(cognito, pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"])

    with pytest.raises(cognito.exceptions.InvalidParameterException, match="Custom auth lambda trigger is not config"):
        start(cognito, client_id)
