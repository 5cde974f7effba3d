"""The message of an SMS: its traps, the email for people, and what fits into SNS."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender_world import SUB, event
from sms_redirect.messages.sms import Sms
from sms_sender.event import read_event
from sms_sender.findings import Failure
from sms_sender.message import compose
from sms_sender.preview import notification, preview
from sms_sender.templates import Template

NOW = datetime(2026, 3, 1, 12, 30, 5, 123456, tzinfo=UTC)
READ = datetime(2026, 3, 1, 12, 30, 4, tzinfo=UTC)


def composed(text, **changes):
    request = read_event(event(**changes))
    return compose(request, "id", NOW, preview(request, Template("verification", text, "pool", READ), "123456"))


def document(text, **changes):
    return json.loads(json.loads(composed(text, **changes).texts)["default"])


def test_an_extension_character_counts_two():
    assert document("{####} €[]")["characters"] == 13


def test_the_time_is_utc_with_a_z():
    assert document("{####}")["sent_at"] == "2026-03-01T12:30:05.123Z"


def test_the_email_is_the_text_and_a_short_table():
    email = json.loads(composed("Code {####}’s").texts)["email"]

    assert email == (
        "Code 123456’s\n"
        "\n"
        "to:       +12065551212\n"
        "flow:     SignUp\n"
        "user:     alice\n"
        "pool:     us-east-1_AbCdEf123\n"
        "length:   13 characters, UCS-2, 1 part\n"
        "template: verification (pool, read at 2026-03-01T12:30:04.000Z)\n"
        "wording:  Code {####}’s\n"
        "autofill: iOS: likely, domain-bound: no, Android User Consent: yes, Android SMS Retriever: no\n"
        "warning:  ’ (U+2019) at position 12 forces UCS-2, 70 characters a part instead of 160: write ' instead."
    )


@pytest.mark.parametrize(("length", "words"), [(160, "1 part"), (161, "2 parts"), (307, "3 parts")])
def test_the_email_says_how_many_parts_there_are(length, words):
    email = json.loads(composed("x" * (length - 6) + "{####}").texts)["email"]

    assert f"length:   {length} characters, GSM-7, {words}\n" in email


def test_a_wording_of_several_lines_is_one_row():
    email = json.loads(composed("Hello\n\n  {####}").texts)["email"]

    assert "wording:  Hello {####}\n" in email


def test_a_description_has_neither_wording_nor_verdicts():
    request = read_event(event("AccountTakeOverNotification"))
    email = json.loads(compose(request, "id", NOW, notification(request)).texts)["email"]

    assert "template: none (default)\n" in email
    assert "wording" not in email
    assert "autofill" not in email


def test_a_text_of_several_lines_stays_as_it_is():
    assert json.loads(composed("Hello\n\n  {####}").texts)["email"].startswith("Hello\n\n  123456\n\nto:")


@given(number=st.text(), source=st.text())
def test_a_subject_is_one_short_line_of_printable_ascii(number, source):
    request = read_event(event(attributes={"phone_number": number}, triggerSource=source))

    for shown in (Failure("a", "b"), preview(request, Template("verification", "{####}", "pool"), "1")):
        assert re.fullmatch(r"[\x20-\x7e]{1,99}", compose(request, "id", NOW, shown).subject)


def test_a_long_subject_is_cut():
    request = read_event(event(triggerSource="CustomSMSSender_" + "Long" * 50))

    assert len(compose(request, "id", NOW, Failure("a", "b")).subject) == 99


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_attributes_are_never_empty_and_hold_nothing_that_sns_refuses(name, attributes):
    request = read_event(event(userName=name, attributes=attributes))

    sent = compose(request, "id", NOW, Failure("a", "b")).attributes

    assert all(sent.values())
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "".join(sent.values()))


@given(st.text(st.characters(), max_size=200), st.text(max_size=20))
def test_any_text_is_composed_and_read_back(before, secret):
    request = read_event(event())
    template = Template("verification", before.replace("{####}", "") + "{####}", "pool")

    shown = preview(request, template, secret)

    assert json.loads(json.loads(compose(request, "id", NOW, shown).texts)["default"])["text"] == shown.text


@pytest.mark.parametrize("filler", ["x", '"', "é", "😀"])
def test_metadata_that_does_not_fit_is_left_out_and_the_sms_is_kept(filler):
    message = composed("{####}", metadata={"big": filler * 300_000})

    kept = json.loads(json.loads(message.texts)["default"])
    assert len(message.texts.encode()) < 262_144
    assert kept["text"] == "123456"
    assert kept["client_metadata"] == {}
    assert [warning["code"] for warning in kept["warnings"]] == ["metadata-dropped"]


@pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
def test_metadata_is_kept_up_to_240_000_bytes(more, kept):
    least = len(composed("{####}", metadata={"big": ""}).texts)
    message = composed("{####}", metadata={"big": "x" * (240_000 - least + more)})

    assert ("metadata-dropped" not in message.texts) == kept
    assert (len(message.texts) == 240_000) == kept


def test_metadata_that_fits_is_kept():
    assert len(document("{####}", metadata={"big": "x" * 200_000})["client_metadata"]["big"]) == 200_000


LONG = "x" * 300_000


@pytest.mark.parametrize(
    "changes",
    [
        {"userName": LONG},
        {"attributes": {"sub": LONG, "phone_number": LONG}},
        {"triggerSource": LONG},
        {"userPoolId": LONG},
        {"callerContext": {"clientId": LONG}},
        {"region": LONG, "metadata": {"big": LONG}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_event_that_does_not_fit_is_a_failure_that_does(changes):
    message = composed("{####}", **changes)

    kept = json.loads(json.loads(message.texts)["default"])
    assert len(message.texts) + len("".join(message.attributes.values())) < 10_000
    assert "too large" in kept["failure"]["reason"]
    assert (kept["text"], kept["code"], kept["autofill"]) == ("", None, None)
    assert kept["id"] == "id"
    assert max(len(value) for value in kept.values() if isinstance(value, str)) == 200
    assert message.subject.startswith("SMS FAILED to ")
    assert message.attributes["failed"] == "true"
    assert Sms.from_document(kept).failure


def test_a_template_that_does_not_fit_is_a_failure_that_does():
    message = composed(LONG + "{####}")

    kept = json.loads(json.loads(message.texts)["default"])
    assert "too large" in kept["failure"]["reason"]
    assert (kept["template"], kept["template_text"], kept["warnings"]) == ("none", None, [])
    assert kept["user_name"] == "alice"


def test_a_failure_keeps_what_is_known_of_the_sms():
    request = read_event(event("ForgotPassword"))

    known = json.loads(json.loads(compose(request, "id", NOW, Failure("why", "how")).texts)["default"])

    assert known["failure"] == {"reason": "why", "hint": "how"}
    assert (known["flow"], known["user_sub"], known["code"]) == ("ForgotPassword", SUB, None)
    assert (known["characters"], known["segments"], known["warnings"]) == (0, 0, [])


def test_reprs_hold_no_text():
    message = composed("Secret text {####}")

    assert "Secret" not in repr(message)
    assert "alice" not in repr(message)  # nor who it is for, in the attributes
    assert "123456" not in repr(message)
