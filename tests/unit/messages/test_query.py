from __future__ import annotations

import pytest

from sms_documents import failed, sms
from sms_redirect.messages.query import UNKNOWN, Query

MESSAGE = sms(493027, text="Hallo Zoë, 493027 ist Ihr Code", user_name="Alice", user_sub="sub-1", flow="ForgotPassword")


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(phone_number="+12065551212"),
        Query(phone_number="+1 (206) 555-1212"),
        Query(flow="ForgotPassword"),
        Query(flow="forgotpassword"),
        Query(user_name="alice"),
        Query(user_name="sub-1"),
        Query(text="ZOË"),
        Query(text="493027"),
        Query(text="555 12 12"),
        Query(text="forgot"),
        Query(text=f"{493027:032x}"),
        Query(failed=False),
        Query(phone_number="+12065551212", flow="ForgotPassword", user_name="Alice", text="code", failed=False),
    ],
    ids=repr,
)
def test_a_message_meets_each_of_these_queries(query):
    assert query.matches(MESSAGE)


@pytest.mark.parametrize("flow", ["Notice", "Probe"])
def test_a_notice_or_probe_is_no_sms_unless_its_flow_is_named(flow):
    message = sms(1, flow=flow)

    assert not Query(kind="sms").matches(message)
    assert Query().matches(message)
    assert Query(kind="sms", flow=flow).matches(message)


@pytest.mark.parametrize(
    "query",
    [
        Query(phone_number="+12065551213"),
        Query(phone_number="5551212"),
        Query(phone_number=UNKNOWN),
        Query(flow="Forgot"),
        Query(user_name="ali"),
        Query(user_name=UNKNOWN),
        Query(text="bob"),
        Query(text=f"{493027:032x}"[:-1]),
        Query(failed=True),
        Query(phone_number="+12065551212", flow="SignUp"),
    ],
    ids=repr,
)
def test_a_message_that_misses_one_condition_is_not_found(query):
    assert not query.matches(MESSAGE)


def test_messages_without_a_number_or_user_are_found_as_unknown():
    nobody = sms(phone_number=None, user_name=None)

    assert Query(phone_number=UNKNOWN).matches(nobody)
    assert Query(user_name=UNKNOWN).matches(nobody)
    assert not Query(phone_number="+12065551212").matches(nobody)


def test_a_failure_is_found_by_its_reason_and_as_failed():
    assert Query(text="another kms key").matches(failed())
    assert Query(text="KmsKeyArn set").matches(failed())
    assert Query(failed=True).matches(failed())
