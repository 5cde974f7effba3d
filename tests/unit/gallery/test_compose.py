"""The gallery shows what the sender would."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_pools import ROLE, gallery, pool
from gallery_templates import one_pool, read
from sms_redirect.gallery import samples
from sms_redirect.gallery.compose import compose
from sms_redirect.gallery.document import document
from sms_redirect.gallery.flows import occasions
from sms_redirect.gallery.texts import SETTINGS, Texts
from sms_sender.custom_message import CustomMessage

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:texts"
SENDER = "arn:aws:lambda:us-east-1:111122223333:function:sender"


class Function:
    """A CustomMessage function that always answers the same; `events` are what it was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.events = []

    def invoke(self, *, FunctionName, Payload):  # noqa: N803 - botocore's names
        assert FunctionName == FUNCTION
        self.events.append(json.loads(Payload))
        return {"Payload": BytesIO(json.dumps(self.answer).encode())}


def asked(text):
    return CustomMessage(Function({"response": {"smsMessage": text}}), FUNCTION)


def messages(*arguments, **settings):
    return {each["id"]: each for each in document(gallery(*arguments, **settings))["messages"]}


def put(path, text):
    return text if not path else {path[0]: put(path[1:], text)}


def codes(message):
    return [warning["code"] for warning in message["warnings"]]


def test_a_pool_without_texts_shows_cognitos_defaults():
    found = messages()

    assert found["SignUp"]["text"] == f"Your verification code is {found['SignUp']['code']}."
    assert found["AdminCreateUser"]["text"].startswith("Your username is alice and temporary password is ")
    assert {each["template_source"] for each in found.values()} == {"default"}
    assert all("default-text" in codes(each) for each in found.values() if each["template"] != "none")
    assert {each["template_setting"] for each in found.values()} == {None}


@pytest.mark.parametrize("path", [path for paths in SETTINGS.values() for path in paths], ids=".".join)
def test_a_text_names_the_setting_that_it_comes_from(path):
    found = [each for each in messages(**put(path, "Mine: {####}")).values() if each["template_source"] == "pool"]

    assert found
    assert {each["template_setting"] for each in found} == {".".join(path)}
    assert {each["template_text"] for each in found} == {"Mine: {####}"}
    assert all(each["text"] == f"Mine: {each['code']}" for each in found)


def test_the_newer_setting_for_verification_comes_first():
    found = messages(SmsVerificationMessage="Old {####}", VerificationMessageTemplate={"SmsMessage": "New {####}"})

    assert found["SignUp"]["template_text"] == "New {####}"
    assert found["SignUp"]["template_setting"] == "VerificationMessageTemplate.SmsMessage"


def test_codes_have_six_digits_and_one_time_passwords_eight():
    found = messages()

    assert len(found["SmsMfa"]["code"]) == len(found["SignUp"]["code"]) == 6
    assert len(found["SmsOtp"]["code"]) == 8


def test_parts_and_warnings_are_those_of_the_sender():
    found = messages(SmsVerificationMessage="Zoë’s café: {####}. " + "x" * 60)["SignUp"]

    assert (found["encoding"], found["segments"]) == ("UCS-2", 2)
    assert "".join(found["parts"]) == found["text"]
    assert codes(found) == ["not-gsm-7", "not-gsm-7", "several-parts"]


def test_a_temporary_password_is_as_long_as_the_policy_wants():
    policy = {"PasswordPolicy": {"MinimumLength": "24"}}

    found = messages(Policies=policy)["AdminCreateUser"]

    assert len(found["code"]) == 24
    assert len(found["longest"][0]["code"]) == 24


def test_the_longest_user_name_and_password_show_what_the_invitation_can_become():
    invitation = {"InviteMessageTemplate": {"SMSMessage": "x" * 80 + " {username} {####}"}}

    found = messages(AdminCreateUserConfig=invitation)["AdminCreateUser"]

    assert found["segments"] == 1
    assert [each["segments"] for each in found["longest"]] == [2, 3]
    assert len(found["longest"][0]["user_name"]) == 64
    assert "several-parts-at-worst" in codes(found)


def test_cognitos_own_invitation_fits_into_one_part_at_its_longest():
    found = messages(SmsConfiguration=ROLE)["AdminCreateUser"]

    assert found["longest"][0]["segments"] == 1
    assert codes(found) == ["default-text"]


def test_generated_user_names_are_shown_as_the_sender_gets_them():
    found = messages(UsernameAttributes=["phone_number"])["AdminCreateUser"]

    assert found["user_name"] == samples.SUB
    assert samples.SUB in found["longest"][0]["text"]
    assert "generated-user-name" in codes(found)


def test_a_doubt_about_the_preview_is_no_reason_for_check_to_fail():
    shown = gallery(UsernameAttributes=["email"], UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})

    assert list(shown.counted_warnings()) == []


def test_a_warning_about_a_text_counts_even_while_nothing_is_sent():
    shown = gallery(SmsAuthenticationMessage="“{####}”")

    assert {each.subject for each in shown.counted_warnings()} == {
        "Sign-in, second factor",
        "Sign-in without a password",
    }


def test_a_custom_message_function_that_is_not_asked_is_a_warning():
    shown = gallery(LambdaConfig={"CustomMessage": FUNCTION})

    assert [warning.code for warning in shown.warnings] == ["custom-message-not-asked"]
    assert FUNCTION in shown.warnings[0].text


def test_the_custom_message_function_makes_the_texts_and_never_gets_a_code():
    function = Function({"response": {"smsMessage": "Shop, {username}: {####}"}})

    shown = document(gallery(CustomMessage(function, FUNCTION), LambdaConfig={"CustomMessage": FUNCTION}))

    found = {each["id"]: each for each in shown["messages"]}
    assert found["SignUp"]["text"] == f"Shop, {{username}}: {found['SignUp']['code']}"
    assert found["AdminCreateUser"]["text"] == f"Shop, alice: {found['AdminCreateUser']['code']}"
    assert found["SignUp"]["template"] == found["SignUp"]["template_source"] == "custom-message"
    assert shown["warnings"] == []
    assert not any(samples.DIGITS[:6] in json.dumps(event) for event in function.events)
    assert {event["triggerSource"] for event in function.events} == {
        f"CustomMessage_{each.flow}" for each in occasions(pool()) if each.flow != "AccountTakeOverNotification"
    }


@pytest.mark.parametrize(("text", "unresolved"), [("Ours {####} {username}", []), (None, ["SmsVerificationMessage"])])
def test_a_text_that_is_not_known_matters_only_if_the_function_leaves_it_to_the_pool(text, unresolved):
    found = read(one_pool("SmsVerificationMessage: !ImportValue x"))

    shown = compose(Texts(found, asked(text)))

    assert [each.setting for each in shown.errors] == unresolved
    assert all(picture.is_known for picture in shown.pictures) is not bool(unresolved)


def test_a_failing_custom_message_function_is_a_warning_at_each_text():
    found = messages(asked("no placeholder"), LambdaConfig={"CustomMessage": FUNCTION})

    assert codes(found["SignUp"]) == ["custom-message-failed", "default-text"]
    assert found["SignUp"]["template_source"] == "default"


def test_an_sms_role_that_cognito_reports_as_broken_is_a_warning():
    shown = gallery(SmsConfigurationFailure="InvalidSmsRoleAccessPolicyException")

    assert [warning.code for warning in shown.warnings] == ["sms-configuration-failure"]
    assert "InvalidSmsRoleAccessPolicyException" in shown.warnings[0].text


def test_a_redirected_pool_says_so_and_who_makes_the_texts_otherwise():
    tags = {
        "sms-redirect:stack": "arn:aws:cloudformation:x:stack/s/1",
        "sms-redirect:previous-sender": f"V1_0 {SENDER}",
    }

    notes = gallery(UserPoolTags=tags, LambdaConfig={"CustomSMSSender": {"LambdaArn": "redirect"}}).notes

    assert "arn:aws:cloudformation:x:stack/s/1" in notes[0]
    assert f"sender {SENDER} makes" in notes[1]


def test_a_pool_with_a_sender_of_its_own_says_that_it_makes_the_texts():
    notes = gallery(LambdaConfig={"CustomSMSSender": {"LambdaArn": SENDER}}).notes

    assert SENDER in notes[0]


@given(st.text(min_size=1, max_size=140))
def test_any_text_is_shown_with_all_its_parts(text):
    for message in messages(
        SmsVerificationMessage=text, AdminCreateUserConfig={"InviteMessageTemplate": {"SMSMessage": text}}
    ).values():
        for shown in (message, *message["longest"]):
            assert "".join(shown["parts"]) == shown["text"]
            assert len(shown["parts"]) == shown["segments"]
