"""An event becomes the SMS that the phone would have shown."""

import json
import re
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from cognito_codes import COMMITTED, POOL_ID, client_error, message_id
from sender_world import PHONE, SUB, TOPIC_ARN, event
from sms_redirect.messages.sms import Sms
from sms_sender.autofill import autofill
from sms_sender.flows import KINDS

TEMPLATES = {
    "SmsVerificationMessage": "Verify {####}",
    "SmsAuthenticationMessage": "Sign in {####}",
    "AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "Hi {username}: {####}"}},
}
EIGHT_SOURCES = [
    ("SignUp", "123456", "Verify 123456", "verification"),
    ("ResendCode", "123456", "Verify 123456", "verification"),
    ("ForgotPassword", "123456", "Verify 123456", "verification"),
    ("VerifyUserAttribute", "123456", "Verify 123456", "verification"),
    ("UpdateUserAttribute", "123456", "Verify 123456", "verification"),
    ("Authentication", "12345678", "Sign in 12345678", "authentication"),
    ("AdminCreateUser", "a&lt;b&amp;gt;&#39;", "Hi alice: a<b&gt;'", "invitation"),
    ("AccountTakeOverNotification", None, "Security notification for user alice: AccountTakeOverNotification", "none"),
]


@pytest.mark.parametrize(("flow", "code", "text", "template"), EIGHT_SOURCES)
def test_each_source_shows_its_own_template(world, send, flow, code, text, template):
    world.cognito.pool = TEMPLATES

    send(event(flow, world.encrypted(code) if code else None))

    document = world.document
    assert document["text"] == text
    assert (document["flow"], document["trigger_source"]) == (flow, f"CustomSMSSender_{flow}")
    assert document["template"] == template
    assert document["template_source"] == ("pool" if code else "default")
    assert document["failure"] is None


def test_all_sources_of_the_table_are_known():
    assert {flow for flow, code, _text, _template in EIGHT_SOURCES if code} == set(KINDS)


def test_the_document_is_the_contract(world, send):
    world.cognito.pool = TEMPLATES
    code = world.encrypted("123456")

    send(event("SignUp", code, metadata={"campaign": "spring"}))

    document = world.document
    sent_at = datetime.fromisoformat(document.pop("sent_at"))
    assert sent_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - sent_at) < timedelta(minutes=1)
    assert document == {
        "schema": "sms-redirect/1",
        "id": message_id(code),
        "flow": "SignUp",
        "trigger_source": "CustomSMSSender_SignUp",
        "text": "Verify 123456",
        "code": "123456",
        "phone_number": PHONE,
        "user_name": "alice",
        "user_sub": SUB,
        "user_pool_id": POOL_ID,
        "region": "us-east-1",
        "client_id": "4t1sf0client",
        "client_metadata": {"campaign": "spring"},
        "encoding": "GSM-7",
        "characters": 13,
        "segments": 1,
        "warnings": [],
        "template": "verification",
        "template_source": "pool",
        "template_text": "Verify {####}",
        "template_read_at": "2026-03-01T12:30:05.123Z",
        "autofill": {name: asdict(verdict) for name, verdict in autofill("Verify 123456", "123456").items()},
        "failure": None,
    }


def test_the_publish_carries_attributes_for_filter_policies(world, show):
    show()

    publish = world.sns.published[-1]
    assert publish["TopicArn"] == TOPIC_ARN
    assert publish["MessageStructure"] == "json"
    assert publish["Subject"] == "SMS to +12065551212: SignUp"
    assert {name: value["StringValue"] for name, value in publish["MessageAttributes"].items()} == {
        "flow": "SignUp",
        "phone_number": PHONE,
        "user_name": "alice",
        "user_pool_id": POOL_ID,
        "client_id": "4t1sf0client",
        "failed": "false",
    }
    assert {value["DataType"] for value in publish["MessageAttributes"].values()} == {"String"}


def test_every_protocol_has_its_text(world, show):
    document = show()

    assert set(world.texts) == {"default", "email", "sms"}
    assert world.texts["sms"] == document["text"]
    assert world.texts["email"].startswith(document["text"] + "\n\nto:")


def test_the_inbox_reads_what_the_sender_writes(world, show):
    show("Authentication", "87654321")

    sms = Sms.from_document(world.texts["default"])

    assert (sms.code, sms.flow, sms.user_sub) == ("87654321", "Authentication", SUB)


def test_an_admin_call_has_no_client(show, world):
    document = show(callerContext={"awsSdkVersion": None, "clientId": "CLIENT_ID_NOT_APPLICABLE"})

    assert document["client_id"] is None
    assert "client_id" not in world.sns.published[-1]["MessageAttributes"]


def test_only_a_temporary_password_is_unescaped(show):
    assert show("SignUp", "&lt;1&gt;")["code"] == "&lt;1&gt;"
    assert show("AdminCreateUser", "&lt;1&gt;")["code"] == "<1>"
    assert show("AAA", "&lt;1&gt;")["code"] == "&lt;1&gt;"


def test_a_temporary_password_is_unescaped_once(show):
    assert show("AdminCreateUser", "&amp;lt;")["code"] == "&lt;"


@pytest.mark.parametrize("password", ["{username}", "{####}", r"\1\g<0>", "a{####}b{username}"])
def test_a_password_that_looks_like_a_placeholder_stays_as_it_is(show, password):
    assert show("AdminCreateUser", password)["text"] == f"Your username is alice and temporary password is {password}."


def test_a_committed_suite_is_accepted(world, send):
    send(event(code=world.encrypted("123456", algorithm=COMMITTED)))

    assert world.document["code"] == "123456"
    assert len(world.document["id"]) == 64


def test_a_retry_has_the_same_id(world, send):
    sent = event(code=world.encrypted())

    send(sent, "first")
    first = world.document["id"]
    send(json.loads(json.dumps(sent)), "second")

    assert world.document["id"] == first


def test_a_retry_without_a_message_id_has_the_same_id(world, send):
    takeover = event("AccountTakeOverNotification", attributes={"sub": SUB})

    send(takeover, "one")
    first = world.document["id"]
    send(takeover, "one")
    retried = world.document["id"]
    send(takeover, "two")

    assert retried == first
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert world.document["id"] != first


def test_a_takeover_notification_is_shown_without_a_phone_number(world, send):
    send(event("AccountTakeOverNotification", attributes={"sub": SUB}))

    assert world.document["code"] is None
    assert world.document["phone_number"] is None
    assert world.warnings == ["no-template"]
    assert world.sns.published[-1]["Subject"] == "SMS to unknown number: AccountTakeOverNotification"
    assert world.cognito.asked == []


def test_an_sms_without_a_phone_number_is_shown(world, show):
    document = show(attributes={"sub": SUB})

    assert document["phone_number"] is None
    assert document["text"] == "Your verification code is 123456."
    assert world.sns.published[-1]["Subject"] == "SMS to unknown number: SignUp"
    assert "to:       unknown number" in world.texts["email"]


def test_an_unknown_source_with_a_code_is_shown_with_a_warning(world, show):
    document = show("BrandNew")

    assert (document["flow"], document["template"]) == ("BrandNew", "verification")
    assert document["text"] == "Your verification code is 123456."
    assert world.warnings == ["unknown-source", "default-text"]


def test_an_unknown_source_without_the_prefix_keeps_its_name(world, send):
    send(event(code=world.encrypted(), triggerSource="Something_Else"))

    assert world.document["flow"] == "Something_Else"


def test_an_unknown_source_without_a_code_is_shown_as_a_notification(world, send):
    send(event("BrandNew"))

    assert world.document["template"] == "none"
    assert "BrandNew" in world.document["text"]


def test_an_invitation_with_a_generated_user_name_says_that_it_may_be_untrue(world, show):
    show("AdminCreateUser", "Abc-123", userName=SUB)

    assert world.warnings == ["default-text", "generated-user-name"]


def test_an_invitation_without_a_user_name_says_so(world, show):
    show("AdminCreateUser", "Abc-123", userName=None)

    assert world.warnings == ["default-text", "no-user-name"]


INVITATION = {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "Welcome {username}, sign in by SMS"}}}


@pytest.mark.parametrize("code", [None, ""])
def test_an_invitation_without_a_code_shows_its_text_and_says_that_no_code_was_sent(world, send, code):
    """A pool with passwordless sign-in makes no temporary password (API, AdminCreateUser)."""
    world.cognito.pool = INVITATION

    send(event("AdminCreateUser", code))

    document = world.document
    assert document["failure"] is None
    assert document["text"] == "Welcome alice, sign in by SMS"
    assert (document["code"], document["autofill"]) == (None, None)
    assert (document["template"], document["template_source"]) == ("invitation", "pool")
    assert world.warnings == ["no-code"]
    assert "No code was sent" in document["warnings"][0]["text"]
    assert "not documented" not in document["warnings"][0]["text"]
    assert "No code was sent" in world.texts["email"]


def test_an_invitation_without_a_code_leaves_the_placeholder_and_says_that_the_phone_may_not(world, send):
    send(event("AdminCreateUser"))

    assert world.document["text"] == "Your username is alice and temporary password is {####}."
    assert world.warnings == ["default-text", "no-code"]
    assert "{####} is not documented" in world.document["warnings"][1]["text"]


def test_the_text_is_read_while_the_code_is_decrypted(world, send, monkeypatch):
    """Each waits for the other to be under way: one after the other, neither would end."""
    meeting = threading.Barrier(2, timeout=10)
    decrypt, describe = world.kms.decrypt, world.cognito.describe_user_pool
    monkeypatch.setattr(world.kms, "decrypt", lambda **request: (meeting.wait(), decrypt(**request))[1])
    monkeypatch.setattr(world.cognito, "describe_user_pool", lambda **request: (meeting.wait(), describe(**request))[1])

    send(event(code=world.encrypted()))

    assert world.document["failure"] is None


def test_nothing_is_under_way_when_the_handler_returns(world, send, monkeypatch):
    """Lambda freezes the process then, and thaws it in the middle of a call."""
    ended = []

    def slow(**_request):
        time.sleep(0.05)
        ended.append(True)
        raise OSError

    monkeypatch.setattr(world.cognito, "describe_user_pool", slow)
    code = world.encrypted()
    world.kms.faults = [client_error("DisabledException", "Decrypt")]

    send(event(code=code))

    assert ended
    assert "is disabled" in world.document["failure"]["reason"]


def test_the_code_of_another_pool_asks_nobody_for_a_text(world, send):
    send(event(code=world.encrypted(pool_id="us-east-1_Other0000")))

    assert world.cognito.asked == []
    assert world.kms.decrypts == 0


def test_a_failure_and_nothing_else_says_where_the_log_is(world, send, monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/sms-redirect-Sender")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")

    send(event(code=world.encrypted()))
    assert "aws logs tail" not in world.sns.published[-1]["Message"]
    assert world.document["failure"] is None

    send(None)
    command = "aws logs tail /aws/lambda/sms-redirect-Sender --since 1h --region eu-central-1"
    assert world.document["failure"]["hint"].endswith(f" Log: {command}")
    assert command in world.texts["email"]


def test_outside_lambda_there_is_no_log_to_point_to(world, send):
    send(None)

    assert world.document["failure"]["hint"].endswith("Cognito's events have it.")
