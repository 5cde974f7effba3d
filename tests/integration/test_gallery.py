"""The gallery of a pool in the sandbox shows what its users then get."""

import io
import json
import zipfile

import pytest
from click.testing import CliRunner

from sms_redirect.cli import main

PASSWORD = "Passw0rd!"
SOURCE = """
def handler(event, context):
    assert event["request"]["codeParameter"] == "{####}"
    event["response"]["smsMessage"] = "Texts: {####} for {username}, " + event["triggerSource"]
    return event
"""


@pytest.fixture
def gallery(stack, tmp_path, monkeypatch):
    """Runs the command against the sandbox's pool and reads its JSON."""
    monkeypatch.chdir(tmp_path)

    def gallery(*arguments):
        result = CliRunner().invoke(main, ["gallery", "--json", *arguments])
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return gallery


@pytest.fixture
def shown(gallery, stack):
    """The stack's pool, message by message."""
    return {each["id"]: each for each in gallery("--user-pool-id", stack["UserPoolId"])["messages"]}


def placeholders(sms):
    """The text of an SMS that arrived, as its template."""
    text = sms.text.replace(sms.code, "{####}")
    return text.replace(sms.user_name, "{username}") if sms.flow == "AdminCreateUser" else text


@pytest.fixture
def texts_function(session, stack):
    """A CustomMessage function in the sandbox; removed at the end."""
    functions = session.client("lambda")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("texts.py", SOURCE)
    role = functions.get_function_configuration(FunctionName=stack["SenderFunctionName"])["Role"]
    arn = functions.create_function(
        FunctionName="texts",
        Runtime="python3.13",
        Handler="texts.handler",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]
    yield arn
    functions.delete_function(FunctionName="texts")


def test_the_stacks_pool_is_found_and_says_that_it_sends_everything(gallery, stack):
    found = gallery("--stack-name", "sms-redirect")

    assert found["pool"]["id"] == stack["UserPoolId"]
    assert found["errors"] == []
    unsent = [each["id"] for each in found["messages"] if not each["sent"]]
    assert unsent == ["SmsOtp", "AccountTakeOverNotification"]
    assert {each["template_source"] for each in found["messages"] if each["template"] != "none"} == {"pool"}


def test_a_sign_up_and_an_invitation_arrive_as_the_gallery_shows_them(
    shown, sign_up, cognito, admin_user, phones, phone_number
):
    sign_up()
    signed_up = phones.next(phone_number, "SignUp")
    invited = {"UserPoolId": admin_user["UserPoolId"], "Username": "guest" + phone_number}
    cognito.admin_create_user(**invited, UserAttributes=[{"Name": "phone_number", "Value": phone_number}])
    invitation = phones.next(phone_number, "AdminCreateUser")

    assert placeholders(signed_up) == shown["SignUp"]["template_text"]
    assert placeholders(invitation) == shown["AdminCreateUser"]["template_text"]
    for sms in (signed_up, invitation):
        expected = shown[sms.flow]
        assert (sms.encoding, sms.segments) == (expected["encoding"], expected["segments"])
        assert (sms.template, sms.template_source) == (expected["template"], expected["template_source"])
    assert len(signed_up.code) == len(shown["SignUp"]["code"])


def test_the_pools_custom_message_function_is_asked(gallery, cognito, texts_function):
    pool_id = cognito.create_user_pool(PoolName="with-texts", LambdaConfig={"CustomMessage": texts_function})[
        "UserPool"
    ]["Id"]

    unasked = gallery("--user-pool-id", pool_id)
    asked = gallery("--user-pool-id", pool_id, "--custom-message")

    cognito.delete_user_pool(UserPoolId=pool_id)
    assert [warning["code"] for warning in unasked["warnings"]] == ["custom-message-not-asked"]
    assert asked["warnings"] == []
    found = {each["id"]: each for each in asked["messages"]}
    assert found["SignUp"]["text"] == "Texts: 493027 for {username}, CustomMessage_SignUp"
    assert found["AdminCreateUser"]["text"].endswith(" for alice, CustomMessage_AdminCreateUser")
    assert found["SmsOtp"]["template_source"] == "custom-message"


def test_a_function_that_is_not_there_is_a_warning_at_each_text(gallery, stack):
    found = gallery("--user-pool-id", stack["UserPoolId"], "--custom-message", "nowhere")

    warnings = {warning["code"] for each in found["messages"] for warning in each["warnings"]}
    assert "custom-message-failed" in warnings
