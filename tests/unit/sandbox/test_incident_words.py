"""A function's own words are shown, but the code that they may repeat is not."""

import json
from types import SimpleNamespace

from sms_documents import document
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.feed import Feed
from sms_redirect.sandbox.incidents import Incidents

MESSAGE = SimpleNamespace(
    secret="493027",
    flow="SignUp",
    trigger_source="CustomSMSSender_SignUp",
    client_id="client",
    pool=SimpleNamespace(id="us-east-1_A"),
    user=SimpleNamespace(name="alice", phone_number="+12065550100"),
    destination=SimpleNamespace(medium="SMS", address="+12065550100"),
)


class Listened:
    """A mailroom that hands its listener out."""

    def on_publish(self, listener):
        self.listener = listener


def test_an_sms_that_was_published_is_no_failure_even_if_its_sender_never_heard_so():
    incidents, store, mailroom = Incidents(), SmsStore(), Listened()
    Feed(store, mailroom, incidents)
    mailroom.listener("arn:aws:sns:us-east-1:123456789012:topic", json.dumps(document(7)))

    Trouble(incidents).not_redirected(MESSAGE, "SNS did not respond", document(7)["id"], "aws logs tail sender")
    Trouble(incidents).not_redirected(MESSAGE, "SNS did not respond", document(8)["id"], "aws logs tail sender")

    shown = {entry.message.id: entry.message.failure for entry in store.find()}
    assert shown[document(7)["id"]] is None
    assert shown[document(8)["id"]].reason.endswith("SNS did not respond")
    assert len(incidents.all()) == 2


def test_the_words_of_a_failing_sender_do_not_repeat_the_code(caplog):
    incidents = Incidents()
    Trouble(incidents).not_redirected(
        MESSAGE, "the sender failed 3 times: ValueError: what is 493027?", None, "aws logs tail sender"
    )

    (incident,) = incidents.all()
    assert "ValueError: what is ***?" in incident.reason
    assert "493027" not in caplog.text
