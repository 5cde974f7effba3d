"""Who receives a topic's SMS by email: links, filters, and what the calls are."""

import json
from urllib.parse import quote

import boto3
import pytest
from botocore.stub import Stubber

from sms_redirect.aws import Aws
from sms_redirect.errors import BadInput, NoSuchSubscriber, NoSuchTopic, NotAllowed, TopicElsewhere
from sms_redirect.topic.filters import lets_through
from sms_redirect.topic.subscribers import SPARED, Subscribers, described, filter_policy, read_confirmation

TOPIC = "arn:aws:sns:us-east-1:111122223333:sms"
TOKEN = "2336412f37fb687f5d51e6e2425c464de12884d217"
LINK = f"https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn={TOPIC}&Token={TOKEN}&Endpoint=qa@example.com"
ALICE = {"Endpoint": "alice@example.com", "Protocol": "email", "SubscriptionArn": f"{TOPIC}:1"}
PENDING = {"Endpoint": "bob@example.com", "Protocol": "email", "SubscriptionArn": "PendingConfirmation"}
QUEUE = {"Endpoint": "arn:aws:sqs:us-east-1:111122223333:q", "Protocol": "sqs", "SubscriptionArn": f"{TOPIC}:2"}


@pytest.fixture
def aws():
    return Aws(boto3.Session("testing", "testing", region_name="us-east-1"))


@pytest.fixture
def sns(aws):
    with Stubber(aws.sns) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def subscribers(aws):
    return Subscribers(aws, TOPIC, ["Alice@example.com"])


def lists(sns, *found, **attributes):
    sns.add_response("list_subscriptions_by_topic", {"Subscriptions": list(found)}, {"TopicArn": TOPIC})
    for each in found:
        if each["SubscriptionArn"].startswith("arn:") and each["Protocol"] == "email":
            values = {"PendingConfirmation": "false", **attributes}
            sns.add_response("get_subscription_attributes", {"Attributes": values})


def test_a_tester_gets_only_their_own_numbers_and_what_has_no_number():
    policy = filter_policy(["+1206", "+49170"], ["signup", "CustomSMSSender_Authentication"])

    assert policy == {
        "phone_number": [{"exists": False}, {"prefix": "+1206"}, {"prefix": "+49170"}],
        "flow": ["SignUp", "Authentication", "Notice"],
    }
    assert filter_policy(["+1206"])["flow"] == SPARED["flow"]
    assert described(policy) == "phone_number +1206... or +49170..., flow SignUp or Authentication"


def test_without_conditions_everything_comes_but_the_doctors_probes():
    assert filter_policy() == SPARED == {"flow": [{"anything-but": ["Probe"]}, {"exists": False}]}
    assert described(SPARED) == described(None) == "everything"
    assert not lets_through(SPARED, {"flow": "Probe"})
    assert not lets_through(filter_policy(["+1206"]), {"flow": "Probe"})
    assert all(lets_through(SPARED, {"flow": flow}) for flow in ("SignUp", "Notice", None))


@pytest.mark.parametrize("prefix", ["1206", "+", "+1-206", "+1206555012345678", "+١٢"])
def test_what_is_not_the_start_of_a_number_is_refused(prefix):
    with pytest.raises(BadInput, match="is not the start"):
        filter_policy([prefix])


def test_an_unknown_flow_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match="AdminCreateUser, Authentication"):
        filter_policy(flows=["Signup2"])


def test_a_link_and_a_bare_token_are_read():
    assert read_confirmation(f" {LINK}\n") == (TOPIC, TOKEN)
    assert read_confirmation(TOKEN) == (None, TOKEN)
    assert read_confirmation(f"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token={TOKEN}") == (
        None,
        TOKEN,
    )


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        f"{LINK[:30]}?Token=x",
        "https://[",
        "https://sns.us-east-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:us-east-1:1:sms:2",
        "https://x/?Token=",
        "http://",
    ],
)
def test_what_confirms_nothing_is_refused_without_being_quoted(given):
    with pytest.raises(BadInput) as refused:
        read_confirmation(given)

    assert TOKEN not in str(refused.value)
    assert not given or given not in str(refused.value)


SHAPES = {
    "in angle brackets": f"<{LINK}>",
    "in quotation marks": f"'{LINK}'",
    "with a full stop": f"Confirm here: {LINK}.",
    "without https": LINK.removeprefix("https://"),
    "in HTML": f'<a href="{LINK.replace("&", "&amp;")}">Confirm subscription</a>',
    "in a reply": f"> {LINK[:100]}\n> {LINK[100:]}",
    "wrapped": f"{LINK[:100]}\r\n  {LINK[100:]}",
    "in quoted-printable": f"{LINK[:70]}=\r\n{LINK[70:]}".replace("=", "=3D").replace("=3D\r", "=\r"),
    "in a Safe Link": f"https://x.safelinks.protection.outlook.com/?url={quote(LINK, safe='')}&data=05",
    "in two wrappers": f"https://a.example/?q={quote('https://b.example/?q=' + quote(LINK, safe=''), safe='')}",
    "as a parameter": f"Token={TOKEN}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_link_may_come_as_emails_and_scanners_make_it(shape):
    assert read_confirmation(SHAPES[shape])[1] == TOKEN


def test_two_links_are_not_one():
    with pytest.raises(BadInput):
        read_confirmation(f"{LINK}\n{LINK.replace(TOKEN, TOKEN[::-1])}")


def test_confirming_asks_for_authenticated_unsubscribing(sns, subscribers):
    expected = {"TopicArn": TOPIC, "Token": TOKEN, "AuthenticateOnUnsubscribe": "true"}
    sns.add_response("confirm_subscription", {"SubscriptionArn": f"{TOPIC}:1"}, expected)
    sns.add_response("get_subscription_attributes", {"Attributes": {"FilterPolicy": '{"flow": ["SignUp"]}'}})

    assert subscribers.confirm(LINK) == f"{TOPIC}:1"


def test_a_confirmed_address_without_a_filter_is_spared_the_doctors_probes(sns, subscribers):
    sns.add_response("confirm_subscription", {"SubscriptionArn": f"{TOPIC}:1"})
    sns.add_response("get_subscription_attributes", {"Attributes": {}})
    spared = {"SubscriptionArn": f"{TOPIC}:1", "AttributeName": "FilterPolicy", "AttributeValue": json.dumps(SPARED)}
    sns.add_response("set_subscription_attributes", {}, spared)

    assert subscribers.confirm(LINK) == f"{TOPIC}:1"


def test_an_address_is_confirmed_also_by_those_who_may_not_set_its_filter(sns, subscribers):
    sns.add_response("confirm_subscription", {"SubscriptionArn": f"{TOPIC}:1"})
    sns.add_client_error("get_subscription_attributes", "AuthorizationError")

    assert subscribers.confirm(LINK) == f"{TOPIC}:1"


def test_a_link_of_another_topic_is_refused(subscribers):
    with pytest.raises(TopicElsewhere, match="but this stack's topic is"):
        subscribers.confirm(LINK.replace(":sms&", ":other&"))


def test_an_old_token_says_how_to_get_a_new_one(sns, subscribers):
    sns.add_client_error("confirm_subscription", "InvalidParameter", f"Invalid token {TOKEN}")

    with pytest.raises(BadInput, match="sms-redirect subscribe") as refused:
        subscribers.confirm(TOKEN)

    assert TOKEN not in f"{refused.value}{refused.value.__cause__}"


def test_a_new_address_is_asked_with_its_filter(sns, subscribers):
    lists(sns, ALICE)
    expected = {
        "TopicArn": TOPIC,
        "Protocol": "email",
        "Endpoint": "carol@example.com",
        "Attributes": {"FilterPolicy": '{"flow": ["SignUp", "Notice"]}'},
    }
    sns.add_response("subscribe", {"SubscriptionArn": "pending confirmation"}, expected)

    assert subscribers.subscribe("carol@example.com", filter_policy(flows=["SignUp"])).what == "asked"


def test_a_pending_address_is_asked_again(sns, subscribers):
    lists(sns, PENDING)
    sns.add_response("subscribe", {"SubscriptionArn": "pending confirmation"})

    assert subscribers.subscribe("bob@example.com").what == "asked again"


def test_a_confirmed_address_gets_another_filter_instead(sns, subscribers):
    lists(sns, ALICE, FilterPolicy='{"flow": ["SignUp"]}')
    expected = {"SubscriptionArn": f"{TOPIC}:1", "AttributeName": "FilterPolicy", "AttributeValue": json.dumps(SPARED)}
    sns.add_response("set_subscription_attributes", {}, expected)

    assert subscribers.subscribe("ALICE@example.com").what == "filter changed"


def test_a_confirmed_address_with_the_same_filter_is_left_alone(sns, subscribers):
    lists(sns, ALICE, FilterPolicy=json.dumps(SPARED))

    assert subscribers.subscribe("alice@example.com").what == "already"


@pytest.mark.parametrize("address", ["", "bob", "bob@", "a b@example.com", "bob@example", "x" * 300])
def test_what_is_not_an_address_is_refused_before_any_call(sns, subscribers, address):
    with pytest.raises(BadInput, match="email address"):
        subscribers.subscribe(address)


def test_the_list_tells_states_filters_and_strays(sns, subscribers):
    lists(sns, PENDING, ALICE, QUEUE, FilterPolicy='{"flow": ["SignUp"]}', ConfirmationWasAuthenticated="true")

    alice, bob = subscribers.all()

    assert (alice.state, alice.protected, alice.in_template, alice.stray) == ("confirmed", True, True, False)
    assert alice.filter_policy == {"flow": ["SignUp"]}
    assert (bob.state, bob.arn, bob.in_template, bob.stray) == ("pending", None, False, True)


def test_an_address_that_fell_back_to_pending_is_pending(sns, subscribers):
    lists(sns, ALICE, PendingConfirmation="true")

    assert [(each.state, each.arn) for each in subscribers.all()] == [("pending", None)]


def test_unsubscribing_ends_the_subscription(sns, subscribers):
    lists(sns, ALICE)
    sns.add_response("unsubscribe", {}, {"SubscriptionArn": f"{TOPIC}:1"})

    assert subscribers.unsubscribe("alice@example.com").in_template


@pytest.mark.parametrize(
    ("found", "said"),
    [([], "not subscribed"), ([PENDING], "pending"), ([PENDING | {"SubscriptionArn": "Deleted"}], "not subscribed")],
)
def test_who_cannot_be_unsubscribed_is_told_why(sns, subscribers, found, said):
    lists(sns, *found)

    with pytest.raises(NoSuchSubscriber, match=said):
        subscribers.unsubscribe("bob@example.com")


def test_a_missing_permission_comes_with_the_policy(sns, subscribers):
    sns.add_client_error("list_subscriptions_by_topic", "AuthorizationError", "not authorized", http_status_code=403)

    with pytest.raises(NotAllowed, match="sns:ConfirmSubscription"):
        subscribers.all()


def test_a_missing_topic_is_said(sns, subscribers):
    sns.add_client_error("list_subscriptions_by_topic", "NotFound", "Topic does not exist", http_status_code=404)

    with pytest.raises(NoSuchTopic, match="TopicArn output"):
        subscribers.all()


def test_a_topic_of_another_region_is_asked_there(aws):
    subscribers = Subscribers(aws, TOPIC.replace("us-east-1", "eu-west-1"))

    assert subscribers._aws.sns.meta.region_name == "eu-west-1"
