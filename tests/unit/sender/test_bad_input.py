"""What no retry can mend is published as a failure that says what happened, and is not raised."""

import base64
import json
import logging
import time

import pytest

from cognito_codes import (
    COMMITTED_UNSIGNED,
    KEY_ARN,
    OTHER_KEY_ARN,
    POOL_ID,
    UNSIGNED,
    LocalKms,
    changed,
    encrypt,
    message_id,
    shortened,
)
from sender_world import PHONE, event
from sms_redirect.messages.sms import Sms
from sms_sender.errors import UnshowableError
from sms_sender.secret import EncryptedCode

MALFORMED = {
    "null": (None, "not a JSON object"),
    "a list": ([1], "not a JSON object"),
    "a text": ("hello", "not a JSON object"),
    "empty": ({}, "no triggerSource"),
    "no trigger source": (event(triggerSource=None), "no triggerSource"),
    "a trigger source that is no text": (event(triggerSource=7), "no triggerSource"),
    "no pool": (event(userPoolId=None), "no userPoolId"),
    "no request": ({key: value for key, value in event().items() if key != "request"}, "no request"),
    "request null": (event(request=None), "no request"),
    "request a text": (event(request="x"), "no request"),
    "code null": (event(code=None), "no code"),
    "code empty": (event(code=""), "no code"),
    "code absent": (event(request={"userAttributes": {}}), "no code"),
    "code a number": (event(code=123456), "is a number, not a string"),
    "code not base64": (event(code="not base64!"), "not base64"),
    "code not ASCII": (event(code="ünïcode"), "not base64"),
    "code no message": (event(code=base64.b64encode(b"123456").decode()), "encrypted message"),
    "code without end": (event(code="A" * 16_385), "16385 characters long"),
    "code as long as one may be": (event(code="A" * 16_384), "(NotSupportedError)"),
    "code one byte": (event(code="AQ=="), "encrypted message"),
}


@pytest.mark.parametrize(("sent", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_event_is_shown_as_a_failure(world, send, sent, reason):
    send(sent)

    assert reason in world.document["failure"]["reason"]
    assert world.document["failure"]["hint"]
    assert world.document["text"] == ""
    assert Sms.from_document(world.texts["default"]).failure


def wrong(world):
    """Codes that nobody should be shown, and words of the reason."""
    code, elsewhere = world.encrypted(), LocalKms(KEY_ARN, OTHER_KEY_ARN)
    world.kms._keys[OTHER_KEY_ARN] = elsewhere._keys[OTHER_KEY_ARN]
    return {
        "base64 with something in it": (f"{code[:100]}!{code[100:]}", "not base64"),
        "truncated in the header": (shortened(code, 100), "encrypted message"),
        "truncated in the body": (shortened(code, 430), "encrypted message"),
        "truncated in the signature": (shortened(code, -3), "encrypted message"),
        "corrupt version": (changed(code, 0), "encrypted message"),
        "corrupt suite": (changed(code, 3), "encrypted message"),
        "corrupt message id": (changed(code, 5), "encrypted message"),
        "corrupt signature": (changed(code, -1), "encrypted message"),
        "corrupt body": (changed(code, -130), "encrypted message"),
        "other key": (world.encrypted(key_arn=OTHER_KEY_ARN), OTHER_KEY_ARN),
        "key of the same name elsewhere": (encrypt("123456", kms=elsewhere), "InvalidCiphertextException"),
        "other pool": (world.encrypted(pool_id="us-east-1_Other0000"), "us-east-1_Other0000"),
        "no context": (world.encrypted(pool_id=None), "without a userpool-id"),
        "unsigned": (world.encrypted(algorithm=UNSIGNED), "not signed"),
        "committed but unsigned": (world.encrypted(algorithm=COMMITTED_UNSIGNED), "not signed"),
        "two data keys": (world.encrypted(more_keys=(OTHER_KEY_ARN,)), "MaxEncryptedDataKeysExceeded"),
        "not UTF-8": (world.encrypted(b"\xff\xfe12"), "not UTF-8"),
        "empty inside": (world.encrypted(b""), "nothing inside"),
    }


WRONG = (
    "base64 with something in it",
    "truncated in the header",
    "truncated in the body",
    "truncated in the signature",
    "corrupt version",
    "corrupt suite",
    "corrupt message id",
    "corrupt signature",
    "corrupt body",
    "other key",
    "key of the same name elsewhere",
    "other pool",
    "no context",
    "unsigned",
    "committed but unsigned",
    "two data keys",
    "not UTF-8",
    "empty inside",
)


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_code_is_shown_as_a_failure(world, send, kind):
    code, reason = wrong(world)[kind]

    send(event(code=code))

    assert reason in world.document["failure"]["reason"]
    assert world.document["code"] is None
    assert "123456" not in json.dumps(world.sns.published)


@pytest.mark.parametrize("kind", ["other pool", "no context", "unsigned", "committed but unsigned"])
def test_a_code_that_is_refused_is_not_even_decrypted(world, send, kind):
    send(event(code=wrong(world)[kind][0]))

    assert world.kms.decrypts == 0


def test_a_failure_reaches_people_and_programs(world, send):
    code = world.encrypted(pool_id="us-east-1_Other0000")

    send(event(code=code))

    publish, email = world.sns.published[-1], world.texts["email"]
    assert publish["Subject"] == "SMS FAILED to +12065551212: SignUp"
    assert publish["MessageAttributes"]["failed"]["StringValue"] == "true"
    assert "What happened: The code was encrypted for user pool us-east-1_Other0000" in email
    assert "What to do:    Find out" in email
    assert f"to:       {PHONE}" in email
    assert world.texts["sms"].startswith("SMS not shown: ")
    assert world.document["id"] == message_id(code)
    assert (world.document["template"], world.document["template_source"]) == ("none", "default")


def test_a_failure_is_logged_as_an_error_and_counted(world, send, caplog, capsys, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_772_368_200.123_9)

    send(event(code=None))

    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert (record.flow, record.user_pool_id) == ("SignUp", POOL_ID)
    assert record.sms_id == world.document["id"]
    [metric] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert metric["_aws"]["Timestamp"] == 1_772_368_200_123  # milliseconds
    assert metric["FailedSms"] == 1
    assert metric["UserPoolId"] == POOL_ID
    [directive] = metric["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "SmsRedirect"
    assert directive["Dimensions"] == [["UserPoolId"]]
    assert directive["Metrics"] == [{"Name": "FailedSms", "Unit": "Count"}]


def test_an_sms_is_neither_an_error_nor_counted(show, caplog, capsys):
    show()

    assert [record.levelno for record in caplog.records if record.name == "sms_sender"] == [logging.INFO]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("attributes", [None, "x", [], {"phone_number": None, "sub": SystemExit.__name__}])
def test_strange_attributes_do_not_matter(show, attributes):
    assert show(attributes=attributes)["text"] == "Your verification code is 123456."


def test_metadata_that_is_no_text_is_shown_as_json(show):
    document = show(metadata={"a": 1, "b": None, "c": {"d": [True]}, "e": "f"})

    assert document["client_metadata"] == {"a": "1", "c": '{"d": [true]}', "e": "f"}


@pytest.mark.parametrize("caller", [None, "x", {}, {"clientId": None}, {"clientId": 3}])
def test_a_strange_caller_is_no_client(show, caller):
    assert show(callerContext=caller)["client_id"] is None


def test_the_region_is_read_from_the_pool_where_the_event_has_none(show):
    assert show(region=None)["region"] == "us-east-1"


def test_a_bug_is_shown_too(world, send, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("secret 123456")

    monkeypatch.setattr("sms_sender.handler.preview", broken)
    send(event(code=world.encrypted()))

    assert "ZeroDivisionError" in world.document["failure"]["reason"]
    assert "123456" not in caplog.text
    assert any("test_bad_input.py" in place for record in caplog.records for place in getattr(record, "where", []))


def test_half_a_surrogate_pair_becomes_a_character_that_everybody_can_read(world, send):
    """JSON can hold it, and nothing that follows: no email, no topic, no SMS."""
    half = "\ud83d"
    sent = event("AdminCreateUser", world.encrypted(), userName=f"al{half}ice", metadata={half: half})

    send(sent)

    assert world.document["user_name"] == "al\ufffdice"
    assert world.document["client_metadata"] == {"\ufffd": "\ufffd"}
    assert "al\ufffdice" in world.document["text"]
    json.dumps(world.document, ensure_ascii=False).encode()


def test_the_pool_is_checked_again_once_the_header_is_authenticated(world):
    """What `check` reads before decrypting could have been changed on the way."""
    encrypted = EncryptedCode.read(world.encrypted(pool_id="us-east-1_Other0000"))
    decryptor = world.connections().decryptor

    with pytest.raises(UnshowableError, match="another encryption context"):
        decryptor.decrypt(encrypted, POOL_ID)
    assert decryptor.decrypt(encrypted, "us-east-1_Other0000").reveal() == "123456"
