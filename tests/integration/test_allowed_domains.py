"""`AllowedEmailDomains`: who may be subscribed to the SMS, by the stack, the command line or anybody else.

SNS developer guide, "Amazon SNS API permissions": the keys sns:Protocol and sns:Endpoint of a Subscribe request.
"""

import itertools
import json

import pytest
from botocore.exceptions import ClientError, WaiterError
from click.testing import CliRunner

from sms_redirect.cli import main
from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.deploy import DeployError

NUMBERS = itertools.count()
DOMAINS = "example.com,qa.example.org"


@pytest.fixture
def name(session):
    name = f"domains-{next(NUMBERS)}"
    yield name
    deploy.delete(session, name)


@pytest.fixture
def topic_arn(session, name):
    return deploy.deploy(session, name, {"Email": "a@example.com", "AllowedEmailDomains": DOMAINS})["TopicArn"]


def test_only_addresses_of_these_domains_can_be_subscribed(session, topic_arn, name):
    sns = session.client("sns")

    def subscribe(endpoint, protocol="email"):
        sns.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint)

    for endpoint in ("b@example.com", "c@qa.example.org"):
        subscribe(endpoint)
    subscribe("d@example.com", "email-json")
    for endpoint in (
        *("b@example.org", "b@evil-example.com", "b@sub.example.com", "b@example.com.evil.org", "b@EXAMPLE.COM"),
        *("b@evil.org,c@example.com", "b@evil.org@example.com"),
    ):
        for protocol in ("email", "email-json"):
            with pytest.raises(ClientError, match=r"SNS:Subscribe .* explicit deny in a resource-based policy"):
                subscribe(endpoint, protocol)
    queue = session.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    subscribe(f"arn:aws:sqs:us-east-1:000000000000:{queue.rpartition('/')[2]}", "sqs")
    session.client("sqs").delete_queue(QueueUrl=queue)


def test_the_command_says_which_domains(topic_arn, name):
    refused = CliRunner().invoke(main, ["subscribe", "b@example.org", "--stack-name", name])

    assert refused.exit_code == 1
    assert "AllowedEmailDomains" in refused.output
    assert CliRunner().invoke(main, ["subscribe", "b@example.com", "--stack-name", name]).exit_code == 0


def test_a_stack_with_an_address_outside_is_refused_before_anybody_is_subscribed(session, sandbox):
    name = f"domains-{next(NUMBERS)}"
    with pytest.raises(DeployError, match="allowedPattern"):
        deploy.deploy(session, name, {"Email": "a@example.com", "Email3": "b@else.org", "AllowedEmailDomains": DOMAINS})
    deploy.delete(session, name)


def test_an_update_with_an_address_outside_is_refused(session, topic_arn, name):
    outside = {"Email": "a@example.com", "Email2": "b@exampleXcom.org", "AllowedEmailDomains": DOMAINS}
    with pytest.raises(DeployError, match="allowedPattern"):
        deploy.deploy(session, name, outside)

    addresses = session.client("sns").list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    assert [each["Endpoint"] for each in addresses] == ["a@example.com"]


def test_a_stack_cannot_subscribe_an_address_that_the_policy_denies(session, topic_arn):
    outside = {"TopicArn": topic_arn, "Protocol": "email", "Endpoint": "b@else.org"}
    template = {"Resources": {"Other": {"Type": "AWS::SNS::Subscription", "Properties": outside}}}
    cloudformation = session.client("cloudformation")
    other = cloudformation.create_stack(StackName=f"domains-{next(NUMBERS)}", TemplateBody=json.dumps(template))

    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=other["StackId"], WaiterConfig={"Delay": 1})

    events = cloudformation.describe_stack_events(StackName=other["StackId"])["StackEvents"]
    assert any("SNS:Subscribe" in each.get("ResourceStatusReason", "") for each in events)


def test_without_domains_every_address_can_be_subscribed(session, stack):
    found = session.client("sns").subscribe(
        TopicArn=stack["TopicArn"], Protocol="email", Endpoint="any@where.org", ReturnSubscriptionArn=True
    )

    assert found["SubscriptionArn"].startswith("arn:")
