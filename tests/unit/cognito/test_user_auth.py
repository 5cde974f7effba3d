"""USER_AUTH: from sign-up to sign-in without another message, and who is offered which first factor."""

import pytest

from local_pools import app, sms_pool

PASSWORD = "Passw0rd!"
PHONE = "+12065550008"
FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}


@pytest.fixture
def pool_id(cognito):
    return sms_pool(cognito, Policies=FACTORS, MfaConfiguration="OPTIONAL")


def sign_up(cognito, client_id, **more):
    attributes = [{"Name": "phone_number", "Value": PHONE}]
    return cognito.sign_up(ClientId=client_id, Username="ann", UserAttributes=attributes, **more)


def user_auth(cognito, client_id, name="ann", session=None, **given):
    more = {} if session is None else {"Session": session}
    return cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_AUTH", AuthParameters={"USERNAME": name, **given}, **more
    )


def confirm(cognito, pools, client_id, **more):
    return cognito.confirm_sign_up(
        ClientId=client_id, Username="ann", ConfirmationCode=pools.sent.last(PHONE).secret, **more
    )


def test_a_new_user_signs_in_with_the_session_of_the_confirmation_and_without_another_sms(cognito, pools, client_id):
    session = sign_up(cognito, client_id)["Session"]
    session = confirm(cognito, pools, client_id, Session=session)["Session"]

    signed_in = user_auth(cognito, client_id, session=session)

    assert cognito.get_user(AccessToken=signed_in["AuthenticationResult"]["AccessToken"])["Username"] == "ann"
    assert len(pools.sent.messages) == 1


def test_the_session_of_a_sign_up_is_good_as_soon_as_the_user_is_confirmed_and_once(cognito, pool_id, client_id):
    session = sign_up(cognito, client_id)["Session"]

    with pytest.raises(cognito.exceptions.UserNotConfirmedException):
        user_auth(cognito, client_id, session=session)
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ann")
    assert "AuthenticationResult" in user_auth(cognito, client_id, session=session)
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="session can only be used once"):
        user_auth(cognito, client_id, session=session)


def test_a_session_is_good_for_its_own_user_only_and_expires(cognito, pools, pool_id, client_id):
    session = sign_up(cognito, client_id)["Session"]
    session = confirm(cognito, pools, client_id, Session=session)["Session"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="bob", Password=PASSWORD, Permanent=True)

    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid session for the user"):
        user_auth(cognito, client_id, "bob", session=session)
    pools.clock.advance(181)
    with pytest.raises(cognito.exceptions.NotAuthorizedException, match="session is expired"):
        user_auth(cognito, client_id, session=session)


def test_a_wrong_session_leaves_the_code_and_the_user_as_they_were(cognito, pools, client_id):
    sign_up(cognito, client_id)

    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        confirm(cognito, pools, client_id, Session="AYAB" + "x" * 30)
    confirm(cognito, pools, client_id)


def test_a_confirmation_without_a_session_leads_to_one_too(cognito, pools, client_id):
    sign_up(cognito, client_id)

    session = confirm(cognito, pools, client_id)["Session"]

    assert "AuthenticationResult" in user_auth(cognito, client_id, session=session)


def test_a_client_without_user_auth_gets_no_session(cognito, pools, pool_id, client_id):
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    cognito.update_user_pool_client(UserPoolId=pool_id, ClientId=client_id, ExplicitAuthFlows=flows)

    assert "Session" not in sign_up(cognito, client_id, Password=PASSWORD)
    assert "Session" not in confirm(cognito, pools, client_id)


def test_the_session_stands_for_the_first_factor_only(cognito, pools, pool_id, client_id):
    session = sign_up(cognito, client_id, Password=PASSWORD)["Session"]
    session = confirm(cognito, pools, client_id, Session=session)["Session"]
    sms = {"Enabled": True, "PreferredMfa": True}
    cognito.admin_set_user_mfa_preference(UserPoolId=pool_id, Username="ann", SMSMfaSettings=sms)

    assert user_auth(cognito, client_id, session=session)["ChallengeName"] == "SMS_MFA"


@pytest.mark.parametrize(
    ("password", "mfa", "offered"),
    [
        (None, False, ["SMS_OTP"]),
        (PASSWORD, False, ["PASSWORD", "PASSWORD_SRP", "SMS_OTP"]),
        (PASSWORD, True, ["PASSWORD", "PASSWORD_SRP"]),
    ],
)
def test_who_is_offered_which_factor(cognito, pools, pool_id, client_id, password, mfa, offered):
    sign_up(cognito, client_id, **({"Password": password} if password else {}))
    confirm(cognito, pools, client_id)
    if mfa:
        sms = {"Enabled": True}
        cognito.admin_set_user_mfa_preference(UserPoolId=pool_id, Username="ann", SMSMfaSettings=sms)

    assert user_auth(cognito, client_id)["AvailableChallenges"] == offered


def test_an_unknown_user_gets_a_challenge_that_cannot_be_answered_and_no_message(cognito, pools, client_id):
    challenge = user_auth(cognito, client_id, "nobody", PREFERRED_CHALLENGE="SMS_OTP")

    assert challenge["ChallengeName"] == "SMS_OTP"
    assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"].startswith("+*")
    assert pools.sent.messages == []
    answers = {"USERNAME": "nobody", "SMS_OTP_CODE": "12345678"}
    with pytest.raises(cognito.exceptions.CodeMismatchException, match="Invalid code or auth state for the user"):
        cognito.respond_to_auth_challenge(
            ClientId=client_id, ChallengeName="SMS_OTP", Session=challenge["Session"], ChallengeResponses=answers
        )


def test_every_unknown_user_gets_a_challenge_always_the_same(cognito, client_id):
    first = {name: user_auth(cognito, client_id, name) for name in (f"nobody-{n}" for n in range(20))}

    assert {each["ChallengeName"] for each in first.values()} == {"SMS_OTP", "SELECT_CHALLENGE"}
    for name, challenge in first.items():
        again = user_auth(cognito, client_id, name)
        assert again["ChallengeParameters"] == challenge["ChallengeParameters"]


@pytest.mark.parametrize(("chosen", "proof"), [("PASSWORD", {"PASSWORD": "x"}), ("PASSWORD_SRP", {"SRP_A": "ff" * 64})])
def test_the_password_of_an_unknown_user_is_wrong(cognito, chosen, proof):
    client_id = app(cognito, sms_pool(cognito))
    challenge = user_auth(cognito, client_id, "nobody")
    assert challenge["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]
    request = {"ClientId": client_id, "ChallengeName": "SELECT_CHALLENGE", "Session": challenge["Session"]}

    def respond():
        return cognito.respond_to_auth_challenge(
            **request, ChallengeResponses={"USERNAME": "nobody", "ANSWER": chosen, **proof}
        )

    if chosen == "PASSWORD":
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
            respond()
    else:
        assert respond()["ChallengeName"] == "PASSWORD_VERIFIER"


def test_without_hiding_an_unknown_user_is_not_found(cognito, pool_id):
    client_id = app(cognito, pool_id, PreventUserExistenceErrors="LEGACY")

    with pytest.raises(cognito.exceptions.UserNotFoundException):
        user_auth(cognito, client_id, "nobody")
