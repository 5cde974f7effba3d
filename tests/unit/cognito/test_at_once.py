"""Fifty of the same call at once: one wins."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from local_pools import sms_pool

PHONE = "+12065550008"
PASSWORD = "Passw0rd!"
TIMES = 50


@pytest.fixture
def at_once(pools):
    """Answers the results of those that succeeded, and the codes of the others' errors."""
    clients = [pools.client() for _ in range(8)]

    def at_once(operation, **request):
        def call(number):
            try:
                return getattr(clients[number % len(clients)], operation)(**request)
            except ClientError as error:
                return error.response["Error"]["Code"]

        with ThreadPoolExecutor(len(clients)) as threads:
            answers = list(threads.map(call, range(TIMES)))
        return [each for each in answers if not isinstance(each, str)], {
            each for each in answers if isinstance(each, str)
        }

    return at_once


@pytest.fixture
def signed_up(cognito, client_id):
    user = {"ClientId": client_id, "Username": "ann"}
    attributes = [{"Name": "phone_number", "Value": PHONE}]
    cognito.sign_up(**user, Password=PASSWORD, UserAttributes=attributes)
    return user


def test_one_sign_up_gets_the_name(at_once, client_id):
    won, lost = at_once("sign_up", ClientId=client_id, Username="ann", Password=PASSWORD)

    assert (len(won), lost) == (1, {"UsernameExistsException"})


def test_one_invitation_gets_the_name(at_once, pool_id):
    won, lost = at_once("admin_create_user", UserPoolId=pool_id, Username="ann", MessageAction="SUPPRESS")

    assert (len(won), lost) == (1, {"UsernameExistsException"})


def test_a_code_confirms_once(at_once, pools, signed_up):
    pools.limits.enabled = False

    won, lost = at_once("confirm_sign_up", **signed_up, ConfirmationCode=pools.sent.last(PHONE).secret)

    assert len(won) == 1
    assert lost <= {"NotAuthorizedException", "ExpiredCodeException"}


def test_the_limit_holds(at_once, signed_up):
    won, lost = at_once("resend_confirmation_code", **signed_up)

    assert (len(won), lost) == (5, {"LimitExceededException"})


def test_a_challenge_is_answered_once(at_once, cognito, pools, pool_id, client_id, signed_up):
    cognito.confirm_sign_up(**signed_up, ConfirmationCode=pools.sent.last(PHONE).secret)
    cognito.update_user_pool(
        UserPoolId=pool_id,
        MfaConfiguration="ON",
        **{
            name: value
            for name, value in cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"].items()
            if name in ("SmsConfiguration", "LambdaConfig", "AutoVerifiedAttributes")
        },
    )
    challenge = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD},
    )

    won, lost = at_once(
        "respond_to_auth_challenge",
        ClientId=client_id,
        ChallengeName="SMS_MFA",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "ann", "SMS_MFA_CODE": pools.sent.last(PHONE).secret},
    )

    assert len(won) == 1
    assert lost <= {"NotAuthorizedException", "CodeMismatchException"}
    assert won[0]["AuthenticationResult"]


def test_one_group_gets_the_name(at_once, pool_id):
    won, lost = at_once("create_group", UserPoolId=pool_id, GroupName="staff")

    assert (len(won), lost) == (1, {"GroupExistsException"})


def test_a_pool_is_deleted_once(at_once, cognito):
    won, lost = at_once("delete_user_pool", UserPoolId=sms_pool(cognito))

    assert (len(won), lost) == (1, {"ResourceNotFoundException"})
