"""Sweeps remove what killed runs left, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from sms_redirect.errors import NotAllowed
from sms_redirect.topic import owner
from sms_redirect.topic.queue import ALIVE_TAG, OWNER_TAG, TemporaryQueue
from sms_redirect.topic.sweep import sweep


@pytest.fixture
def queue(aws, topic_arn):
    queue = TemporaryQueue(aws, topic_arn)
    queue.open()
    return queue


@pytest.fixture
def dead_pid():
    """The number of a process that has ended."""
    return int(subprocess.check_output([sys.executable, "-c", "import os; print(os.getpid())"]))


@pytest.fixture
def tag(sqs, queue):
    def tag(**tags):
        sqs.tag_queue(QueueUrl=queue.url, Tags=tags)

    return tag


def ago(**spans):
    return (datetime.now(UTC) - timedelta(**spans)).isoformat()


def elsewhere():
    return "another-machine/1"


def test_a_queue_in_use_stays(aws, queue, left):
    swept = sweep(aws)

    assert (swept.queues, swept.subscriptions, len(left())) == ((), (), 2)


def test_a_queue_is_removed_at_once_if_its_process_on_this_machine_has_ended(aws, queue, tag, left, dead_pid):
    tag(**{OWNER_TAG: owner.this_process().replace(f"/{os.getpid()}", f"/{dead_pid}")})

    swept = sweep(aws)

    assert swept.queues == (queue.name,)
    assert len(swept.subscriptions) == 1
    assert left() == []


def test_a_recently_used_queue_of_another_machine_stays(aws, queue, tag, left, dead_pid):
    tag(**{OWNER_TAG: f"another-machine/{dead_pid}"})

    sweep(aws)

    assert len(left()) == 2


@pytest.mark.parametrize(("minutes", "stays"), [(14, 2), (16, 0)])
def test_an_unused_queue_of_another_machine_is_removed(aws, queue, tag, left, minutes, stays):
    tag(**{OWNER_TAG: elsewhere(), ALIVE_TAG: ago(minutes=minutes)})

    sweep(aws)

    assert len(left()) == stays


def test_a_renewed_tag_keeps_an_old_queue(aws, queue, tag, left):
    tag(**{OWNER_TAG: elsewhere(), ALIVE_TAG: ago(days=1)})
    queue.show_alive()

    sweep(aws)

    assert len(left()) == 2


def test_a_queue_without_the_tag_of_last_use_is_removed(aws, queue, sqs, left):
    sqs.untag_queue(QueueUrl=queue.url, TagKeys=[ALIVE_TAG, OWNER_TAG])

    sweep(aws)

    assert left() == []


def test_age_zero_removes_every_queue(aws, queue, left):
    sweep(aws, timedelta(0))

    assert left() == []


def test_a_queue_of_that_name_without_our_tags_is_not_ours(aws, sqs, left):
    sqs.create_queue(QueueName="sms-redirect-inbox-of-somebody")

    sweep(aws, timedelta(0))

    assert len(left()) == 1


def test_other_queues_and_subscriptions_stay(aws, sns, sqs, topic_arn, left):
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
    sns.subscribe(TopicArn=topic_arn, Protocol="email", Endpoint="qa@example.com")

    sweep(aws, timedelta(0))

    assert len(left()) == 3


def test_a_subscription_without_its_queue_is_removed(aws, queue, sqs, left):
    sqs.delete_queue(QueueUrl=queue.url)

    swept = sweep(aws)

    assert (swept.queues, len(swept.subscriptions), left()) == ((), 1, [])


def test_a_sweep_of_one_topic_spares_other_topics(aws, sns, topic_arn, left):
    other = sns.create_topic(Name="other")["TopicArn"]
    for arn in (topic_arn, other):
        TemporaryQueue(aws, arn).open()

    sweep(aws, timedelta(0), topic_arn)

    assert [each["TopicArn"] for each in sns.list_subscriptions()["Subscriptions"]] == [other]
    assert len(left()) == 2


def test_a_sweep_reads_every_page(aws, topic_arn, left):
    for _ in range(120):  # more than one page
        TemporaryQueue(aws, topic_arn).open()

    swept = sweep(aws, timedelta(0))

    assert (len(swept.queues), len(swept.subscriptions), left()) == (120, 120, [])


@pytest.mark.parametrize("operation", ["sqs.ListQueues", "sqs.DeleteQueue", "sns.ListSubscriptions", "sns.Unsubscribe"])
def test_a_missing_permission_is_shown_as_a_policy_to_paste(aws, queue, faults, denied, operation):
    faults.before(operation, denied(operation))

    with pytest.raises(NotAllowed, match=operation.replace(".", ":")):
        sweep(aws, timedelta(0))


@pytest.mark.parametrize("operation", ["sqs.DeleteQueue", "sqs.ListQueueTags", "sns.Unsubscribe"])
def test_a_concurrent_sweep_is_not_an_error(aws, queue, faults, denied, operation):
    code = "NotFound" if operation.startswith("sns") else "AWS.SimpleQueueService.NonExistentQueue"
    faults.before(operation, denied(operation, code))

    sweep(aws, timedelta(0))


# ---- owners ----


def test_this_process_has_not_ended():
    assert not owner.has_ended(owner.this_process())


def test_a_process_of_this_machine_that_ended_has_ended(dead_pid):
    assert owner.has_ended(f"{owner.this_process().partition('/')[0]}/{dead_pid}")


@pytest.mark.parametrize(
    "text",
    ["", "x", "x/1", "/", f"{owner.this_process()}x", f"{owner.this_process()[:16]}/"],
    ids=["empty", "no slash", "another machine", "only a slash", "no process number", "no process"],
)
def test_nothing_is_known_about_processes_of_other_machines(text):
    assert not owner.has_ended(text)


def test_without_proc_the_host_identifies_the_machine(monkeypatch, dead_pid):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(owner.Path, "read_text", missing)

    machine = owner.this_process().partition("/")[0]
    assert machine
    assert owner.has_ended(f"{machine}/{dead_pid}")
