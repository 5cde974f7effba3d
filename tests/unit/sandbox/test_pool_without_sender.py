"""The inbox shows what a phone would have got from a pool without a custom SMS sender."""

import json

import pytest

from local_pools import SENDER, LocalPools, app, sms_pool
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.feed import Feed

PHONE = "+12065550100"
PASSWORD = "Passw0rd!"
NUMBER = [{"Name": "phone_number", "Value": PHONE}]


class NoMailroom:
    def on_publish(self, listener):
        pass


@pytest.fixture
def pools(scrubbed_environment):
    return LocalPools()


@pytest.fixture
def cognito(pools):
    return pools.client()


@pytest.fixture
def shown(pools):
    """The one SMS in the inbox."""
    store = SmsStore()
    Feed(store, NoMailroom(), pools.incidents)

    def only():
        (entry,) = store.find()
        return entry.message

    return only


@pytest.fixture
def sign_up(cognito):
    def sign_up(**settings):
        pool_id = sms_pool(cognito, **{"LambdaConfig": None, **settings})
        user = {"ClientId": app(cognito, pool_id), "Username": "ann"}
        cognito.sign_up(**user, Password=PASSWORD, UserAttributes=NUMBER)
        return user

    return sign_up


def test_its_sms_has_text_code_and_parts(cognito, shown, sign_up):
    user = sign_up(SmsVerificationMessage="Zoë’s code is {####} " + "x" * 60)

    sms = shown()
    assert sms.text == f"Zoë’s code is {sms.code} " + "x" * 60
    assert (sms.encoding, sms.characters, sms.segments) == ("UCS-2", len(sms.text), 2)
    assert (sms.template, sms.template_source) == ("verification", "pool")
    assert {warning.code for warning in sms.warnings} == {"not-gsm-7", "several-parts"}
    assert sms.autofill["ios"].verdict
    assert "on AWS this SMS would have gone to the real phone" in sms.failure.reason
    cognito.confirm_sign_up(**user, ConfirmationCode=sms.code)


def test_the_control_api_shows_text_and_code(pools, shown, sign_up):
    sign_up()

    (incident,) = pools.incidents.all()
    document = json.loads(json.dumps(incident.document()))
    assert (document["text"], document["code"]) == (shown().text, shown().code)
    assert (document["user_name"], document["phone_number"]) == ("ann", PHONE)


def test_a_default_text_is_doubtful_as_the_senders_is(shown, sign_up):
    sign_up()

    sms = shown()
    assert sms.text == f"Your verification code is {sms.code}."
    assert sms.template_source == "default"
    assert [warning.code for warning in sms.warnings] == ["default-text"]


def test_the_text_of_a_custom_message_function_goes_before_the_pools(pools, shown, sign_up):
    pools.functions.on[SENDER] = lambda event: event | {"response": {"smsMessage": "Ours: {####}"}}
    sign_up(LambdaConfig={"CustomMessage": SENDER}, SmsVerificationMessage="The pool's: {####}")

    sms = shown()
    assert sms.text == f"Ours: {sms.code}"
    assert (sms.template, sms.template_text) == ("custom-message", "Ours: {####}")


def test_a_temporary_password_is_shown_as_the_phone_would(cognito, shown):
    pool_id = sms_pool(cognito, LambdaConfig=None)
    password = "&lt;Passw0rd"  # neither escaped nor unescaped on its way
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", TemporaryPassword=password, UserAttributes=NUMBER)

    assert shown().text == f"Your username is ann and temporary password is {password}."


def test_an_invitation_without_a_password_says_so(cognito, shown):
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    pool_id = sms_pool(cognito, LambdaConfig=None, Policies=policies)
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", UserAttributes=NUMBER)

    sms = shown()
    assert sms.code is None
    assert "no-code" in [warning.code for warning in sms.warnings]
