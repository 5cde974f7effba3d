"""SmsInbox: what it promises to a test, and what it says to bad input."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial

import boto3
import pytest

import sms_redirect
from sms_documents import failed, sms
from sms_publisher import publish
from sms_redirect import (
    BadInput,
    CannotReachAws,
    InboxClosed,
    NoSuchStack,
    NoSuchTopic,
    NotAllowed,
    NotAuthenticated,
    QueueGone,
    Sms,
    SmsFailed,
    SmsInbox,
    SmsInboxError,
    SmsTimeout,
    TopicElsewhere,
)
from sms_redirect.testkit import arrivals

ANN = "+12065550100"


@pytest.fixture
def inbox(session, topic_arn):
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        yield inbox


@pytest.fixture
def arrive(inbox):
    """Lets an SMS arrive as the receiver does."""
    return inbox._arrivals.add


@pytest.fixture
def waiting(inbox):
    """Returns once that many waits are under way."""

    def waiting(number):
        while len(inbox._arrivals._waits) < number:
            assert threading.active_count()

    return waiting


# ---- waiting ----


def test_what_is_published_arrives(inbox, sns, topic_arn):
    made = publish(sns, topic_arn, 1)

    found = inbox.wait_for(phone_number=made["phone_number"], flow="SignUp", user_name="alice")

    assert isinstance(found, Sms)
    assert (found.code, found.text, found.raw) == (made["code"], made["text"], made)


def test_a_filtered_inbox_holds_only_matching_messages(session, sns, topic_arn):
    with SmsInbox(topic_arn=topic_arn, session=session, phone_number=ANN) as inbox:
        publish(sns, topic_arn, 1, phone_number=None)  # SNS lets it through
        publish(sns, topic_arn, 2, phone_number="+12065550199")
        made = publish(sns, topic_arn, 3, phone_number=ANN)
        inbox.wait_for(phone_number=ANN)

        assert [each.id for each in inbox.messages()] == [made["id"]]


@pytest.mark.parametrize("flow", ["Notice", "Probe"])
def test_what_is_not_an_sms_is_never_taken_for_one(inbox, sns, topic_arn, flow):
    publish(sns, topic_arn, 1, flow=flow, phone_number=None if flow == "Notice" else ANN)
    publish(sns, topic_arn, 2, flow=flow, failure={"reason": "none", "hint": "none"})
    made = publish(sns, topic_arn, 3)

    assert inbox.wait_for().id == made["id"]
    assert [each.id for each in inbox.messages()] == [made["id"]]


def test_messages_for_others_are_kept(inbox, arrive):
    arrive(sms(1, phone_number="+12065550199"))
    arrive(sms(2, phone_number=ANN))

    assert inbox.wait_for(phone_number=ANN).id == sms(2).id
    assert inbox.wait_for(phone_number="+12065550199").id == sms(1).id


def test_messages_lists_every_arrival_in_order(inbox, arrive):
    for number in (1, 2, 3):
        arrive(sms(number, phone_number=ANN, flow="ResendCode" if number == 3 else "SignUp"))
    inbox.wait_for()

    assert [each.id for each in inbox.messages()] == [sms(number).id for number in (1, 2, 3)]
    assert [each.id for each in inbox.messages(phone_number=ANN, flow="ResendCode")] == [sms(3).id]
    assert inbox.messages(user_name="bob") == []


def test_clear_forgets_what_arrived(inbox, arrive):
    arrive(sms(1))

    inbox.clear()

    assert inbox.messages() == []
    with pytest.raises(SmsTimeout):
        inbox.wait_for(timeout=0)


def test_a_failure_carries_reason_hint_and_message(inbox, arrive):
    arrive(failed(1))

    with pytest.raises(SmsFailed, match="another KMS key encrypted it") as caught:
        inbox.wait_for()

    assert caught.value.hint == "Deploy the stack with KmsKeyArn set to the pool's key."
    assert caught.value.sms == failed(1)


def test_a_timeout_of_zero_returns_what_has_arrived_without_waiting(inbox, arrive):
    with pytest.raises(SmsTimeout, match="timeout of 0 does not wait"):
        inbox.wait_for(timeout=0)
    arrive(sms(1))

    assert inbox.wait_for(timeout=0) == sms(1)


def test_a_timeout_lists_messages_that_no_wait_returned(inbox, arrive):
    arrive(sms(1, phone_number="+12065550177"))
    inbox.wait_for()
    arrive(sms(2, phone_number="+12065550188"))

    with pytest.raises(SmsTimeout) as caught:
        inbox.wait_for(phone_number=ANN, timeout=0)

    assert [each.phone_number for each in caught.value.arrived] == ["+12065550188"]
    assert "SignUp SMS to +12065550188, user alice, code ******" in str(caught.value)


def test_ctrl_c_during_a_wait_loses_no_message(inbox, arrive, monkeypatch):
    class Interrupted(Future):
        def result(self, timeout=None):
            if timeout is not None:  # the wait itself
                arrive(sms(1))
                raise KeyboardInterrupt
            return super().result()

    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "Wait", partial(arrivals.Wait, result=Interrupted()))
        with pytest.raises(KeyboardInterrupt):
            inbox.wait_for()

    assert inbox.wait_for(timeout=0) == sms(1)


def test_a_timeout_reports_a_deleted_queue(inbox, sqs):
    sqs.delete_queue(QueueUrl=inbox._queue.url)

    with pytest.raises(QueueGone):
        inbox.wait_for(timeout=0.01)


# ---- asyncio ----


def test_a_task_waits_without_blocking_the_loop(inbox, arrive, waiting):
    async def main():
        task = asyncio.create_task(inbox.wait_for_async(phone_number=ANN))
        await asyncio.sleep(0)
        arrive(sms(1, phone_number=ANN))
        return await task

    assert asyncio.run(main()).id == sms(1).id


def test_a_message_from_another_thread_wakes_a_task(inbox, arrive, waiting):
    def feed():
        waiting(1)
        arrive(sms(1))

    thread = threading.Thread(target=feed)
    thread.start()

    assert asyncio.run(inbox.wait_for_async()) == sms(1)
    thread.join()


def test_a_task_times_out_with_the_same_error(inbox):
    for timeout in (0, 0.01):
        with pytest.raises(SmsTimeout, match=r"No SignUp SMS to \+12065550100"):
            asyncio.run(inbox.wait_for_async(phone_number=ANN, flow="SignUp", timeout=timeout))


def test_a_task_gets_what_has_arrived_at_once(inbox, arrive):
    arrive(sms(1))

    assert asyncio.run(inbox.wait_for_async(timeout=0)) == sms(1)


def test_a_cancelled_task_consumes_no_message(inbox, arrive):
    async def main():
        task = asyncio.create_task(inbox.wait_for_async())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        arrive(sms(1))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert asyncio.run(main())
    assert inbox.wait_for(timeout=0) == sms(1)


def test_a_waiting_task_gets_failures_and_the_end(inbox, arrive):
    arrive(failed(1))
    with pytest.raises(SmsFailed):
        asyncio.run(inbox.wait_for_async())

    inbox._arrivals.end(QueueGone("deleted"))
    with pytest.raises(QueueGone):
        asyncio.run(inbox.wait_for_async())


# ---- opening and closing ----


def test_waiting_outside_the_with_statement_is_an_error(session, topic_arn):
    inbox = SmsInbox(topic_arn=topic_arn, session=session)
    with pytest.raises(InboxClosed, match="`with` statement"):
        inbox.wait_for()
    with inbox:
        pass

    with pytest.raises(InboxClosed):
        inbox.wait_for()


def test_messages_can_be_read_after_the_inbox_is_closed(session, topic_arn, left):
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        inbox._arrivals.add(sms(1))

    assert inbox.messages() == [sms(1)]
    assert left() == []


def test_an_inbox_opens_once(inbox):
    with pytest.raises(InboxClosed, match="create a new SmsInbox"):
        inbox.__enter__()


def test_closing_the_inbox_ends_waits(session, topic_arn):
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        caught = []

        def wait():
            try:
                inbox.wait_for()
            except SmsInboxError as error:
                caught.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        while not inbox._arrivals._waits:
            pass
    thread.join()

    assert [type(each) for each in caught] == [InboxClosed]


def test_the_topic_is_found_by_the_stacks_name(session, topic_arn, sns):
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"TopicArn": {"Value": topic_arn}}}
    session.client("cloudformation").create_stack(StackName="qa", TemplateBody=json.dumps(template))

    with SmsInbox(stack_name="qa", session=session) as inbox:
        publish(sns, topic_arn, 1)

        assert inbox.wait_for()


# ---- bad input ----


@pytest.mark.parametrize("names", [{}, {"stack_name": "a", "topic_arn": "b"}, {"stack_name": ""}])
def test_either_stack_or_topic_is_required(session, names):
    with pytest.raises(BadInput, match="either stack_name or topic_arn"):
        SmsInbox(session=session, **names)


def test_a_stack_that_does_not_exist(session):
    with pytest.raises(NoSuchStack, match=r"no stack 'qa' in us-east-1.*region.*profile"):
        SmsInbox(stack_name="qa", session=session).__enter__()


def test_a_stack_that_is_not_sms_redirects(session):
    template = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    session.client("cloudformation").create_stack(StackName="shop", TemplateBody=template)

    with pytest.raises(NoSuchStack, match="'shop' has no output TopicArn"):
        SmsInbox(stack_name="shop", session=session).__enter__()


def test_a_topic_that_does_not_exist(session):
    with pytest.raises(NoSuchTopic):
        SmsInbox(topic_arn="arn:aws:sns:us-east-1:123456789012:gone", session=session).__enter__()


def test_a_topic_in_another_region(session):
    with pytest.raises(TopicElsewhere, match="eu-west-1"):
        SmsInbox(topic_arn="arn:aws:sns:eu-west-1:123456789012:sms", session=session)


def test_the_policy_includes_a_stack_that_may_not_be_read(session, denied):
    session.events.register("before-call.cloudformation.DescribeStacks", _raise(denied("DescribeStacks")))

    with pytest.raises(NotAllowed, match="cloudformation:DescribeStacks") as caught:
        SmsInbox(stack_name="qa", session=session).__enter__()

    assert caught.value.policy["Statement"][-1]["Resource"].endswith(":stack/qa/*")


def _raise(error):
    def fail(**_):
        raise error

    return fail


def test_no_credentials(monkeypatch, session):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")

    with pytest.raises(NotAuthenticated, match="no AWS credentials"):
        SmsInbox(stack_name="qa", session=boto3.Session(region_name="us-east-1")).__enter__()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException"])
def test_invalid_credentials(session, denied, code):
    session.events.register("before-call.cloudformation.DescribeStacks", _raise(denied("DescribeStacks", code)))

    with pytest.raises(NotAuthenticated, match=f"not valid .{code}.*Log in again"):
        SmsInbox(stack_name="qa", session=session).__enter__()


def test_an_inbox_whose_thread_cannot_start_leaves_nothing(session, topic_arn, left, monkeypatch):
    def start(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)

    with pytest.raises(RuntimeError):
        SmsInbox(topic_arn=topic_arn, session=session).__enter__()

    assert left() == []


def test_no_region(monkeypatch, session):
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(CannotReachAws, match="no AWS region is set"):
        SmsInbox(stack_name="qa", session=boto3.Session()).__enter__()


def test_no_such_profile(monkeypatch, session):
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(CannotReachAws, match=r"nobody.*list-profiles"):
        SmsInbox(stack_name="qa")


@pytest.mark.parametrize("timeout", [-1, math.nan, math.inf, "30", None])
def test_a_timeout_must_be_a_number_of_seconds(inbox, timeout):
    with pytest.raises(BadInput, match="timeout must be a number of seconds"):
        inbox.wait_for(timeout=timeout)


@pytest.mark.parametrize("since", [datetime(2026, 3, 1), "2026-03-01", 5])  # noqa: DTZ001 - the case under test
def test_since_must_be_an_aware_time(inbox, since):
    for call in (inbox.wait_for, inbox.messages):
        with pytest.raises(BadInput, match="aware datetime"):
            call(since=since)


@pytest.mark.parametrize("call", ["wait_for", "messages"])
def test_a_number_that_is_not_e164(inbox, call):
    with pytest.raises(BadInput, match=r"E\.164"):
        getattr(inbox, call)(phone_number="206 555 0100")


def test_a_filter_with_a_bad_number_is_refused_before_anything_is_created(session, topic_arn, left):
    with pytest.raises(BadInput, match=r"E\.164"):
        SmsInbox(topic_arn=topic_arn, session=session, phone_number="2065550100")

    assert left() == []


# ---- the package ----


def test_every_name_is_there():
    assert all(getattr(sms_redirect, name).__name__ == name for name in sms_redirect.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Smsinbox'"):
        _ = sms_redirect.Smsinbox


def test_importing_the_package_is_cheap_and_using_it_needs_only_boto3():
    program = """
import sys, sms_redirect
assert "boto3" not in sys.modules
sms_redirect.SmsInbox
heavy = {"starlette", "jinja2", "uvicorn", "phonenumbers", "rich", "ministack", "click", "pytest"}
assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
"""

    subprocess.run([sys.executable, "-c", program], check=True)


def test_times_of_receipt_are_by_this_machines_clock(inbox, arrive):
    before = datetime.now(UTC)
    arrive(sms(1))

    assert inbox.messages(since=before) == [sms(1)]
    assert inbox.messages(since=datetime.now(UTC)) == []
