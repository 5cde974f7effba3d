"""How a mail is written for an SMTP server, and which logins are refused."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_redirect.sandbox.email.mailbox import Mail
from sms_redirect.sandbox.email.smtp import SmtpServer, as_message
from smtp_sink import text_of

ANY_TEXT = st.text(st.characters(codec="utf-8"))
EXPECTED_HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]


def received(**fields):
    """The mail as its recipient's program reads it from the bytes on the wire."""
    given_ = {
        "to": "qa@example.com",
        "sender_name": "AWS Notifications",
        "subject": "AWS Notification Message",
        "body": "text",
        "sent_at": datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
        "kind": "notification",
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:topic",
        "subscription_arn": "arn:aws:sns:us-east-1:123456789012:topic:1",
    }
    wire = as_message(Mail(**(given_ | fields))).as_bytes()
    assert wire.isascii()
    return email.message_from_bytes(wire, policy=email.policy.default)


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_arrives_as_it_was(body):
    lines = body.replace("\r\n", "\n").replace("\r", "\n")

    assert text_of(received(body=body)) == (lines if lines.endswith("\n") else f"{lines}\n")


@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_no_subject_or_topic_name_starts_another_header_or_names_another_sender(subject, name):
    message = received(subject=subject, sender_name=name)

    assert sorted(message.keys()) == sorted(EXPECTED_HEADERS)
    assert [address.addr_spec for address in message["From"].addresses] == ["no-reply@sns.amazonaws.com"]
    assert [address.addr_spec for address in message["To"].addresses] == ["qa@example.com"]


@pytest.mark.parametrize("injected", ["a\r\nBcc: other@example.com", "a\nBcc: other@example.com", "a\rBcc: o@x.com"])
def test_a_line_break_in_a_header_becomes_a_space(injected):
    message = received(subject=injected, sender_name=injected)

    assert "Bcc" not in message
    assert message["Subject"].startswith("a Bcc: ")


@pytest.mark.parametrize("to", ["a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "nobody"])
def test_what_is_not_one_address_is_no_recipient(to):
    with pytest.raises((ValueError, email.errors.MessageError)):
        received(to=to)


def test_headers_beyond_ascii_are_readable():
    message = received(subject="Grüße – 你好", sender_name='Café, "QA" <team>')

    assert message["Subject"] == "Grüße – 你好"
    assert message["From"].addresses[0].display_name == 'Café, "QA" <team>'


def test_half_of_a_surrogate_pair_does_not_stop_a_mail():
    assert text_of(received(body="a\ud83db")) == "a?b\n"


def test_date_and_message_id_are_those_of_the_message():
    message = received(message_id="5ae1f0c2")

    assert message["Date"].datetime == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert "5ae1f0c2@sns.amazonaws.com" in message["Message-ID"]


def test_a_password_is_not_sent_in_the_clear_to_another_machine():
    with pytest.raises(ValueError, match="in the clear"):
        SmtpServer("mail.example.com", 25, user="qa", password="secret")

    SmtpServer("127.0.0.1", 1025, user="qa", password="secret")
    SmtpServer("mail.example.com", 25)


def test_a_login_that_smtp_cannot_carry_is_refused_without_showing_it():
    with pytest.raises(ValueError, match="ASCII") as error:
        SmtpServer("mail.example.com", 465, "tls", user="qa", password="gehe1m-ü")

    assert "gehe1m" not in str(error.value)


def test_a_password_is_not_in_the_servers_repr():
    assert "secret" not in repr(SmtpServer("mail.example.com", 465, "tls", user="qa", password="secret"))
