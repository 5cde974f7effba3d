"""Email subscriptions that CloudFormation makes are as pending as any."""

import itertools
import json

import pytest
from botocore.exceptions import WaiterError

from sns_mail import PENDING, Subscriber, follow

NUMBERS = itertools.count()


class Stack:
    """A topic and what else a template adds to it."""

    def __init__(self, session):
        self._cloudformation = session.client("cloudformation")
        self.name = f"email-{next(NUMBERS)}"

    def create(self, *subscriptions, inline=()):
        self._run("create", "stack_create_complete", self._template(subscriptions, inline))
        return self.topic_arn()

    def update(self, *subscriptions, inline=()):
        self._run("update", "stack_update_complete", self._template(subscriptions, inline))

    def delete(self):
        self._cloudformation.delete_stack(StackName=self.name)
        self._cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def create_on(self, topic_arn, address):
        """A subscription to a topic that is not the stack's."""
        properties = {"TopicArn": topic_arn, "Protocol": "email", "Endpoint": address}
        resources = {"Email0": {"Type": "AWS::SNS::Subscription", "Properties": properties}}
        self._run("create", "stack_create_complete", {"Resources": resources})

    def topic_arn(self):
        return self.physical_id("Topic")

    def physical_id(self, logical_id):
        resource = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return resource["StackResourceDetail"]["PhysicalResourceId"]

    def reasons(self):
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def _run(self, operation, waiter, template):
        getattr(self._cloudformation, f"{operation}_stack")(StackName=self.name, TemplateBody=json.dumps(template))
        self._cloudformation.get_waiter(waiter).wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def _template(self, subscriptions, inline):
        inside = [{"Protocol": "email", "Endpoint": address} for address in inline]
        resources = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": inside}}}
        for number, address in enumerate(subscriptions):
            properties = {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": address}
            resources[f"Email{number}"] = {"Type": "AWS::SNS::Subscription", "Properties": properties}
        return {"Resources": resources}


@pytest.fixture
def email_stack(session):
    return Stack(session)


def test_a_stacks_subscription_is_pending_until_its_link_is_followed(email_stack, sns, mailroom):
    tester = Subscriber(sns, mailroom, None)

    tester.topic_arn = email_stack.create(tester.address)

    pending = tester.listed()
    sns.publish(TopicArn=tester.topic_arn, Message="too early")
    assert follow(tester.link())[0] == 200
    sns.publish(TopicArn=tester.topic_arn, Message="text")
    attributes = sns.get_subscription_attributes(SubscriptionArn=tester.listed())["Attributes"]
    assert pending == PENDING
    assert [mail.body.split("\n")[0] for mail in tester.mails("notification")] == ["text"]
    assert attributes["Endpoint"] == tester.address
    assert attributes["PendingConfirmation"] == "false"


def test_a_subscription_written_inside_the_topic_is_pending_too(email_stack, sns, mailroom):
    first, second = Subscriber(sns, mailroom, None), Subscriber(sns, mailroom, None)

    first.topic_arn = second.topic_arn = email_stack.create(inline=[first.address])
    email_stack.update(inline=[first.address, second.address])

    assert first.listed() == second.listed() == PENDING
    assert [mail.kind for mail in (*first.mails(), *second.mails())] == ["confirmation", "confirmation"]


def test_another_address_in_the_template_is_asked_and_the_old_one_gets_no_more(email_stack, sns, mailroom):
    old, new = Subscriber(sns, mailroom, None), Subscriber(sns, mailroom, None)
    old.topic_arn = new.topic_arn = email_stack.create(old.address)
    follow(old.link())

    email_stack.update(new.address)

    assert old.listed() is None
    assert new.listed() == PENDING
    follow(new.link())
    sns.publish(TopicArn=new.topic_arn, Message="text")
    assert (len(old.mails("notification")), len(new.mails("notification"))) == (0, 1)


def test_an_address_that_a_template_names_twice_gets_each_mail_once(email_stack, sns, mailroom):
    tester = Subscriber(sns, mailroom, None)
    tester.topic_arn = email_stack.create(tester.address, tester.address)
    follow(tester.link())

    sns.publish(TopicArn=tester.topic_arn, Message="text")

    assert [mail.kind for mail in tester.mails()] == ["confirmation", "notification"]


def test_two_resources_of_one_address_are_one_subscription_and_the_end_of_either_is_its_end(email_stack, sns, mailroom):
    tester = Subscriber(sns, mailroom, None)
    tester.topic_arn = email_stack.create(tester.address, tester.address)
    follow(tester.link())
    one, other = email_stack.physical_id("Email0"), email_stack.physical_id("Email1")

    email_stack.update(tester.address)

    assert one == other
    assert tester.listed() is None


def test_a_pending_subscription_outlives_its_stack_and_can_still_be_confirmed(email_stack, sns, mailroom):
    topic_arn = sns.create_topic(Name="outlives-stacks")["TopicArn"]
    tester = Subscriber(sns, mailroom, topic_arn)
    email_stack.create_on(topic_arn, tester.address)

    email_stack.delete()

    assert tester.listed() == PENDING
    assert follow(tester.link())[0] == 200
    sns.publish(TopicArn=topic_arn, Message="text")
    assert len(tester.mails("notification")) == 1


def test_a_stack_with_a_pending_subscription_is_deleted_without_trace(email_stack, sns, mailroom):
    tester = Subscriber(sns, mailroom, None)
    tester.topic_arn = email_stack.create(tester.address)

    email_stack.delete()

    assert tester.address not in [each["Endpoint"] for each in sns.list_subscriptions()["Subscriptions"]]
    assert tester.address not in [each.endpoint for each in mailroom.pending()]


def test_a_pending_subscription_that_a_template_drops_stays_until_it_expires(email_stack, sns, mailroom, sandbox):
    tester, other = Subscriber(sns, mailroom, None), Subscriber(sns, mailroom, None)
    tester.topic_arn = email_stack.create(other.address, tester.address)

    email_stack.update(other.address)

    assert tester.listed() == PENDING
    sandbox.clock.advance(3 * 24 * 3600 + 1)
    assert tester.listed() is None


def test_a_pending_address_that_leaves_the_topics_own_list_stays_until_it_expires(email_stack, sns, mailroom):
    pending, confirmed = Subscriber(sns, mailroom, None), Subscriber(sns, mailroom, None)
    pending.topic_arn = confirmed.topic_arn = email_stack.create(inline=[pending.address, confirmed.address])
    follow(confirmed.link())

    email_stack.update(inline=[])

    assert pending.listed() == PENDING
    assert confirmed.listed() is None


@pytest.mark.parametrize("kind", ["resource", "inline"])
def test_a_template_with_no_email_address_fails_as_on_aws(email_stack, mailroom, kind):
    addresses = {"subscriptions": ["nobody"], "inline": []} if kind == "resource" else {"inline": ["nobody"]}

    with pytest.raises(WaiterError):
        email_stack.create(*addresses.get("subscriptions", []), inline=addresses["inline"])

    assert "Invalid parameter: Email address (Service: Sns, Status Code: 400)" in email_stack.reasons()
