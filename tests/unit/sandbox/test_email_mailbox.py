"""The mailbox keeps, counts and waits."""

import threading
from datetime import UTC, datetime

import pytest

from sms_redirect.sandbox.email.mailbox import Mail, Mailbox

MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def mail(body="text", **fields):
    given = {
        "to": "qa@example.com",
        "sender_name": "AWS Notifications",
        "subject": "AWS Notification Message",
        "body": body,
        "sent_at": MOMENT,
        "kind": "notification",
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:topic",
        "subscription_arn": "arn:aws:sns:us-east-1:123456789012:topic:1",
    }
    return Mail(**(given | fields))


@pytest.fixture
def mailbox():
    return Mailbox()


def anything(_):
    return True


def test_a_waiter_gets_the_first_wanted_mail_after_its_position(mailbox):
    mailbox.add(mail("wanted, but earlier"))
    position = mailbox.count
    mailbox.add(mail("other"))
    mailbox.add(mail("wanted"))

    found = mailbox.wait_for(lambda each: each.body.startswith("wanted"), after=position, timeout=0)

    assert found.body == "wanted"


def test_a_waiter_wakes_when_its_mail_arrives(mailbox):
    found = []
    waiter = threading.Thread(target=lambda: found.append(mailbox.wait_for(anything, timeout=20)))
    waiter.start()

    mailbox.add(mail())
    waiter.join(20)

    assert found == [mail()]


def test_a_waiter_looks_at_each_mail_once(mailbox):
    mailbox.add(mail("early"))
    looked_at = []
    looking = threading.Event()

    def wanted(each):
        looked_at.append(each.body)
        looking.set()
        return each.body == "wanted"

    waiter = threading.Thread(target=lambda: mailbox.wait_for(wanted, timeout=20))
    waiter.start()
    looking.wait(20)
    mailbox.add(mail("other"))
    mailbox.add(mail("wanted"))
    waiter.join(20)

    assert looked_at == ["early", "other", "wanted"]


def test_a_waiter_is_told_when_nothing_came(mailbox):
    mailbox.add(mail("other"))

    assert mailbox.wait_for(lambda each: each.body == "wanted", timeout=0) is None


def test_a_full_mailbox_drops_the_oldest_and_keeps_positions_right():
    mailbox = Mailbox(kept=3)
    for number in range(5):
        mailbox.add(mail(str(number)))

    assert [each.body for each in mailbox.all()] == ["2", "3", "4"]
    assert mailbox.count == 5
    assert mailbox.wait_for(anything, after=4, timeout=0).body == "4"
    assert mailbox.wait_for(anything, after=0, timeout=0).body == "2"


def test_the_last_mail_to_an_address(mailbox):
    mailbox.add(mail("first"))
    mailbox.add(mail("second"))
    mailbox.add(mail("another's", to="dev@example.com"))

    assert mailbox.last_to("qa@example.com").body == "second"
    assert mailbox.last_to("nobody@example.com") is None


def test_a_mails_text_is_not_in_its_repr():
    assert "Your code" not in repr(mail("Your code is 987654"))


def test_a_mail_for_programs_holds_json_values():
    document = mail(message_id="m", sms_id="s").as_document()

    assert document["from"] == "AWS Notifications <no-reply@sns.amazonaws.com>"
    assert document["sent_at"] == "2026-11-24T12:00:00+00:00"
    assert (document["to"], document["message_id"], document["sms_id"]) == ("qa@example.com", "m", "s")
