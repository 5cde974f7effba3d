"""What SNS takes for an email address, a subject, and texts per protocol."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_redirect.sandbox.email import rules
from sms_redirect.sandbox.email.rules import SnsError

TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"


@settings(deadline=None)
@given(st.emails())
def test_every_usual_address_is_one(address):
    rules.check_endpoint(TOPIC, "email", address)


@settings(deadline=None)
@given(st.text(max_size=20), st.sampled_from('\r\n\0 ,;<>"@:()[]\\\u2028'), st.text(max_size=20))
def test_nothing_that_could_name_two_recipients_or_start_a_header_is_an_address(before, separator, after):
    with pytest.raises(SnsError, match="Invalid parameter: Email address"):
        rules.check_endpoint(TOPIC, "email", f"a{before}{separator}{after}@example.com")


@pytest.mark.parametrize("message", ["{", "[" * 100_000])
def test_texts_per_protocol_are_json(message):
    with pytest.raises(SnsError, match="failed to parse"):
        rules.check_publish({"Message": message, "MessageStructure": "json"})


def test_a_subject_of_99_characters_is_the_longest():
    rules.check_publish({"Subject": "x" * 99, "Message": "text"})

    with pytest.raises(SnsError, match="Invalid parameter: Subject"):
        rules.check_publish({"Subject": "x" * 100, "Message": "text"})


@pytest.mark.parametrize("letter", ["\n", "\r", "\t", "\0", "\x7f", "\x85", "\u2028", "\u2029"])
def test_a_subject_is_one_line_without_control_characters(letter):
    with pytest.raises(SnsError, match="Invalid parameter: Subject"):
        rules.check_publish({"Subject": f"a{letter}b", "Message": "text"})


@pytest.mark.parametrize("message", ["[]", '"text"', "{}", '{"default": 1}', '{"default": null}'])
def test_texts_per_protocol_need_a_default_one(message):
    with pytest.raises(SnsError, match="No default entry in JSON message body"):
        rules.check_publish({"Message": message, "MessageStructure": "json"})


def test_a_plain_message_may_be_anything():
    rules.check_publish({"Message": json.dumps({"email": "text"})})
    rules.check_publish({"Message": "{"})


@pytest.mark.parametrize(("arn", "elements"), [("", 1), ("PendingConfirmation", 1), ("arn:aws:sns", 3)])
def test_what_is_no_arn_is_refused_with_the_number_of_its_elements(arn, elements):
    with pytest.raises(SnsError, match=f"must have at least 6 elements, not {elements}"):
        rules.check_subscription_arn(arn)
