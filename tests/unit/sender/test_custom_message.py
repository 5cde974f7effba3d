"""The text of the pool's CustomMessage function is shown, and the pool's own where that gives none."""

import json

import pytest
from botocore.exceptions import ReadTimeoutError

from cognito_codes import POOL_ID, client_error
from sender_world import FUNCTION_ARN, event
from sms_sender.custom_message import CustomMessage, CustomMessageError
from sms_sender.errors import TransientError
from sms_sender.event import read_event


@pytest.fixture(autouse=True)
def _asked(monkeypatch, send, world):
    monkeypatch.setenv("CUSTOM_MESSAGE_FUNCTION_ARN", FUNCTION_ARN)
    world.cognito.pool = {"SmsVerificationMessage": "Pool {####}"}


FLOWS = ["SignUp", "ResendCode", "ForgotPassword", "VerifyUserAttribute", "UpdateUserAttribute", "Authentication"]


@pytest.mark.parametrize("flow", FLOWS)
def test_the_text_of_the_function_is_shown(world, show, flow):
    world.function.says("Shop: {####} is yours")

    document = show(flow)

    assert document["text"] == "Shop: 123456 is yours"
    assert (document["template"], document["template_source"]) == ("custom-message", "custom-message")
    assert document["warnings"] == []
    assert world.function.payloads[0]["triggerSource"] == f"CustomMessage_{flow}"
    assert world.cognito.asked == []


def test_an_invitation_has_both_placeholders(world, show):
    world.function.says("{username}, your password: {####}")

    assert show("AdminCreateUser", "a&lt;b")["text"] == "alice, your password: a<b"
    assert world.function.payloads[0]["request"]["usernameParameter"] == "{username}"


def test_the_function_gets_the_event_that_cognito_would_send(world, show):
    world.function.says("{####}")

    show("SignUp", metadata={"lang": "fr"})

    attributes = event()["request"]["userAttributes"]
    assert world.function.payloads == [
        {
            "version": "1",
            "triggerSource": "CustomMessage_SignUp",
            "region": "us-east-1",
            "userPoolId": POOL_ID,
            "userName": "alice",
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "4t1sf0client"},
            "request": {
                "userAttributes": attributes,
                "codeParameter": "{####}",
                "linkParameter": "{##Click Here##}",
                "usernameParameter": None,
                "clientMetadata": {"lang": "fr"},
            },
            "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
        }
    ]


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ({"awsSdkVersion": "aws-sdk-js-3.9", "clientId": "a"}, {"awsSdkVersion": "aws-sdk-js-3.9", "clientId": "a"}),
        (
            {"awsSdkVersion": None, "clientId": None},
            {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "CLIENT_ID_NOT_APPLICABLE"},
        ),
    ],
)
def test_the_function_learns_who_called(world, show, caller, expected):
    world.function.says("{####}")

    show(callerContext=caller)

    assert world.function.payloads[0]["callerContext"] == expected


def test_the_function_gets_no_metadata_where_there_is_none(world, show):
    world.function.says("{####}")

    show()

    assert "clientMetadata" not in world.function.payloads[0]["request"]


def test_the_function_never_gets_the_code(world, show):
    world.function.says("{####}")
    code = world.encrypted("135790")

    show(code="135790")

    told = json.dumps(world.function.payloads)
    assert "135790" not in told
    assert code not in told


LEFT_TO_THE_POOL = {
    "null": {"response": {"smsMessage": None, "emailMessage": None}},
    "left out": {"response": {}},
    "only an email's": {"response": {"emailMessage": "Hi {####}", "emailSubject": "Code"}},
}


@pytest.mark.parametrize("answer", LEFT_TO_THE_POOL.values(), ids=LEFT_TO_THE_POOL)
def test_a_function_may_leave_the_text_to_the_pool(world, show, answer):
    """As Cognito's documentation shows it: functions that write other flows' texts only, or emails only."""
    world.function.answer = answer

    document = show()

    assert document["text"] == "Pool 123456"
    assert (document["template"], document["template_source"]) == ("verification", "pool")
    assert document["warnings"] == []


NOT_USABLE = {
    "no response": ({}, "no response object"),
    "response null": ({"response": None}, "no response object"),
    "null": (None, "no response object"),
    "a list": ([], "no response object"),
    "not JSON": (b"<html>", "JSON"),
    "not UTF-8": (b"\xff", "JSON"),
    "nested too deep": (b"[" * 100_000, "JSON"),
    "nothing": (b"", "no response object"),
    "empty": ({"response": {"smsMessage": ""}}, "without {####}"),
    "a number": ({"response": {"smsMessage": 7}}, "not a string"),
    "no placeholder": ({"response": {"smsMessage": "hello"}}, "without {####}"),
    "too long": ({"response": {"smsMessage": "{####}" + "x" * 135}}, "more than 140 characters"),
}


@pytest.mark.parametrize(("answer", "words"), NOT_USABLE.values(), ids=NOT_USABLE)
def test_a_useless_response_is_replaced_by_the_pools_text(world, show, answer, words):
    world.function.answer = answer

    document = show()

    assert document["text"] == "Pool 123456"
    assert (document["template"], document["template_source"]) == ("verification", "pool")
    [warning] = document["warnings"]
    assert warning["code"] == "custom-message-failed"
    assert words in warning["text"]


def test_the_longest_text_is_used(world, show):
    world.function.says("{####}" + "x" * 134)

    assert show()["template_source"] == "custom-message"


def test_an_invitation_without_the_user_name_is_replaced(world, show):
    world.function.says("Your password: {####}")

    document = show("AdminCreateUser")

    assert document["template"] == "invitation"
    assert "without {username}" in document["warnings"][0]["text"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ReadTimeoutError(endpoint_url="x"), "in time"),
        (client_error("ResourceNotFoundException", "Invoke", 404), "ResourceNotFoundException"),
        (client_error("AccessDeniedException", "Invoke", 403), "AccessDeniedException"),
        (client_error("TooManyRequestsException", "Invoke", 429), "TooManyRequestsException"),
        (ConnectionResetError(), "in time"),
    ],
    ids=repr,
)
def test_a_function_that_does_not_respond_is_replaced(world, show, fault, words):
    world.function.fault = fault

    document = show()

    assert document["text"] == "Pool 123456"
    assert words in document["warnings"][0]["text"]


def test_a_function_that_fails_is_replaced(world, show):
    world.function.answer = {"errorMessage": "boom", "errorType": "Error"}
    world.function.error = "Unhandled"

    document = show()

    assert document["text"] == "Pool 123456"
    assert "failed" in document["warnings"][0]["text"]
    assert "boom" not in document["warnings"][0]["text"]


def test_both_doubts_are_told(world, show):
    world.function.error = "Unhandled"
    world.cognito.faults = [client_error("AccessDeniedException", "DescribeUserPool")]

    show()

    assert world.warnings == ["custom-message-failed", "template-not-read"]


def test_a_notification_and_an_unknown_source_are_not_asked_for(world, send):
    send(event("AccountTakeOverNotification"))
    send(event("BrandNew", world.encrypted()))

    assert world.function.payloads == []


def test_a_denial_soon_after_the_start_is_left_to_a_retry(world, send):
    world.iam_has_settled = False
    world.function.fault = client_error("AccessDeniedException", "Invoke", 403)

    with pytest.raises(TransientError, match="lambda:InvokeFunction") as raised:
        send(event(code=world.encrypted()))

    assert world.sns.published == []
    assert raised.value.__suppress_context__


def test_the_text_of_the_function_carries_its_time_and_placeholders(world, show):
    world.function.says("Shop: {####}")

    document = show()

    assert document["template_text"] == "Shop: {####}"
    assert document["template_read_at"] == "2026-03-01T12:30:05.123Z"


def test_an_invitation_with_a_code_needs_a_place_for_it(world, show):
    world.function.says("Welcome {username}")

    assert "without {####}" in show("AdminCreateUser")["warnings"][0]["text"]


def test_by_itself_a_denial_is_one_that_lasts(world):
    """The gallery asks the function, too, with the caller's own permissions."""
    world.function.fault = client_error("AccessDeniedException", "Invoke", 403)
    request = read_event(event())

    with pytest.raises(CustomMessageError, match="AccessDeniedException"):
        CustomMessage(world.function, FUNCTION_ARN).ask(request, "verification")


def test_an_invitation_without_a_code_needs_no_place_for_one(world, send):
    world.function.says("Welcome {username}")

    send(event("AdminCreateUser"))

    assert world.document["text"] == "Welcome alice"
    assert world.warnings == ["no-code"]


@pytest.mark.parametrize("flow", ["SignUp", "Authentication"])
def test_a_user_name_that_the_function_must_not_fill_in_is_warned_about(world, show, flow):
    world.function.says("{username}: {####}")

    assert show(flow)["text"] == "{username}: 123456"
    assert world.warnings == ["user-name-not-filled"]


def test_half_a_surrogate_pair_of_the_function_becomes_readable(world, show):
    world.function.says("\ud83d {####}")

    assert show()["text"] == "\ufffd 123456"
