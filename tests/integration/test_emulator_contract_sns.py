"""What SNS email relies on inside the emulator, whose version is pinned for it."""

import inspect
import json
from importlib import import_module

import pytest

from sms_redirect.sandbox.emulator import sns as emulator_sns

REGION = "us-east-1"


def emulators_own(function):
    """The emulator's function below everything that stands in its place."""
    while (inner := getattr(function, "of_the_emulator", None) or getattr(function, "__wrapped__", None)) is not None:
        function = inner
    return function


def parameters(function):
    return list(inspect.signature(emulators_own(function)).parameters)


@pytest.fixture
def emulated_sns(sandbox):
    """Imported when the sandbox has set its environment, never before."""
    return import_module("ministack.services.sns")


@pytest.fixture
def topic_arn(sns):
    arn = sns.create_topic(Name="contract", Attributes={"DisplayName": "Contract & more"})["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


@pytest.fixture
def subscription(sns, topic_arn):
    request = {"TopicArn": topic_arn, "Protocol": "email", "Endpoint": "contract@example.com"}
    return emulator_sns.find(sns.subscribe(**request, ReturnSubscriptionArn=True)["SubscriptionArn"])


def test_every_publish_goes_through_the_fanout_that_is_replaced(emulated_sns):
    assert parameters(emulated_sns._fanout)[:6] == [
        "topic_arn",
        "msg_id",
        "message",
        "subject",
        "message_structure",
        "message_attributes",
    ]
    for publisher in (emulated_sns.publish_internal, emulated_sns._publish_batch):
        assert "_fanout" in publisher.__code__.co_names


def test_a_batch_is_mailed_message_by_message(sns, sandbox, topic_arn, subscription):
    entries = [{"Id": str(number), "Message": f"message {number}"} for number in range(3)]

    sns.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=entries)

    mails = [mail for mail in sandbox.mailroom.mailbox.all() if mail.subscription_arn == subscription["arn"]]
    assert [mail.body.split("\n")[0] for mail in mails if mail.kind == "notification"] == [
        "message 0",
        "message 1",
        "message 2",
    ]


def test_replacing_the_fanout_twice_leaves_one_replacement(sns, emulated_sns, topic_arn):
    calls = []

    def counting(original):
        def fanout(*arguments, **options):
            calls.append(emulator_sns.message_of(*arguments, **options))
            original(*arguments, **options)

        return fanout

    before = emulated_sns._fanout
    try:
        emulator_sns.replace_fanout(counting)
        emulator_sns.replace_fanout(counting)
        attributes = {"flow": {"DataType": "String", "StringValue": "SignUp"}}
        answer = sns.publish(TopicArn=topic_arn, Message="text", Subject="About", MessageAttributes=attributes)
    finally:
        emulated_sns._fanout = before

    (message,) = calls
    assert (message.topic_arn, message.id, message.default) == (topic_arn, answer["MessageId"], "text")
    assert (message.subject, message.structure) == ("About", "")
    assert message.attributes["flow"]["StringValue"] == "SignUp"


def test_a_message_has_a_text_for_each_protocol(sandbox):
    texts = json.dumps({"default": "d", "email": "e"})
    message = emulator_sns.message_of("arn", "id", texts, "", "json", None)

    assert (message.default, message.text_for("email"), message.text_for("email-json")) == ("d", "e", "d")


def test_subscriptions_are_the_emulators_own_records(emulated_sns, topic_arn, subscription):
    assert subscription is emulated_sns._find_subscription(topic_arn, subscription["arn"])
    assert {"arn", "topic_arn", "protocol", "endpoint", "confirmed", "owner", "attributes"} <= subscription.keys()
    assert emulator_sns.subscriptions(topic_arn) == [subscription]
    assert emulator_sns.find_address(topic_arn, "email", "contract@example.com") is subscription
    assert emulator_sns.display_name(topic_arn) == "Contract & more"


def test_what_is_no_topic_has_no_subscriptions(sandbox):
    for arn in ("", "nothing", f"arn:aws:sns:{REGION}:123456789012:nothing"):
        assert emulator_sns.subscriptions(arn) == []
        assert emulator_sns.find(arn) is None
        assert emulator_sns.display_name(arn) == ""


def test_a_removed_subscription_can_be_put_back_once(sns, topic_arn, subscription):
    emulator_sns.remove(subscription)
    gone = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]

    assert emulator_sns.put_back(subscription)
    assert not emulator_sns.put_back(subscription)

    assert gone == []
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]) == 1
    assert sns.get_subscription_attributes(SubscriptionArn=subscription["arn"])["Attributes"]["Endpoint"]


def test_a_subscription_is_not_put_back_on_a_topic_that_is_gone(sns, topic_arn, subscription):
    sns.delete_topic(TopicArn=topic_arn)

    assert not emulator_sns.put_back(subscription)


def test_filter_policies_are_the_emulators(subscription):
    subscription["attributes"]["FilterPolicy"] = json.dumps({"flow": [{"prefix": "Sign"}]})
    sign_up = {"flow": {"DataType": "String", "StringValue": "SignUp"}}

    assert emulator_sns.passes_filter(subscription, sign_up, "")
    assert not emulator_sns.passes_filter(subscription, {}, "")


@pytest.mark.parametrize("resource_type", ["AWS::SNS::Topic", "AWS::SNS::Subscription"])
def test_stacks_make_topics_and_subscriptions_by_handlers_of_known_parameters(stack, resource_type):
    handlers = import_module("ministack.services.cloudformation.provisioners")._RESOURCE_HANDLERS[resource_type]

    assert parameters(handlers["create"]) == ["logical_id", "props", "stack_name"]
    assert parameters(handlers["update"])[:4] == ["physical_id", "old_props", "new_props", "stack_name"]
    assert parameters(handlers["delete"]) == ["physical_id", "props"]
    assert handlers["create"] is not emulators_own(handlers["create"])
    assert handlers["update"] is not emulators_own(handlers["update"])


def test_parameters_are_read_from_body_and_address():
    found = emulator_sns.parameters(b"Action=Publish&Message=a%20b&Subject=", {"Token": ["t"], "Plain": "p"})

    assert found == {"Action": "Publish", "Message": "a b", "Subject": "", "Token": "t", "Plain": "p"}


def test_bodies_are_decoded_by_a_function_of_each_module_and_ours_hands_out_lists_of_its_own(sandbox):
    from ministack import app
    from ministack.services import sns

    for module in (app, sns):
        decoded = module.parse_qs("a=%C3%BC&a=2&b=", keep_blank_values=True)
        assert decoded == {"a": ["ü", "2"], "b": [""]}
        decoded["a"].clear()
        assert module.parse_qs("a=%C3%BC&a=2&b=") == {"a": ["ü", "2"]}


def test_an_error_is_one_of_the_query_protocol(sandbox):
    status, headers, body = emulator_sns.error("InvalidParameter", "a <b>")

    assert status == 400
    assert "xml" in headers["Content-Type"]
    assert b"<Code>InvalidParameter</Code><Message>a &lt;b&gt;</Message>" in body
