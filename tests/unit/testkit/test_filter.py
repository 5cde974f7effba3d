"""Which SMS are wanted."""

from __future__ import annotations

import pytest

from sms_documents import failed, sms
from sms_publisher import publish
from sms_redirect.errors import BadInput
from sms_redirect.testkit.filter import Filter
from sms_redirect.topic.queue import TemporaryQueue

FAILURE = {"reason": "The code could not be decrypted.", "hint": "Use the pool's own key."}
NUMBER = "+12065550100"


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("12065550100", "+12065550100"),
        ("001 206 555 0100", "+12065550100"),
        ("+1 (206) 555-0100", "+12065550100"),
    ],
)
def test_a_number_that_is_not_e164_is_refused_with_what_was_meant(number, meant):
    with pytest.raises(BadInput) as caught:
        Filter(number)

    assert f"Did you mean {meant}?" in str(caught.value)


@pytest.mark.parametrize("number", ["", "+", "abc", "+0123456789", "+1234567890123456", "+1206555010\n"])
def test_text_that_is_not_a_number_is_refused(number):
    with pytest.raises(BadInput, match=r"phone_number must be E\.164, such as \+12065551212"):
        Filter(number)


def test_a_bad_argument_is_a_value_error():
    with pytest.raises(ValueError, match=r"E\.164"):
        Filter("206-555-0100")


@pytest.mark.parametrize("arguments", [{"flow": " "}, {"user_name": ""}, {"phone_prefix": "206"}])
def test_conditions_that_no_message_can_meet_are_refused(arguments):
    with pytest.raises(BadInput, match=f"{next(iter(arguments))} must"):
        Filter(**arguments)


def test_number_and_prefix_exclude_each_other():
    with pytest.raises(BadInput, match="not both"):
        Filter(NUMBER, "+1")


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Filter(), True),
        (Filter("+12065551212"), True),
        (Filter("+12065551213"), False),
        (Filter(phone_prefix="+1206"), True),
        (Filter(phone_prefix="+1312"), False),
        (Filter(flow="SignUp"), True),
        (Filter(flow="ResendCode"), False),
        (Filter(user_name="Alice"), True),
        (Filter(user_name="5f6c1d1e-0000-4000-8000-000000000001"), True),
        (Filter(user_name="bob"), False),
        (Filter("+12065551212", flow="SignUp", user_name="bob"), False),
    ],
)
def test_a_message_meets_every_condition(wanted, matches):
    assert wanted.matches(sms(1)) is matches


def test_an_sms_without_a_number_has_no_prefix():
    assert not Filter(phone_prefix="+1").matches(sms(1, phone_number=None))


def test_a_failure_without_a_recipient_matches_every_filter():
    assert Filter(NUMBER, user_name="bob").matches(failed(1, phone_number=None, user_name=None, user_sub=None))
    assert not Filter(NUMBER).matches(failed(1))
    assert not Filter(flow="ResendCode").matches(failed(1, phone_number=None))


def test_no_conditions_need_no_policy():
    assert Filter().policy() is None


def test_the_policy_names_number_or_prefix_flow_and_user():
    nobody = {"exists": False}
    assert Filter(NUMBER).policy() == {"phone_number": [nobody, NUMBER]}
    assert Filter(phone_prefix="+1206").policy() == {"phone_number": [nobody, {"prefix": "+1206"}]}
    assert Filter(user_name="alice").policy() == {"user_name": [nobody, "alice"]}
    assert Filter(flow="SignUp").policy() == {"flow": ["SignUp"]}
    assert Filter(flow="CustomSMSSender_SignUp").policy() == Filter(flow="SignUp").policy()
    assert Filter(flow="signup").policy() == Filter(flow="SignUp").policy()
    assert Filter(flow="ofTomorrow").policy() == {"flow": ["ofTomorrow"]}


def test_a_filter_says_in_words_what_is_wanted():
    assert str(Filter(NUMBER, flow="SignUp", user_name="alice")) == "SignUp SMS to +12065550100 for user alice"
    assert str(Filter(phone_prefix="+1206")) == "SMS to +1206..."
    assert str(Filter()) == "SMS"


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({}, True),
        ({"phone_number": "+13125550100"}, False),
        ({"user_name": "bob"}, False),
        ({"flow": "ResendCode"}, False),
        ({"phone_number": None, "failure": FAILURE}, True),
        ({"user_name": None, "failure": FAILURE}, True),
        ({"phone_number": None, "user_name": None, "failure": FAILURE}, True),
        ({"phone_number": "+13125550100", "failure": FAILURE}, False),
    ],
)
@pytest.mark.parametrize("recipient", [{"phone_number": "+12065551212"}, {"phone_prefix": "+1206"}])
def test_sns_delivers_what_the_policy_allows(aws, sns, topic_arn, recipient, changes, passes):
    queue = TemporaryQueue(aws, topic_arn, Filter(**recipient, flow="SignUp", user_name="alice").policy())
    queue.open()

    publish(sns, topic_arn, 1, **changes)

    assert bool(queue.receive(0)) is passes
