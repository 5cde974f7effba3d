"""Runs of the watch against a strict Cognito: what is looked at, told, remembered and ended."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from fake_stack import STACK_KEY, Context, FakeStack
from pool_attachment import handler as handler_module
from pool_attachment import watcher
from pool_attachment.attachment import Timing
from pool_attachment.errors import NotServedError
from pool_attachment.watch import Readers, State
from pool_attachment.watch_channel import Channel
from pool_attachment.watcher import Run, Watched
from random_pools import POOL_ARN, POOL_ID
from sms_redirect.messages.sms import Sms
from strict_cognito import REGION, StrictCognito

TOPIC = f"arn:aws:sns:{REGION}:123456789012:redirect-Topic"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
POOL = {"Id": POOL_ID, "Arn": POOL_ARN, "Name": "pool", "LambdaConfig": {}}


@dataclass
class FakeChannel:
    """The topic and the queue. `deaf`: the topic takes nothing."""

    tag: tuple = ("", "")
    forgetful: bool = False
    in_queue: int = 0
    in_trouble: Readers = field(default_factory=Readers)
    deaf: bool = False
    published: list = field(default_factory=list)

    def remembered(self, pool_id):
        return State.read(self.tag[0], pool_id, self.tag[1])

    def remember(self, state):
        if self.forgetful:
            raise ClientError({"Error": {"Code": "AuthorizationError", "Message": "no"}}, "TagResource")
        self.tag = (state.encoded(), state.encoded_others())

    def lost(self):
        return self.in_queue

    def readers(self, expected):
        assert expected == ("qa@example.com",)
        return self.in_trouble

    def publish(self, notice):
        if self.deaf:
            raise ClientError({"Error": {"Code": "KMSDisabled", "Message": "no"}}, "Publish")
        self.published.append(notice)

    def texts(self):
        return [json.loads(json.loads(each.message)["default"])["text"] for each in self.published]


@pytest.fixture
def cognito():
    cognito = StrictCognito()
    cognito.add_key(STACK_KEY)
    cognito.add(POOL)
    return cognito


@pytest.fixture
def stack(cognito):
    stack = FakeStack(cognito)
    assert stack.create()["Status"] == "SUCCESS"
    return stack


@pytest.fixture
def channel():
    return FakeChannel()


def environment(stack, hours=0):
    return {
        **stack.environment(),
        "USER_POOL_ID": POOL_ID,
        "KMS_KEY_ARN": STACK_KEY,
        "TOPIC_ARN": TOPIC,
        "FAILURE_QUEUE_URL": "https://sqs/queue",
        "SUBSCRIBERS": "qa@example.com    ",
        "DETACH_AFTER_HOURS": str(hours),
    }


@pytest.fixture
def look(stack, channel, capsys):
    def look(minutes=0, hours=0):
        clock = stack.time.clock()
        timing = Timing(clock, clock.now() + 400, undo=0)
        watched = Watched.read(environment(stack, hours))
        run = Run(watched, stack.connect(), channel, timing, NOON + timedelta(minutes=minutes))
        return {**run.carry_out(), "metric": json.loads(capsys.readouterr().out.splitlines()[-1])["WatchTroubles"]}

    return look


def take_off(cognito):
    cognito.pools[POOL_ID]["LambdaConfig"] = {}
    cognito.pools[POOL_ID]["UserPoolTags"] = {}


def test_the_metric_has_its_time_in_milliseconds(stack, channel, capsys, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_772_368_200.123_9)
    clock = stack.time.clock()
    run = Run(
        Watched.read(environment(stack)), stack.connect(), channel, Timing(clock, clock.now() + 400, undo=0), NOON
    )

    run.carry_out()

    assert json.loads(capsys.readouterr().out.splitlines()[-1])["_aws"]["Timestamp"] == 1_772_368_200_123


def test_a_redirect_that_is_well_is_no_news(look, channel):
    assert look() == {"well": True, "told": [], "untold": [], "unseen": [], "metric": 0}
    assert channel.published == []


def test_a_pool_that_is_gone_is_told(look, channel, cognito):
    look()
    cognito.pools.clear()

    assert look(15)["told"] == ["redirect"]
    assert channel.texts()[0].startswith(f"User pool {POOL_ID} does not exist any more.")


def test_a_key_that_is_gone_is_told(look, channel, cognito):
    look()
    cognito.keys.clear()

    assert look(15)["told"] == ["key"]
    assert "KMS key is not usable (gone)" in channel.texts()[0]


def test_a_redirect_that_was_taken_off_is_told_once_and_its_return_as_well(look, channel, cognito, stack):
    look()
    take_off(cognito)
    assert look(15)["metric"] == 1
    assert look(30)["metric"] == 1
    stack.create()
    assert look(45)["metric"] == 0

    off, on = channel.texts()
    assert f"SMS of user pool {POOL_ID} reach real phones since" in off
    assert "Well again" in on


def test_a_disabled_key_keeps_the_word_until_the_topic_takes_it(look, channel, cognito):
    look()
    cognito.keys[STACK_KEY]["KeyState"] = "Disabled"
    channel.deaf = True
    assert look(15) == {"well": False, "told": [], "untold": ["key"], "unseen": [], "metric": 1}
    channel.deaf = False
    assert look(30)["told"] == ["key"]
    assert look(45)["told"] == []
    cognito.keys[STACK_KEY]["KeyState"] = "Enabled"
    assert look(60)["told"] == ["key"]
    assert look(75)["well"]


def test_several_troubles_at_once_are_notices_of_their_own(look, channel):
    channel.in_queue, channel.in_trouble = 2, Readers(pending=("qa@example.com",))

    assert look() == {"well": False, "told": ["queue", "readers"], "untold": [], "unseen": [], "metric": 2}
    assert look(15)["told"] == []


def test_what_may_not_be_looked_at_is_said_and_changes_nothing(look, channel, monkeypatch):
    def denied():
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "sqs:GetQueueAttributes"}}, "X")

    channel.in_queue = 2
    look()
    monkeypatch.setattr(channel, "lost", denied)

    found = look(15)

    assert "sqs:GetQueueAttributes" in found["unseen"][0]
    assert found["metric"] == 1
    assert found["told"] == []


def test_a_notice_is_a_message_document_and_no_sms(look, channel):
    channel.in_queue = 1
    look()

    [notice] = channel.published
    texts = json.loads(notice.message)
    document = Sms.from_document(texts["default"])
    assert (document.flow, document.failure, document.code, document.phone_number) == ("Notice", None, None, None)
    assert document.user_pool_id == POOL_ID
    assert notice.attributes["flow"] == "Notice"
    assert document.text in texts["email"]
    assert len(notice.subject) < 100


def test_a_watch_that_cannot_remember_fails_before_it_repeats_itself(look, channel, capsys):
    channel.in_queue, channel.forgetful = 1, True

    with pytest.raises(ClientError, match="TagResource"):
        look()

    assert channel.published == []
    assert json.loads(capsys.readouterr().out)["WatchTroubles"] == 1


def test_the_same_trouble_a_second_time_is_another_message(look, channel, cognito):
    for minutes, state in enumerate(["Disabled", "Enabled", "Disabled", "Enabled"]):
        cognito.keys[STACK_KEY]["KeyState"] = state
        look(minutes)

    assert len({json.loads(json.loads(each.message)["default"])["id"] for each in channel.published}) == 4


def killed(*_):
    raise KeyboardInterrupt


class TestEnd:
    def test_subscribers_know_before_and_after_and_the_pool_is_as_it_was(self, look, channel, cognito):
        assert look(0, hours=8)["told"] == []
        assert look(7 * 60, hours=8)["told"] == ["ending"]
        assert look(8 * 60, hours=8)["told"] == ["ended"]
        assert look(9 * 60, hours=8) == {"well": True, "told": [], "untold": [], "unseen": [], "metric": 0}

        before, after = channel.texts()
        assert "ends at 2026-11-25 20:00 UTC" in before
        assert "ended at 2026-11-25 20:00 UTC" in after
        assert cognito.raw(POOL_ID).get("LambdaConfig", {}) == {}
        assert not [tag for tag in cognito.raw(POOL_ID).get("UserPoolTags", {}) if tag.startswith("sms-redirect:")]

    def test_deleting_the_stack_afterwards_works(self, look, stack, cognito):
        for minutes in (0, 420, 480):
            look(minutes, hours=8)
        ended = cognito.raw(POOL_ID)

        assert stack.delete()["Status"] == "SUCCESS"
        assert cognito.raw(POOL_ID) == ended

    def test_put_back_it_lasts_its_hours_again(self, look, stack, cognito):
        for minutes in (0, 420, 480):
            look(minutes, hours=8)
        stack.create()

        assert look(500, hours=8)["told"] == []
        assert look(500 + 419, hours=8)["told"] == []
        assert look(500 + 420, hours=8)["told"] == ["ending"]

    def test_an_end_that_fails_is_told_and_tried_again(self, look, channel, cognito):
        look(0, hours=8)
        look(420, hours=8)
        cognito.pools[POOL_ID]["FutureSetting"] = 1
        assert look(480, hours=8)["told"] == ["end"]
        assert look(495, hours=8)["told"] == []
        assert "FutureSetting" in channel.texts()[-1]
        del cognito.pools[POOL_ID]["FutureSetting"]
        assert look(510, hours=8)["told"] == ["ended"]

    def test_a_topic_that_takes_nothing_does_not_keep_the_redirect_on(self, look, channel, cognito):
        look(0, hours=8)
        channel.deaf = True
        look(420, hours=8)
        assert look(480, hours=8)["untold"] == ["ending", "ended"]
        channel.deaf = False
        assert look(495, hours=8)["told"] == ["ended"]
        assert "CustomSMSSender" not in cognito.raw(POOL_ID).get("LambdaConfig", {})

    def test_a_run_that_dies_after_the_end_is_made_up_for(self, look, channel, cognito, monkeypatch):
        look(0, hours=8)
        look(420, hours=8)
        with monkeypatch.context() as patch:
            patch.setattr(watcher, "after_end", killed)
            with pytest.raises(KeyboardInterrupt):
                look(480, hours=8)
        assert "CustomSMSSender" not in cognito.raw(POOL_ID).get("LambdaConfig", {})

        assert look(481, hours=8)["told"] == ["ended"]

    def test_other_hours_end_the_trouble_with_the_end(self, look, cognito):
        look(0, hours=8)
        look(420, hours=8)
        cognito.pools[POOL_ID]["FutureSetting"] = 1
        look(480, hours=8)

        assert look(495, hours=24)["well"]


class TestChannel:
    class Sns:
        def get_paginator(self, name):
            assert name == "list_subscriptions_by_topic"
            return self

        def paginate(self, TopicArn):  # noqa: N803 - boto3's word
            def listed(arn, endpoint, protocol="email"):
                return {"SubscriptionArn": arn, "Protocol": protocol, "Endpoint": endpoint}

            yield {"Subscriptions": [listed(f"{TopicArn}:1", "a@x.org"), listed("PendingConfirmation", "b@x.org")]}
            yield {"Subscriptions": [listed("Deleted", "c@x.org"), listed(f"{TopicArn}:2", "arn:queue", "sqs")]}

    def test_reads_every_page_of_subscriptions(self):
        found = Channel(self.Sns(), None, TOPIC, "queue").readers(["a@x.org", "b@x.org", "c@x.org"])

        assert found == Readers(pending=("b@x.org",), dropped=("c@x.org",))


def test_the_schedules_event_is_a_look_and_needs_the_templates_environment(monkeypatch):
    monkeypatch.setattr(handler_module.os, "environ", {})

    with pytest.raises(NotServedError, match="USER_POOL_ID"):
        handler_module.handler({"sms-redirect": "watch"}, Context())
