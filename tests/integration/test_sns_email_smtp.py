"""Mails are passed on to an SMTP server: aiosmtpd on this machine."""

import socket
from datetime import UTC, datetime

import pytest

from sms_redirect.sandbox.email.mailbox import Mail
from sms_redirect.sandbox.email.smtp import TRIES, SmtpRelay, SmtpServer
from smtp_sink import HOST, LOGIN, Certificate, Server, Sink, text_of
from sns_mail import Subscriber

TEXT = "Your code is 135790"


def mail(body=TEXT, to="qa@example.com"):
    return Mail(
        to=to,
        sender_name="AWS Notifications",
        subject="SMS to +12065551212: SignUp",
        body=body,
        sent_at=datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
        kind="notification",
        topic_arn="arn:aws:sns:us-east-1:123456789012:topic",
        subscription_arn="arn:aws:sns:us-east-1:123456789012:topic:1",
    )


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def server(sink):
    with Server(sink, enable_SMTPUTF8=True) as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def relay_to():
    """Makes relays that do not wait between tries; they are stopped at the end."""
    relays = []

    def make(port, **options):
        relays.append(SmtpRelay(SmtpServer(HOST, port, **options), retry_seconds=0))
        return relays[-1]

    yield make
    for relay in relays:
        relay.stop()


@pytest.fixture
def login_server(sink, certificate):
    """Wants STARTTLS and a login."""
    options = {"tls_context": certificate.of_server(), "require_starttls": True}
    with Server(sink, **options, auth_required=True, authenticator=sink.authenticate) as running:
        yield running


def login(password=None):
    return {"user": LOGIN.login.decode(), "password": password or LOGIN.password.decode()}


@pytest.mark.parametrize(
    "body",
    [
        TEXT,
        "código 135790 – 你好 👍🏽",
        ".\n..\n.leading dots\n",
        "x" * 3000,
        "From here on\n\n--\nfooter",
    ],
)
def test_a_mail_arrives_as_it_was(relay_to, server, sink, body):
    relay = relay_to(server.port)

    relay.send(mail(body))
    relay.wait_until_sent()

    (arrived,) = sink.mails
    assert text_of(arrived).removesuffix("\n") == body.removesuffix("\n")
    assert arrived["Subject"] == "SMS to +12065551212: SignUp"
    assert arrived["From"] == "AWS Notifications <no-reply@sns.amazonaws.com>"
    assert sink.recipients == [["qa@example.com"]]


def test_with_starttls_the_login_and_the_mail_are_encrypted(relay_to, login_server, sink, certificate):
    relay = relay_to(login_server.port, tls="starttls", context=certificate.trusted(), **login())

    relay.send(mail())
    relay.wait_until_sent()

    assert sink.logins == [b"qa"]
    assert sink.encrypted == [True]


def test_with_tls_the_connection_is_encrypted_from_the_start(relay_to, sink, certificate):
    with Server(sink, ssl_context=certificate.of_server()) as running:
        relay = relay_to(running.port, tls="tls", context=certificate.trusted())
        relay.send(mail())
        relay.wait_until_sent()

    assert len(sink.mails) == 1


def test_a_wrong_password_is_logged_without_password_and_text(relay_to, login_server, sink, certificate, caplog):
    relay = relay_to(login_server.port, tls="starttls", context=certificate.trusted(), **login("wr0ng-password"))

    relay.send(mail())
    relay.wait_until_sent()

    assert sink.mails == []
    assert f"{HOST}:{login_server.port}: SMTPAuthenticationError 535" in caplog.text
    assert len(sink.logins) < TRIES + 1
    for secret in ("wr0ng-password", TEXT):
        assert secret not in caplog.text


def test_an_untrusted_certificate_stops_the_login(relay_to, login_server, sink, caplog):
    relay = relay_to(login_server.port, tls="starttls", **login())

    relay.send(mail())
    relay.wait_until_sent()

    assert sink.logins == sink.mails == []
    assert "SSLCertVerificationError" in caplog.text


def test_a_server_without_starttls_gets_nothing_in_the_clear(relay_to, server, sink, certificate, caplog):
    relay = relay_to(server.port, tls="starttls", context=certificate.trusted())

    relay.send(mail())
    relay.wait_until_sent()

    assert sink.attempts == 0
    assert "SMTPNotSupportedError" in caplog.text


def test_a_server_that_fails_for_a_while_is_tried_again(relay_to, server, sink, caplog):
    sink.answers = ["451 try later"] * (TRIES - 1)
    relay = relay_to(server.port)

    relay.send(mail())
    relay.wait_until_sent()

    assert len(sink.mails) == 1
    assert caplog.text == ""


def test_a_mail_that_the_server_never_takes_is_named_in_the_log_and_the_next_one_is_sent(
    relay_to, server, sink, caplog
):
    sink.answers = [f"451 greylisted: {TEXT}"] * TRIES
    relay = relay_to(server.port)

    relay.send(mail(to="first@example.com"))
    relay.send(mail(to="second@example.com"))
    relay.wait_until_sent()

    assert sink.recipients == [["second@example.com"]]
    assert "first@example.com" in caplog.text
    assert f"{HOST}:{server.port}: SMTPDataError 451" in caplog.text
    assert TEXT not in caplog.text


def test_a_final_refusal_is_not_tried_again(relay_to, server, sink, caplog):
    sink.answers = ["550 no such user"] * TRIES
    relay = relay_to(server.port)

    relay.send(mail())
    relay.wait_until_sent()

    assert sink.attempts == 1
    assert "SMTPDataError 550" in caplog.text


def test_a_server_that_is_not_there_is_named_with_the_cause(relay_to, caplog):
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # bound, but nobody listens
        port = taken.getsockname()[1]
        relay = relay_to(port)
        relay.send(mail())
        relay.wait_until_sent()

    assert f"was not sent by {HOST}:{port}: ConnectionRefusedError: Connection refused" in caplog.text


def test_a_recipient_that_cannot_be_one_does_not_stop_the_others(relay_to, server, sink, caplog):
    relay = relay_to(server.port)

    relay.send(mail(to="a@example.com, b@example.com"))
    relay.send(mail())
    relay.wait_until_sent()

    assert sink.recipients == [["qa@example.com"]]
    assert caplog.records[0].levelname == "ERROR"


def test_mails_that_wait_keep_their_order_and_share_a_connection(relay_to, server, sink):
    sink.may_answer.clear()
    relay = relay_to(server.port)

    for number in range(50):
        relay.send(mail(f"message {number}"))
    sink.may_answer.set()
    relay.wait_until_sent()

    assert [text_of(arrived) for arrived in sink.mails] == [f"message {number}\n" for number in range(50)]
    assert len(sink.peers) == 1


def test_stopping_sends_what_waits_and_names_what_comes_later(relay_to, server, sink, caplog):
    sink.may_answer.clear()
    relay = relay_to(server.port)
    for _ in range(3):
        relay.send(mail())
    sink.may_answer.set()

    relay.stop()
    relay.send(mail(to="late@example.com"))

    assert len(sink.mails) == 3
    assert "late@example.com" in caplog.text
    assert "the sandbox is stopping" in caplog.text


def test_a_server_that_hangs_does_not_hold_up_the_end_and_the_rest_is_counted(relay_to, server, sink, caplog):
    sink.may_answer.clear()
    relay = relay_to(server.port)
    for _ in range(3):
        relay.send(mail())

    relay.stop(timeout=0)

    assert f"emails were not sent: {HOST}:{server.port} does not respond" in caplog.text
    sink.may_answer.set()
    relay.stop()
    assert len(sink.mails) == 3


def test_the_sandbox_passes_its_mails_on(relay_to, server, sink, sns, mailroom, monkeypatch):
    relay = relay_to(server.port)
    monkeypatch.setattr(mailroom, "_relay", relay)
    tester = Subscriber(sns, mailroom, sns.create_topic(Name="smtp")["TopicArn"])
    tester.confirmed()

    sns.publish(TopicArn=tester.topic_arn, Message=TEXT, Subject="About")
    relay.wait_until_sent()

    confirmation, notification = sink.mails
    assert confirmation["Subject"] == "AWS Notification - Subscription Confirmation"
    assert notification["Subject"] == "About"
    assert text_of(notification) == tester.mails()[-1].body
    assert sink.recipients == [[tester.address]] * 2
