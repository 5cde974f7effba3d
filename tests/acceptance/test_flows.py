"""Every flow that sends an SMS works with the codes that arrive in a test's inbox, in both modes of the stack."""

import pytest

from every_flow import EveryFlow
from real_account.redirected import EMAIL, NUMBERS, Redirected

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("acceptance")]
FLOWS = {"SignUp", "ResendCode", "VerifyUserAttribute", "Authentication", "AdminCreateUser", "ForgotPassword"}


@pytest.fixture(params=["new_pool", "attached_pool"])
def pool(request):
    return request.getfixturevalue(request.param)


def test_the_usual_flows_work(pool, kept):
    flows = EveryFlow(
        pool.cognito, pool.pool_id, pool.client_id, lambda number, flow: {"code": pool.sms(number, flow).code}, kept
    )
    number = next(NUMBERS)

    flows.run(number)

    assert {sms.flow for sms in pool.inbox.messages(phone_number=number)} == FLOWS


def test_a_changed_number_is_verified(pool):
    person, changed = pool.person().confirmed(), next(NUMBERS)
    token = person.token()
    change = [{"Name": "phone_number", "Value": changed}]

    pool.cognito.update_user_attributes(AccessToken=token, UserAttributes=change)
    code = person.sms("UpdateUserAttribute", number=changed).code
    pool.cognito.verify_user_attribute(AccessToken=token, AttributeName="phone_number", Code=code)

    assert person.phone() == (changed, "true")


def test_an_administrator_resets_a_password(pool):
    person = pool.person().confirmed()

    pool.cognito.admin_reset_user_password(**person.as_admin)
    code = person.sms("ForgotPassword").code
    pool.cognito.confirm_forgot_password(**person.as_user, ConfirmationCode=code, Password=person.password)

    assert person.token()


def test_an_invitation_is_sent_again_with_another_password(pool, kept):
    person = pool.person()
    attributes = [{"Name": "phone_number", "Value": person.number}]
    pool.cognito.admin_create_user(**person.as_admin, UserAttributes=attributes)
    first = person.sms("AdminCreateUser").code

    pool.cognito.admin_create_user(**person.as_admin, MessageAction="RESEND")

    second = person.sms("AdminCreateUser").code
    assert second != first
    assert person.sign_in(second)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@pytest.mark.slow
def test_a_one_time_password_signs_in(account, kept):
    name = f"{account.name}-passwordless"
    outputs = account.deploy(name, Email=EMAIL, Passwordless="yes")
    account.settle()
    with Redirected.opened(account, name, outputs, outputs["UserPoolClientId"], kept) as pool:
        person = pool.person().confirmed()

        challenge = pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": person.name, "PREFERRED_CHALLENGE": "SMS_OTP"},
        )

        code = person.sms("Authentication").code
        assert person.respond(challenge, SMS_OTP_CODE=code)["AuthenticationResult"]["AccessToken"]
    account.delete(name)
