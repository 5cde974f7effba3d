"""A function's own words are shown, but the code that they may repeat is not."""

from types import SimpleNamespace

from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.incidents import Incidents


def test_the_words_of_a_failing_sender_do_not_repeat_the_code(caplog):
    incidents = Incidents()
    message = SimpleNamespace(
        secret="493027",
        flow="SignUp",
        client_id="client",
        pool=SimpleNamespace(id="us-east-1_A"),
        user=SimpleNamespace(name="alice", phone_number="+12065550100"),
        destination=SimpleNamespace(medium="SMS", address="+12065550100"),
    )

    Trouble(incidents).not_redirected(message, "the sender failed 3 times: ValueError: what is 493027?")

    (incident,) = incidents.all()
    assert "ValueError: what is ***?" in incident.reason
    assert "493027" not in caplog.text
