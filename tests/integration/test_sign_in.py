"""SMS MFA and one-time passwords against the sandbox, by boto3 and, for SRP, by an implementation of its own."""

from dataclasses import replace

import pytest

from refusals import refusal
from sms_redirect.sandbox.cognito.rules import totp
from sms_redirect.sandbox.cognito.values.pool import Factors
from srp_client import SrpClient

PASSWORD = "Passw0rd!"
SESSION_OVER = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
SESSION_USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


@pytest.fixture
def prefers_sms(cognito, confirmed):
    cognito.admin_set_user_mfa_preference(**confirmed, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    return confirmed


@pytest.fixture
def respond(cognito, user):
    def respond(challenge, call=None, **responses):
        request = {
            "ClientId": user["ClientId"],
            "ChallengeName": challenge["ChallengeName"],
            "Session": challenge["Session"],
            "ChallengeResponses": {"USERNAME": user["Username"], **responses},
        }
        return (call or cognito.respond_to_auth_challenge)(**request)

    return respond


def totp_now(secret, sandbox):
    return totp.code(secret, int(sandbox.clock.now() // 30))


def other(code):
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def test_a_preferred_sms_factor_asks_for_its_code_before_any_token(
    cognito, prefers_sms, sign_in, respond, phones, phone_number
):
    challenge = sign_in()

    sms = phones.next(phone_number, "Authentication")
    assert "AuthenticationResult" not in challenge
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert challenge["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "SMS"
    assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == f"+*******{phone_number[-4:]}"
    assert sms.text == f"Your authentication code is {sms.code}."
    assert len(sms.code) == 6
    assert respond(challenge, SMS_MFA_CODE=sms.code)["AuthenticationResult"]["AccessToken"]


def test_a_wrong_code_gives_no_token_and_may_be_corrected(prefers_sms, sign_in, respond, phones, phone_number):
    challenge = sign_in()
    code = phones.next(phone_number, "Authentication").code

    assert refusal(respond, challenge=challenge, SMS_MFA_CODE=other(code))[0] == "CodeMismatchException"
    assert respond(challenge, SMS_MFA_CODE=code)["AuthenticationResult"]


def test_a_session_is_over_after_its_code_was_used(prefers_sms, sign_in, respond, phones, phone_number):
    challenge = sign_in()
    code = phones.next(phone_number, "Authentication").code
    respond(challenge, SMS_MFA_CODE=code)

    assert refusal(respond, challenge=challenge, SMS_MFA_CODE=code) == SESSION_USED


def test_a_session_lasts_three_minutes(prefers_sms, sign_in, respond, phones, phone_number, sandbox):
    challenge = sign_in()
    code = phones.next(phone_number, "Authentication").code

    sandbox.clock.advance(180)

    assert refusal(respond, challenge=challenge, SMS_MFA_CODE=code) == SESSION_OVER


def test_guessing_ends_the_session(prefers_sms, sign_in, respond, phones, phone_number):
    challenge = sign_in()
    code = phones.next(phone_number, "Authentication").code

    for _ in range(5):
        assert refusal(respond, challenge=challenge, SMS_MFA_CODE=other(code))[0] == "CodeMismatchException"

    assert refusal(respond, challenge=challenge, SMS_MFA_CODE=code) == SESSION_OVER


def test_metadata_of_initiate_auth_does_not_reach_the_sender(prefers_sms, sign_in, phones, phone_number):
    sign_in(ClientMetadata={"dropped": "yes"})

    assert not phones.next(phone_number, "Authentication").client_metadata


def test_without_a_preference_an_optional_factor_is_not_asked_for(confirmed, sign_in, phones, phone_number, quiet):
    assert sign_in()["AuthenticationResult"]

    quiet()
    assert phones.none(phone_number)


def test_a_required_factor_is_asked_of_everyone_with_a_phone(
    confirmed, pool_setting, sign_in, respond, phones, phone_number
):
    pool_setting(MfaConfiguration="ON")

    challenge = sign_in()

    assert challenge["ChallengeName"] == "SMS_MFA"
    assert respond(challenge, SMS_MFA_CODE=phones.next(phone_number, "Authentication").code)["AuthenticationResult"]


def test_a_second_factor_verifies_the_phone(cognito, prefers_sms, sign_in, respond, phones, phone_number):
    unverified = [{"Name": "phone_number_verified", "Value": "false"}]
    cognito.admin_update_user_attributes(**prefers_sms, UserAttributes=unverified)
    challenge = sign_in()

    respond(challenge, SMS_MFA_CODE=phones.next(phone_number, "Authentication").code)

    attributes = cognito.admin_get_user(**prefers_sms)["UserAttributes"]
    assert {"Name": "phone_number_verified", "Value": "true"} in attributes


@pytest.fixture
def apps_too(stack, sandbox, pool_setting):
    """Let the pool's users have authenticator apps, for one test."""

    def apps_too():
        pools = sandbox.pools.context.store.pools
        pools.change(stack["UserPoolId"], lambda pool: replace(pool, factors=Factors(sms=True, software_token=True)))

    return apps_too


def test_with_an_authenticator_app_too_the_user_chooses(
    cognito, confirmed, access_token, sign_in, respond, phones, phone_number, apps_too, sandbox
):
    apps_too()
    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    cognito.verify_software_token(AccessToken=access_token, UserCode=totp_now(secret, sandbox))
    settings = {"Enabled": True, "PreferredMfa": False}
    cognito.admin_set_user_mfa_preference(**confirmed, SMSMfaSettings=settings, SoftwareTokenMfaSettings=settings)

    choice = sign_in()
    challenge = respond(choice, ANSWER="SMS_MFA")

    assert choice["ChallengeName"] == "SELECT_MFA_TYPE"
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert respond(challenge, SMS_MFA_CODE=phones.next(phone_number, "Authentication").code)["AuthenticationResult"]


@pytest.mark.parametrize("challenge_name", ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "MFA_SETUP", "NEW_PASSWORD_REQUIRED"])
def test_no_challenge_is_answered_without_its_session(cognito, confirmed, user, challenge_name):
    refused = refusal(
        cognito.respond_to_auth_challenge,
        ClientId=user["ClientId"],
        ChallengeName=challenge_name,
        Session="x" * 40,
        ChallengeResponses={"USERNAME": user["Username"], "SMS_MFA_CODE": "123456", "NEW_PASSWORD": "An0ther-one"},
    )

    assert refused == SESSION_OVER


def test_srp_asks_for_the_second_factor_too(cognito, prefers_sms, user, respond, phones, phone_number):
    client = SrpClient(cognito, prefers_sms["UserPoolId"], user["ClientId"])

    challenge = client.sign_in(user["Username"], PASSWORD)

    assert challenge["ChallengeName"] == "SMS_MFA"
    assert respond(challenge, SMS_MFA_CODE=phones.next(phone_number, "Authentication").code)["AuthenticationResult"]


def test_an_administrators_sign_in_asks_for_the_second_factor_too(cognito, prefers_sms, user, phones, phone_number):
    pool_id = prefers_sms["UserPoolId"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="server", ExplicitAuthFlows=flows)
    client_id = client["UserPoolClient"]["ClientId"]
    parameters = {"USERNAME": user["Username"], "PASSWORD": PASSWORD}

    challenge = cognito.admin_initiate_auth(
        UserPoolId=pool_id, ClientId=client_id, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    code = phones.next(phone_number, "Authentication").code
    answer = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool_id,
        ClientId=client_id,
        ChallengeName="SMS_MFA",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": user["Username"], "SMS_MFA_CODE": code},
    )

    assert challenge["ChallengeName"] == "SMS_MFA"
    assert answer["AuthenticationResult"]["AccessToken"]


def one_time_password(sign_in, user, **parameters):
    return sign_in(AuthFlow="USER_AUTH", AuthParameters={"USERNAME": user["Username"], **parameters})


@pytest.fixture
def passwordless(pool_setting):
    """As with the stack's parameter Passwordless=yes."""
    pool_setting(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}})


def test_a_one_time_password_has_eight_digits_and_needs_no_password(
    passwordless, confirmed, sign_in, user, respond, phones, phone_number
):
    challenge = one_time_password(sign_in, user, PREFERRED_CHALLENGE="SMS_OTP")

    sms = phones.next(phone_number, "Authentication")
    assert challenge["ChallengeName"] == "SMS_OTP"
    assert challenge["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "SMS"
    assert len(sms.code) == 8
    assert sms.text == f"Your authentication code is {sms.code}."
    assert refusal(respond, challenge=challenge, SMS_OTP_CODE=other(sms.code))[0] == "CodeMismatchException"
    assert respond(challenge, SMS_OTP_CODE=sms.code)["AuthenticationResult"]["AccessToken"]


def test_without_a_preference_the_user_is_offered_the_first_factors(
    passwordless, confirmed, sign_in, user, respond, phones, phone_number
):
    offer = one_time_password(sign_in, user)

    challenge = respond(offer, ANSWER="SMS_OTP")

    assert offer["ChallengeName"] == "SELECT_CHALLENGE"
    assert set(offer["AvailableChallenges"]) == {"PASSWORD", "PASSWORD_SRP", "SMS_OTP"}
    code = phones.next(phone_number, "Authentication").code
    assert respond(challenge, SMS_OTP_CODE=code)["AuthenticationResult"]


def test_the_password_is_one_of_the_first_factors(confirmed, sign_in, user, respond):
    offer = one_time_password(sign_in, user)

    assert respond(offer, ANSWER="PASSWORD", PASSWORD=PASSWORD)["AuthenticationResult"]
    offer = one_time_password(sign_in, user)
    assert refusal(respond, challenge=offer, ANSWER="PASSWORD", PASSWORD="wrong")[0] == "NotAuthorizedException"


def test_a_pool_that_does_not_allow_one_time_passwords_sends_none(
    confirmed, pool_setting, sign_in, user, phones, phone_number, quiet
):
    pool_setting(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}})

    offer = one_time_password(sign_in, user, PREFERRED_CHALLENGE="SMS_OTP")

    quiet()
    assert offer["ChallengeName"] == "SELECT_CHALLENGE"
    assert "SMS_OTP" not in offer["AvailableChallenges"]
    assert phones.none(phone_number)


def test_a_disabled_user_gets_no_code(cognito, prefers_sms, sign_in, user, phones, phone_number, quiet):
    cognito.admin_disable_user(**prefers_sms)

    assert refusal(sign_in)[0] == "NotAuthorizedException"
    parameters = {"USERNAME": user["Username"], "PREFERRED_CHALLENGE": "SMS_OTP"}
    assert refusal(sign_in, AuthFlow="USER_AUTH", AuthParameters=parameters)[0] == "NotAuthorizedException"
    quiet()
    assert phones.none(phone_number)


def test_a_session_is_not_for_a_namesake(cognito, prefers_sms, sign_in, sign_up, user, respond, phones, phone_number):
    challenge = sign_in()
    code = phones.next(phone_number, "Authentication").code
    cognito.admin_delete_user(**prefers_sms)
    sign_up()
    cognito.confirm_sign_up(**user, ConfirmationCode=phones.next(phone_number, "SignUp").code)

    refused = refusal(respond, challenge=challenge, SMS_MFA_CODE=code)

    assert refused == ("NotAuthorizedException", "Invalid session for the user.")


def test_an_answer_names_its_user(prefers_sms, sign_in, respond, phones, phone_number):
    challenge = sign_in()
    code = phones.next(phone_number, "Authentication").code

    nobody = refusal(respond, challenge=challenge, USERNAME="", SMS_MFA_CODE=code)
    another = refusal(respond, challenge=challenge, USERNAME="somebody-else", SMS_MFA_CODE=code)

    assert nobody == ("InvalidParameterException", "Missing required parameter USERNAME")
    assert another == ("NotAuthorizedException", "Invalid session for the user.")
    assert respond(challenge, SMS_MFA_CODE=code)["AuthenticationResult"]


def test_an_answer_needs_its_code(prefers_sms, sign_in, respond, phones, phone_number):
    challenge = sign_in()
    phones.next(phone_number, "Authentication")

    assert refusal(respond, challenge=challenge) == (
        "InvalidParameterException",
        "Missing required parameter SMS_MFA_CODE",
    )


@pytest.fixture
def invited(cognito, stack, user, phone_number):
    """An invited user with a temporary password."""
    attributes = [{"Name": "phone_number", "Value": phone_number}]
    name = {"UserPoolId": stack["UserPoolId"], "Username": user["Username"]}
    cognito.admin_create_user(**name, TemporaryPassword=PASSWORD, UserAttributes=attributes, MessageAction="SUPPRESS")
    return name


def by_password(sign_in, user):
    parameters = {"USERNAME": user["Username"], "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}
    return sign_in(AuthFlow="USER_AUTH", AuthParameters=parameters)


def test_an_invited_user_may_choose_the_password_as_first_factor(invited, sign_in, user, respond):
    challenge = by_password(sign_in, user)

    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert respond(challenge, NEW_PASSWORD="An0ther-Passw0rd")["AuthenticationResult"]


def test_a_temporary_password_expires_as_first_factor_too(invited, sign_in, user, sandbox):
    sandbox.clock.advance(7 * 24 * 3600)

    parameters = {"USERNAME": user["Username"], "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}
    refused = refusal(sign_in, AuthFlow="USER_AUTH", AuthParameters=parameters)

    assert refused[1] == "Temporary password has expired and must be reset by an administrator."


def test_a_required_second_factor_rules_out_one_time_passwords(confirmed, pool_setting, sign_in, user):
    pool_setting(MfaConfiguration="ON")

    offer = one_time_password(sign_in, user, PREFERRED_CHALLENGE="SMS_OTP")

    assert "SMS_OTP" not in offer["AvailableChallenges"]
