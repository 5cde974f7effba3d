"""What has arrived, in words, without codes."""

from __future__ import annotations

from sms_documents import failed, sms
from sms_redirect.testkit.arrivals import Arrivals
from sms_redirect.testkit.filter import Filter
from sms_redirect.testkit.report import line, lines, timed_out


def entries(*messages):
    arrivals = Arrivals()
    for each in messages:
        arrivals.add(each)
    return arrivals.kept()


def test_a_line_names_flow_and_recipient_without_the_code():
    assert line(sms(1)) == "00:00:01Z SignUp SMS to +12065551212, user alice, code ******"


def test_a_line_says_what_is_unknown():
    assert line(sms(1, phone_number=None, user_name=None, code=None)) == (
        "00:00:01Z SignUp SMS to an unknown number, user unknown, no code"
    )


def test_a_line_says_why_an_sms_failed():
    assert line(failed(1)).endswith(
        "FAILED: The code could not be decrypted: another KMS key encrypted it. "
        "Deploy the stack with KmsKeyArn set to the pool's key."
    )


def test_only_the_latest_of_many_messages_are_listed():
    told = lines([sms(number) for number in range(1, 26)])

    assert told[0] == "... 5 earlier ones"
    assert told[1:] == [line(sms(number)) for number in range(6, 26)]


def test_a_timeout_says_what_was_expected_what_arrived_and_what_to_check():
    error = timed_out(Filter("+12065550100", flow="SignUp"), 30, entries(sms(1)), foreign=2, trouble="no route to SQS")

    text = str(error)
    assert text.startswith(
        "No SignUp SMS to +12065550100 arrived within 30 s.\nWhat arrived instead:\n  00:00:01Z SignUp"
    )
    assert "2 message(s) that sms-redirect did not send" in text
    assert "no route to SQS" in text
    assert text.count("\n- ") == 4
    assert "000001" not in text
    assert error.arrived == (sms(1),)


def test_a_timeout_of_zero_says_that_it_does_not_wait():
    text = str(timed_out(Filter(), 0, [], foreign=0, trouble=None))

    assert text.startswith("No SMS has arrived, and a timeout of 0 does not wait for one.\nNothing else arrived.")


def test_a_timeout_is_a_timeout_error():
    assert isinstance(timed_out(Filter(), 1, [], foreign=0, trouble=None), TimeoutError)
