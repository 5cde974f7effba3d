from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sms_documents import document, failed, sms
from sms_redirect.messages.sms import NewerSchema, NotAnSms, Sms, SmsFailure, SmsVerdict, SmsWarning


@pytest.mark.parametrize(
    "form", [dict, json.dumps, lambda raw: json.dumps(raw).encode()], ids=["parsed", "str", "bytes"]
)
def test_every_field_of_the_document_is_read(form):
    raw = document(7, client_metadata={"locale": "de"}, warnings=[{"code": "long", "text": "Two parts."}])

    read = Sms.from_document(form(raw))

    others = {"schema", "sent_at", "warnings", "template_read_at", "autofill"}
    plain = {name: getattr(read, name) for name in raw if name not in others}
    assert plain == {name: raw[name] for name in plain}
    assert read.sent_at == datetime(2026, 3, 1, 0, 0, 7, tzinfo=UTC)
    assert read.warnings == (SmsWarning("long", "Two parts."),)
    assert read.template_read_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert read.autofill == {"ios": SmsVerdict("likely", "A number, and the word code.")}
    assert read.raw == raw


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("template_text", 7),
        ("template_read_at", "yesterday"),
        ("autofill", []),
        ("autofill", {"ios": "yes"}),
        ("autofill", {"ios": {"verdict": "yes"}}),
    ],
)
def test_a_template_or_verdict_of_another_type_is_refused(name, value):
    with pytest.raises(NotAnSms, match=name):
        Sms.from_document(document(**{name: value}))


def test_a_failure_is_read_with_its_reason_and_hint():
    read = failed()

    assert read.failure == SmsFailure(
        "The code could not be decrypted: another KMS key encrypted it.",
        "Deploy the stack with KmsKeyArn set to the pool's key.",
    )
    assert read.text == ""


def test_a_failure_without_text_has_an_empty_one():
    assert failed(text=None).text == ""


@pytest.mark.parametrize("name", ["code", "phone_number", "user_name", "user_sub", "client_id"])
def test_members_that_an_event_may_lack_are_none(name):
    assert getattr(sms(**{name: None}), name) is None


@pytest.mark.parametrize("written", ["2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00"])
def test_the_sending_time_is_in_utc(written):
    assert sms(sent_at=written).sent_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert sms(sent_at=written).sent_at.tzinfo is UTC


@pytest.mark.parametrize(
    "foreign",
    [
        "hello", b"\xff\xfe", "", "[]", "null", "12", "{}", "[" * 100_000, '{"schema": 1}', '{"schema": "other/1"}',
        '{"schema": "sms-redirect/"}', '{"schema": "sms-redirect/x"}', '{"Type": "Notification", "Message": "hi"}',
    ],
)  # fmt: skip
def test_a_foreign_message_is_not_an_sms(foreign):
    with pytest.raises(NotAnSms):
        Sms.from_document(foreign)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", None), ("id", ""), ("id", 5), ("flow", None), ("text", 5), ("code", 123456), ("phone_number", 1206),
        ("client_metadata", "x"), ("client_metadata", {"a": 1}), ("sent_at", "yesterday"), ("sent_at", None),
        ("characters", "5"), ("characters", True), ("segments", -1), ("warnings", "x"),
        ("warnings", [{"code": "long"}]),
        ("failure", "broken"), ("failure", {"reason": "x"}),
    ],
)  # fmt: skip
def test_a_malformed_field_is_named(name, value):
    with pytest.raises(NotAnSms, match=f'"{name}"'):
        sms(**{name: value})


# The first text drawn builds Hypothesis's character tables, which a busy machine calls slow.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(sorted(document())), st.none() | st.integers() | st.text() | st.lists(st.none()))
)
def test_an_unreadable_document_never_raises_anything_else(changes):
    try:
        read = Sms.from_document({**document(), **changes})
    except NotAnSms:
        return
    assert read.id


def test_an_error_never_quotes_the_message():
    with pytest.raises(NotAnSms) as error:
        Sms.from_document('{"code": "493027"')

    assert "493027" not in repr(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_newer_schema_is_read_as_far_as_it_is_understood():
    newer = {
        **document(),
        "schema": "sms-redirect/2",
        "failure": {"kind": "x"},
        "sent_at": 5,
        "id": None,
        "warnings": [1],
    }

    with pytest.warns(NewerSchema, match="sms-redirect/2"):
        read = Sms.from_document(newer)

    assert read.text == "Your verification code is 000001"
    assert read.failure is not None
    assert read.sent_at.tzinfo is UTC
    assert read.id
    assert read.warnings == ()


def test_a_newer_document_without_a_known_id_keeps_its_identity_when_it_comes_twice():
    newer = {**document(), "schema": "sms-redirect/2", "id": None}

    with pytest.warns(NewerSchema):
        ids = {Sms.from_document(form).id for form in (newer, json.dumps(newer))}

    assert len(ids) == 1


def test_the_repr_shows_neither_text_nor_code_nor_document():
    shown = repr(sms(493027, client_metadata={"otp": "493027x"}, warnings=[{"code": "c", "text": "at 493027"}]))

    assert "493027" not in shown.replace(f"{493027:032x}", "")
    assert "SignUp" in shown
