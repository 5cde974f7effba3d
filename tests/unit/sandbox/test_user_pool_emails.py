"""An email of a user pool in the sandbox: in its user's mailbox, through the relay, and in the inbox."""

from types import SimpleNamespace

import pytest

from local_pools import LocalPools, app, sms_pool
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.email.html_text import text_of
from sms_redirect.sandbox.email.mailbox import Mailbox
from sms_redirect.sandbox.email.smtp import as_message
from sms_redirect.sandbox.email.user_pools import UserPoolEmails
from sms_redirect.sandbox.feed import Feed
from sms_redirect.sandbox.incidents import Incidents


class Room:
    """A mailroom without SNS."""

    def __init__(self):
        self.mailbox = Mailbox()
        self.deliver = self.mailbox.add

    def on_publish(self, listener):
        pass


@pytest.fixture
def room():
    return Room()


@pytest.fixture
def incidents():
    return Incidents()


@pytest.fixture
def emails(room, incidents):
    return UserPoolEmails(room, Clock(), incidents)


@pytest.fixture
def sent(scrubbed_environment):
    """The email of a sign-up, as the service hands it over."""
    pools = LocalPools()
    cognito = pools.client()
    template = {"EmailSubject": "Welcome", "EmailMessage": "<p>Hello<br>{####}</p>"}
    pool_id = sms_pool(
        cognito, AutoVerifiedAttributes=["email"], LambdaConfig=None, VerificationMessageTemplate=template
    )
    cognito.sign_up(
        ClientId=app(cognito, pool_id),
        Username="alice",
        Password="Passw0rd!",
        UserAttributes=[{"Name": "email", "Value": "alice@example.com"}],
        ClientMetadata={"a": "b"},
    )
    return pools.emails[-1]


def test_it_is_in_the_mailbox_of_its_user(emails, room, sent):
    emails.deliver(sent)

    mail = room.mailbox.last_to("alice@example.com")
    assert (mail.sender, mail.subject) == ("no-reply@verificationemail.com", "Welcome")
    assert mail.body == f"<p>Hello<br>{sent.code}</p>"


def test_the_relay_sends_it_as_html(emails, room, sent):
    emails.deliver(sent)

    message = as_message(room.mailbox.last_to("alice@example.com"))

    assert message.get_content_type() == "text/html"
    assert message["From"] == "no-reply@verificationemail.com"
    assert sent.code in message.get_content()


def test_its_document_says_all_of_it(emails, sent):
    shown = SmsStore()
    emails.listen(shown.add)

    emails.deliver(sent)

    (entry,) = shown.find()
    email = entry.message
    assert (email.email, email.subject, email.code) == ("alice@example.com", "Welcome", sent.code)
    assert (email.text, email.html) == (f"Hello\n{sent.code}", f"<p>Hello<br>{sent.code}</p>")
    assert (email.user_name, email.client_metadata) == ("alice", {"a": "b"})
    assert [kept.message for kept in emails.sent.find()] == [email]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<style>p{}</style><p>one</p>\n\n<p>two</p>", "one\n\ntwo"),
        ('<a href="http://x/?a=1&amp;b=2">Confirm</a>', "Confirm (http://x/?a=1&b=2)"),
        ("a\n   b<br>c", "a b\nc"),
        ("<table><tr><td>1</td></tr><tr><td>2</td></tr></table>", "1\n\n2"),
        ("</a></style>x<a>y", "xy"),
    ],
)
def test_the_text_of_html(html, text):
    assert text_of(html) == text


def trouble_message(medium):
    return SimpleNamespace(
        secret="493027",
        flow="SignUp",
        trigger_source="CustomEmailSender_SignUp" if medium == "EMAIL" else "CustomSMSSender_SignUp",
        client_id="client",
        pool=SimpleNamespace(id="us-east-1_A", get={}.get),
        user=SimpleNamespace(name="alice", phone_number="+12065550100"),
        destination=SimpleNamespace(medium=medium, address="a@b.co" if medium == "EMAIL" else "+12065550100"),
    )


def test_an_email_that_its_sender_did_not_take_is_shown_as_a_failure(emails, incidents, room):
    shown = SmsStore()
    Feed(shown, room, incidents)
    emails.listen(shown.add)

    Trouble(incidents).not_redirected(
        trouble_message("EMAIL"), "the sender failed with 493027", None, "aws logs tail sender"
    )

    (entry,) = shown.find()
    assert (entry.message.kind, entry.message.email, entry.message.code) == ("email", "a@b.co", None)
    assert "The email was not redirected: the sender failed with ***" in entry.message.failure.reason
