"""The watch of a deployed stack on an existing pool: notices by email and queue, and an end by itself."""

import json
import re
import time

import pytest
from click.testing import CliRunner

from impatience import impatient
from pool_attachment import attachment, change
from sms_redirect import SmsInbox
from sms_redirect.cli import main
from sms_redirect.errors import SmsTimeout
from sms_redirect.sandbox import deploy
from sns_mail import follow
from their_pool import take_off, their_pool_in

STACK = "watched"
EMAIL = "watcher@example.com"
HOUR = 3600


@pytest.fixture
def pool(session, iam_at_once):
    with their_pool_in(session) as pool:
        yield pool


@pytest.fixture
def outputs(session, pool, mailroom, monkeypatch):
    monkeypatch.setattr(deploy, "_zipped", impatient(deploy._zipped))
    monkeypatch.setattr(change, "SECOND_LOOK", 0.2)
    monkeypatch.setattr(attachment, "SECOND_LOOK", 0.2)
    return deploy.deploy(session, STACK, {"Email": EMAIL, "UserPoolId": pool.id, "DetachAfterHours": "8"})


@pytest.fixture
def look(session, outputs):
    """Runs the watch as its schedule does; returns what it told."""
    resource = session.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="AttachmentFunction"
    )
    function = resource["StackResourceDetail"]["PhysicalResourceId"]
    rules = session.client("events")
    [rule] = rules.list_rule_names_by_target(TargetArn=_arn(session, function))["RuleNames"]
    [target] = rules.list_targets_by_rule(Rule=rule)["Targets"]

    def look():
        response = session.client("lambda").invoke(FunctionName=function, Payload=target["Input"])
        summary = json.loads(response["Payload"].read())
        assert not summary["unseen"]
        return summary["told"]

    return look


def _arn(session, function):
    return session.client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]


@pytest.fixture
def remembered(session, outputs):
    """Change what the watch remembers."""

    def change(pattern, replacement):
        sns, topic = session.client("sns"), outputs["TopicArn"]
        tags = {each["Key"]: each["Value"] for each in sns.list_tags_for_resource(ResourceArn=topic)["Tags"]}
        value, count = re.subn(pattern, replacement, tags["sms-redirect:watch"])
        assert count
        sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "sms-redirect:watch", "Value": value}])

    return change


def test_subscribers_are_told_when_the_redirect_goes_comes_back_and_ends(
    session, outputs, pool, look, remembered, mailroom
):
    assert look() == ["readers"]  # nobody has confirmed yet
    [mail] = [each for each in mailroom.mailbox.all() if each.to == EMAIL]
    follow(re.search(r'http://127\.0\.0\.1:[^\s"]+', mail.body)[0])
    with SmsInbox(topic_arn=outputs["TopicArn"], session=session) as inbox:
        assert look() == ["readers"]
        take_off(pool)
        assert look() == ["redirect"]
        assert look() == []
        assert CliRunner().invoke(main, ["attach", "--stack-name", STACK, "--yes"]).exit_code == 0
        assert look() == ["redirect"]
        remembered(r"on=\d+", f"on={int(time.time()) - 8 * HOUR + 1800}")
        assert look() == ["ending"]
        remembered(r"on=\d+", f"on={int(time.time()) - 8 * HOUR}")
        assert look() == ["ended"]
        assert look() == []
        assert pool.changed_settings() == []

        with pytest.raises(SmsTimeout):
            inbox.wait_for(timeout=0)
    bodies = [each.body for each in mailroom.mailbox.all() if each.to == EMAIL and "notice" in each.subject]
    assert len(bodies) == 5
    for body, said in zip(
        bodies, ["Well again", "reach real phones since", "are redirected", "ends at", "ended at"], strict=True
    ):
        assert said in body
    deploy.delete(session, STACK)
    assert pool.changed_settings() == []
