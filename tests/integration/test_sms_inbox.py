"""SmsInbox over the deployed stack."""

import asyncio
import concurrent.futures
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta

import pytest

from sms_publisher import publish
from sms_redirect import NewerSchema, QueueGone, SmsFailed, SmsInbox, SmsTimeout
from sms_redirect.topic.permissions import QUEUE_PREFIX

FAILURE = {"reason": "The code could not be decrypted.", "hint": "Use the pool's own key."}


@pytest.fixture
def topic_arn(stack):
    return stack["TopicArn"]


@pytest.fixture
def inbox(session, topic_arn):
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        yield inbox


@pytest.fixture
def sns(session):
    return session.client("sns")


@pytest.fixture(autouse=True)  # looks before the test's own inbox opens
def left(session, topic_arn):
    """What the inboxes of this test have in the account just now; other tests may keep theirs open."""
    sqs, sns = session.client("sqs"), session.client("sns")

    def present():
        queues = sqs.list_queues(QueueNamePrefix=QUEUE_PREFIX).get("QueueUrls", [])
        subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
        return queues + [each["Endpoint"] for each in subscriptions if each["Protocol"] == "sqs"]

    before = present()
    return lambda: [each for each in present() if each not in before]


@pytest.fixture
def unique(request):
    """Document numbers of this test's own, so that no document is the duplicate of another test's."""
    start = abs(hash(request.node.nodeid)) % 10**9
    return lambda number: start + number


def test_the_code_of_a_sign_up_can_be_awaited(session, stack, sign_up, user, cognito, phone_number):
    with SmsInbox(stack_name="sms-redirect", session=session) as inbox:
        sign_up()
        code = inbox.wait_for(phone_number=phone_number, flow="SignUp").code

    cognito.confirm_sign_up(**user, ConfirmationCode=code)


def test_consecutive_waits_return_consecutive_sms(inbox, sign_up, user, cognito, phone_number):
    sign_up()
    first = inbox.wait_for(phone_number=phone_number)
    cognito.resend_confirmation_code(**user)

    second = inbox.wait_for(phone_number=phone_number)

    assert (first.flow, second.flow) == ("SignUp", "ResendCode")
    assert [each.id for each in inbox.messages(phone_number=phone_number)] == [first.id, second.id]


def test_fifty_concurrent_waits_each_get_their_own_message(inbox, sns, topic_arn, unique):
    numbers = [f"+1206556{number:04d}" for number in range(50)]

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        waits = {number: pool.submit(inbox.wait_for, phone_number=number) for number in numbers}
        for index, number in enumerate(reversed(numbers)):
            publish(sns, topic_arn, unique(index), phone_number=number)
        found = {number: wait.result() for number, wait in waits.items()}

    assert all(sms.phone_number == number for number, sms in found.items())


async def _gather(inbox, numbers):
    return await asyncio.gather(*(inbox.wait_for_async(phone_number=number) for number in numbers))


def test_tasks_and_threads_may_wait_together(inbox, sns, topic_arn, unique):
    numbers = [f"+1206557{number:04d}" for number in range(10)]

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        tasks = pool.submit(asyncio.run, _gather(inbox, numbers[:5]))
        thread = pool.submit(inbox.wait_for, phone_number=numbers[9])
        for index, number in enumerate(numbers):
            publish(sns, topic_arn, unique(index), phone_number=number)

        assert [sms.phone_number for sms in tasks.result()] == numbers[:5]
        assert thread.result().phone_number == numbers[9]


def test_a_duplicate_is_dropped(inbox, sns, topic_arn, unique):
    publish(sns, topic_arn, unique(1), user_name="dora")
    publish(sns, topic_arn, unique(1), user_name="dora")
    publish(sns, topic_arn, unique(2), user_name="dora")

    first, second = inbox.wait_for(user_name="dora"), inbox.wait_for(user_name="dora")

    assert first.id != second.id


def test_a_failure_ends_the_wait_with_its_reason_and_hint(inbox, sns, topic_arn, unique):
    publish(sns, topic_arn, unique(1), user_name="fay", code=None, text=None, failure=FAILURE)

    with pytest.raises(SmsFailed, match=r"could not be decrypted.*own key") as caught:
        inbox.wait_for(user_name="fay")

    assert (caught.value.reason, caught.value.hint) == (FAILURE["reason"], FAILURE["hint"])


def test_a_timeout_lists_what_arrived_instead_without_codes(inbox, sns, topic_arn, unique):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        wait = pool.submit(inbox.wait_for, phone_number="+12065559999", timeout=3)
        made = publish(sns, topic_arn, unique(1), phone_number="+12065550199")

        with pytest.raises(SmsTimeout, match=r"No SMS to \+12065559999 arrived within 3 s") as caught:
            wait.result()

    assert "+12065550199, user alice, code ***" in str(caught.value)
    assert made["code"] not in str(caught.value)
    assert [sms.phone_number for sms in caught.value.arrived] == ["+12065550199"]


def test_foreign_messages_are_ignored_and_counted(inbox, sns, topic_arn, unique):
    sns.publish(TopicArn=topic_arn, Message="hello")
    publish(sns, topic_arn, unique(1), user_name="fred")

    assert inbox.wait_for(user_name="fred")
    assert inbox.foreign_messages == 1


def test_a_newer_schema_is_read_with_a_warning(inbox, sns, topic_arn, unique):
    publish(sns, topic_arn, unique(1), user_name="nora", schema="sms-redirect/2", colour="green")

    with pytest.warns(NewerSchema):
        sms = inbox.wait_for(user_name="nora")

    assert sms.raw["colour"] == "green"


def test_a_filter_keeps_other_messages_out(session, sns, topic_arn, unique):
    with SmsInbox(topic_arn=topic_arn, session=session, phone_prefix="+1312", flow="SignUp", user_name="phil") as inbox:
        publish(sns, topic_arn, unique(1), phone_number="+12065550100", user_name="phil")
        publish(sns, topic_arn, unique(2), phone_number="+13125550100", user_name="phil", flow="ResendCode")
        publish(sns, topic_arn, unique(3), phone_number="+13125550100", user_name="other")
        publish(sns, topic_arn, unique(4), phone_number="+13125550100", user_name="phil")
        inbox.wait_for(user_name="phil")

        assert len(inbox.messages()) == 1


def test_a_failure_without_a_recipient_passes_every_filter(session, sns, topic_arn, unique):
    with SmsInbox(topic_arn=topic_arn, session=session, phone_number="+13125550100") as inbox:
        publish(sns, topic_arn, unique(1), phone_number=None, user_name=None, failure=FAILURE)

        with pytest.raises(SmsFailed):
            inbox.wait_for(phone_number="+13125550100")


def test_since_excludes_earlier_messages(inbox, sns, topic_arn, unique):
    publish(sns, topic_arn, unique(1), user_name="sid")
    inbox.wait_for(user_name="sid")
    since = datetime.now(UTC)
    made = publish(sns, topic_arn, unique(2), user_name="sid")

    assert inbox.wait_for(user_name="sid", since=since).id == made["id"]
    assert [sms.id for sms in inbox.messages(since=since)] == [made["id"]]


def test_the_queue_is_encrypted_tagged_and_accepts_only_its_topic(inbox, session, topic_arn):
    sqs = session.client("sqs")
    url = inbox._queue.url

    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert attributes["SqsManagedSseEnabled"] == "true"
    assert f'"aws:SourceArn": "{topic_arn}"' in attributes["Policy"]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"]["sms-redirect:topic"] == topic_arn


def test_nothing_is_left_behind(session, topic_arn, left):
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        assert len(left()) == 2

    assert left() == []
    assert not [thread for thread in threading.enumerate() if inbox._queue.name in thread.name]


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_run_leaves_nothing_behind(session, topic_arn, left, problem):
    with pytest.raises(problem), SmsInbox(topic_arn=topic_arn, session=session):
        raise problem

    assert left() == []


def test_a_queue_deleted_during_a_wait_is_reported(inbox, session, left):
    session.client("sqs").delete_queue(QueueUrl=inbox._queue.url)

    with pytest.raises(QueueGone, match=f"{inbox._queue.name} was deleted while it was in use"):
        inbox.wait_for(timeout=1)


KILLED = """
import os, signal
from sms_redirect import SmsInbox
SmsInbox("sms-redirect").__enter__()
print(flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed(stack, left):
    """A run that left its queue and its subscription behind."""
    subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED)], check=False)
    assert len(left()) == 2


def test_a_sweep_removes_what_a_killed_run_on_this_machine_left_behind(killed, session, left):
    swept = SmsInbox.sweep(session=session)

    assert (len(swept.queues), len(swept.subscriptions), left()) == (1, 1, [])


def test_a_sweep_spares_a_queue_that_is_in_use(inbox, session, left):
    SmsInbox.sweep(session=session)

    assert len(left()) == 2


def test_a_sweep_removes_by_age(session, topic_arn, left):
    with SmsInbox(topic_arn=topic_arn, session=session):
        SmsInbox.sweep(timedelta(0), session=session)

        assert left() == []


def test_a_sweep_removes_a_subscription_whose_queue_is_gone(inbox, session, left):
    session.client("sqs").delete_queue(QueueUrl=inbox._queue.url)

    swept = SmsInbox.sweep(session=session)

    assert (len(swept.queues), len(swept.subscriptions), left()) == (0, 1, [])


def test_a_timeout_names_the_most_likely_cause(session, stack, sign_up, user):
    sign_up()

    with SmsInbox(stack_name="sms-redirect", session=session) as inbox:  # noqa: SIM117
        with pytest.raises(SmsTimeout, match="Most likely cause: The user's phone number is not verified"):
            inbox.wait_for(user_name=user["Username"], flow="ForgotPassword", timeout=0.1)
