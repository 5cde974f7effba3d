"""SNS email in the sandbox, by boto3 and by following the links of mails."""

import itertools
import json

import pytest

from refusals import refusal
from sms_documents import document
from sns_mail import PENDING, Subscriber, follow

HOUR = 3600
DAY = 24 * HOUR
NUMBERS = itertools.count()


@pytest.fixture
def topic_arn(sns):
    arn = sns.create_topic(Name=f"email-{next(NUMBERS)}")["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


@pytest.fixture
def tester(sns, mailroom, topic_arn):
    return Subscriber(sns, mailroom, topic_arn)


@pytest.fixture
def frozen(sandbox, monkeypatch):
    """Everything happens within one moment."""
    moment = sandbox.clock.now()
    monkeypatch.setattr(sandbox.clock, "now", lambda: moment)


@pytest.fixture
def without_limits(sandbox):
    """As a tester switches them off, by the control API."""
    url = f"{sandbox.endpoint_url}/_sandbox/limits"
    assert follow(url, {"enabled": False}) == (200, '{"enabled":false}')
    yield
    follow(url, {"enabled": True})


def test_a_new_subscription_is_pending_and_gets_a_mail_with_a_link(tester, topic_arn):
    assert tester.subscribe() == "pending confirmation"

    (mail,) = tester.mails()
    assert tester.listed() == PENDING
    assert mail.kind == "confirmation"
    assert mail.subject == "AWS Notification - Subscription Confirmation"
    assert mail.body.startswith(f"You have chosen to subscribe to the topic: {topic_arn}\n")
    assert "click or visit the link below (If this was in error no action is necessary):\n" in mail.body


def test_the_arn_of_a_pending_subscription_is_given_on_request_but_not_listed(tester, sns):
    arn = tester.subscribe(ReturnSubscriptionArn=True)

    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"
    assert attributes["ConfirmationWasAuthenticated"] == "false"
    assert tester.listed() == PENDING
    assert PENDING in [each["SubscriptionArn"] for each in sns.list_subscriptions()["Subscriptions"]]


def test_nothing_is_kept_for_a_pending_subscription(tester, sns, topic_arn):
    tester.subscribe()
    sns.publish(TopicArn=topic_arn, Message="too early")

    follow(tester.link())

    assert tester.mails("notification") == []


def test_the_link_confirms_and_the_next_message_arrives_with_awss_footer(tester, sns, topic_arn):
    arn = tester.subscribe(ReturnSubscriptionArn=True)

    status, page = follow(tester.link())

    message_id = sns.publish(TopicArn=topic_arn, Message="Your code is 1234 – really")["MessageId"]
    (mail,) = tester.mails("notification")
    assert (status, "Subscription confirmed!" in page, arn in page) == (200, True, True)
    assert tester.listed() == arn
    assert mail.body.startswith("Your code is 1234 – really\n\n--\nIf you wish to stop receiving notifications")
    assert mail.body.endswith("please contact us at https://aws.amazon.com/support\n")
    assert tester.link().partition("?")[0].endswith("/unsubscribe.html")
    assert mail.subject == "AWS Notification Message"
    assert mail.sender == "AWS Notifications <no-reply@sns.amazonaws.com>"
    assert mail.message_id == message_id


def test_a_confirmed_subscription_counts_and_says_so(tester, sns, topic_arn):
    tester.subscribe()
    before = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]

    follow(tester.link())

    after = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=tester.listed())["Attributes"]
    assert (before["SubscriptionsPending"], before["SubscriptionsConfirmed"]) == ("1", "0")
    assert (after["SubscriptionsPending"], after["SubscriptionsConfirmed"]) == ("0", "1")
    assert (attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]) == ("false", "false")
    assert tester.subscribe() == tester.listed()


def test_the_topics_name_and_the_subject_are_those_of_the_mail(tester, sns, topic_arn):
    sns.set_topic_attributes(TopicArn=topic_arn, AttributeName="DisplayName", AttributeValue="Café SMS")
    tester.confirmed()

    sns.publish(TopicArn=topic_arn, Message="text", Subject="SMS to +12065551212: SignUp")

    (mail,) = tester.mails("notification")
    assert mail.sender == "Café SMS <no-reply@sns.amazonaws.com>"
    assert mail.subject == "SMS to +12065551212: SignUp"


def test_each_protocol_gets_its_own_text(sns, mailroom, topic_arn, tester):
    machine = Subscriber(sns, mailroom, topic_arn, "email-json")
    tester.confirmed()
    machine.confirmed()

    texts = {"default": "for programs", "email": "for people"}
    sns.publish(TopicArn=topic_arn, Message=json.dumps(texts), MessageStructure="json")

    assert tester.mails()[-1].body.startswith("for people\n")
    assert json.loads(machine.mails()[-1].body)["Message"] == "for programs"


def test_an_email_json_subscriber_gets_documents_whose_links_are_calls(sns, mailroom, topic_arn):
    machine = Subscriber(sns, mailroom, topic_arn, "email-json")
    machine.subscribe()
    confirmation = json.loads(machine.mails()[-1].body)

    status, answer = follow(confirmation["SubscribeURL"])

    message_id = sns.publish(TopicArn=topic_arn, Message="a\nb", Subject="About")["MessageId"]
    notification = json.loads(machine.mails()[-1].body)
    assert confirmation["Type"] == "SubscriptionConfirmation"
    assert confirmation["TopicArn"] == topic_arn
    assert confirmation["Message"].startswith(f"You have chosen to subscribe to the topic {topic_arn}.\n")
    assert {"Token", "MessageId", "Timestamp", "SignatureVersion"} <= confirmation.keys()
    assert (status, "<ConfirmSubscriptionResult>" in answer) == (200, True)
    assert notification["Type"] == "Notification"
    assert notification["MessageId"] == message_id
    assert (notification["Message"], notification["Subject"]) == ("a\nb", "About")
    follow(notification["UnsubscribeURL"])
    assert machine.listed() is None
    assert json.loads(machine.mails()[-1].body)["Type"] == "UnsubscribeConfirmation"


def test_the_link_is_good_for_two_days(tester, sandbox):
    tester.subscribe()

    sandbox.clock.advance(2 * DAY - HOUR)

    assert follow(tester.link())[0] == 200


def test_a_link_older_than_two_days_does_nothing_and_the_next_subscribe_mails_another(tester, sandbox):
    tester.subscribe()
    sandbox.clock.advance(2 * DAY + HOUR)

    status, page = follow(tester.link())

    assert (status, "Subscription not confirmed" in page) == (400, True)
    assert tester.listed() == PENDING
    tester.subscribe()
    follow(tester.link())
    assert tester.listed() != PENDING


def test_a_subscription_that_is_not_confirmed_is_dropped_after_three_days(tester, sandbox, mailroom, sns):
    arn = tester.subscribe(ReturnSubscriptionArn=True)
    sandbox.clock.advance(3 * DAY - HOUR)
    kept = tester.listed()

    sandbox.clock.advance(2 * HOUR)

    assert kept == PENDING
    assert tester.listed() is None
    assert tester.address not in [each.endpoint for each in mailroom.pending()]
    assert refusal(sns.get_subscription_attributes, SubscriptionArn=arn)[0] == "NotFound"


def test_subscribing_again_mails_another_link_and_both_work(tester):
    tester.subscribe()
    tester.subscribe()

    assert len(tester.mails()) == 2
    assert tester.link(0) != tester.link(1)
    assert follow(tester.link(0))[0] == follow(tester.link(1))[0] == 200
    assert tester.listed() != PENDING


def test_a_pending_subscription_cannot_be_deleted_by_hand(tester, sns):
    arn = tester.subscribe(ReturnSubscriptionArn=True)

    assert refusal(sns.unsubscribe, SubscriptionArn=arn) == (
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation",
    )
    assert refusal(sns.unsubscribe, SubscriptionArn=tester.listed()) == (
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1",
    )
    assert tester.listed() == PENDING


def test_a_token_that_was_never_mailed_is_refused(tester, sns, topic_arn):
    tester.subscribe()

    assert refusal(sns.confirm_subscription, TopicArn=topic_arn, Token="f" * 64) == (
        "InvalidParameter",
        "Invalid token",
    )
    assert tester.listed() == PENDING


def test_a_token_confirms_on_its_own_topic_only(tester, sns):
    other = sns.create_topic(Name="another-topic")["TopicArn"]
    tester.subscribe()
    token = tester.link().partition("Token=")[2].partition("&")[0]

    assert refusal(sns.confirm_subscription, TopicArn=other, Token=token)[0] == "InvalidParameter"
    assert tester.listed() == PENDING


def test_the_unsubscribe_link_ends_the_mails_and_the_resubscribe_link_restores_them(tester, sns, topic_arn):
    arn = tester.confirmed()
    sns.publish(TopicArn=topic_arn, Message="first")

    status, page = follow(tester.link())

    sns.publish(TopicArn=topic_arn, Message="second")
    assert (status, "Subscription removed!" in page) == (200, True)
    assert tester.listed() is None
    assert tester.mails()[-1].subject == "AWS Notification - Unsubscribe Confirmation"
    assert tester.mails()[-1].body.startswith("Your subscription to the topic below has been deactivated:\n")
    follow(tester.link())
    sns.publish(TopicArn=topic_arn, Message="third")
    assert tester.listed() == arn
    assert [mail.body.split("\n")[0] for mail in tester.mails("notification")] == ["first", "third"]


def test_the_resubscribe_link_does_not_double_an_address_that_subscribed_again(tester, sns, topic_arn):
    tester.confirmed()
    sns.publish(TopicArn=topic_arn, Message="first")
    follow(tester.link())
    resubscribe = tester.link()
    again = tester.confirmed()

    assert follow(resubscribe)[0] == 400
    assert tester.listed() == again


def test_a_signed_unsubscribe_sends_no_mail(tester, sns):
    arn = tester.confirmed()

    sns.unsubscribe(SubscriptionArn=arn)

    assert tester.listed() is None
    assert tester.mails("cancellation") == []
    sns.unsubscribe(SubscriptionArn=arn)


def test_a_subscription_confirmed_with_authenticate_on_unsubscribe_survives_its_links(tester, sns, topic_arn):
    tester.subscribe()
    confirmation = tester.link()
    token = confirmation.partition("Token=")[2].partition("&")[0]
    request = {"TopicArn": topic_arn, "Token": token, "AuthenticateOnUnsubscribe": "true"}
    arn = sns.confirm_subscription(**request)["SubscriptionArn"]
    sns.publish(TopicArn=topic_arn, Message="text")
    unsubscription = tester.link()

    follow(confirmation)  # a mail filter that visits the old link must not take the protection away
    status, _ = follow(unsubscription)
    call = unsubscription.replace("/unsubscribe.html?", "/?Action=Unsubscribe&")

    assert status == 400
    assert follow(call)[0] == 403
    assert tester.listed() == arn
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["ConfirmationWasAuthenticated"] == "true"
    sns.unsubscribe(SubscriptionArn=arn)
    assert tester.listed() is None


def test_authenticate_on_unsubscribe_needs_a_signed_confirmation(tester):
    tester.subscribe()
    call = tester.link().replace("/confirmation.html?", "/?Action=ConfirmSubscription&AuthenticateOnUnsubscribe=true&")

    assert follow(call)[0] == 403
    assert tester.listed() == PENDING


@pytest.mark.parametrize(
    ("policy", "scope"),
    [({"user_name": ["alice"]}, "MessageAttributes"), ({"user_name": ["alice"]}, "MessageBody")],
)
def test_a_filter_policy_chooses_the_mails(tester, sns, topic_arn, policy, scope):
    tester.confirmed(Attributes={"FilterPolicy": json.dumps(policy), "FilterPolicyScope": scope})

    for name in ("alice", "bob"):
        attributes = {"user_name": {"DataType": "String", "StringValue": name}}
        sns.publish(TopicArn=topic_arn, Message=json.dumps({"user_name": name}), MessageAttributes=attributes)

    (mail,) = tester.mails("notification")
    assert mail.body.startswith('{"user_name": "alice"}')


def test_the_eleventh_message_within_a_second_makes_the_subscription_pending(tester, sns, topic_arn, frozen):
    tester.confirmed()
    for number in range(12):
        sns.publish(TopicArn=topic_arn, Message=f"message {number}")

    assert len(tester.mails("notification")) == 10
    assert tester.listed() == PENDING
    assert len(tester.mails("confirmation")) == 2
    follow(tester.link())
    sns.publish(TopicArn=topic_arn, Message="again")
    assert tester.mails()[-1].body.startswith("again\n")


def test_a_subscription_that_got_too_much_is_deleted_after_two_days(tester, sns, topic_arn, sandbox):
    tester.confirmed()
    with pytest.MonkeyPatch.context() as patch:
        moment = sandbox.clock.now()
        patch.setattr(sandbox.clock, "now", lambda: moment)
        for _ in range(11):
            sns.publish(TopicArn=topic_arn, Message="text")
    sandbox.clock.advance(2 * DAY - HOUR)
    kept = tester.listed()

    sandbox.clock.advance(2 * HOUR)

    assert (kept, tester.listed()) == (PENDING, None)


def test_what_a_filter_policy_holds_back_does_not_count(tester, sns, topic_arn, frozen):
    arn = tester.confirmed(Attributes={"FilterPolicy": json.dumps({"wanted": ["yes"]})})

    for _ in range(12):
        sns.publish(TopicArn=topic_arn, Message="text")

    assert tester.listed() == arn


def test_without_limits_every_message_arrives(tester, sns, topic_arn, frozen, without_limits):
    tester.confirmed()

    for number in range(30):
        sns.publish(TopicArn=topic_arn, Message=f"message {number}")

    assert [mail.body.split("\n")[0] for mail in tester.mails("notification")] == [f"message {n}" for n in range(30)]


def test_a_link_scanner_confirms_and_unsubscribes(tester, sns, topic_arn, mailroom):
    assert not mailroom.scan_links(tester.address)
    tester.subscribe()

    assert mailroom.scan_links(tester.address)
    confirmed = tester.listed()
    sns.publish(TopicArn=topic_arn, Message="text")
    assert mailroom.scan_links(tester.address)

    assert confirmed not in {None, PENDING}
    assert tester.listed() is None


def test_with_auto_confirm_a_subscription_is_confirmed_at_once_and_its_mail_is_there(tester, mailroom):
    mailroom.auto_confirm = True

    arn = tester.subscribe()

    assert arn == tester.listed() != PENDING
    assert [mail.kind for mail in tester.mails()] == ["confirmation"]


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "a@example.com, b@example.com", "A <a@example.com>", "@", "a@"])
def test_what_is_no_email_address_is_refused(sns, mailroom, topic_arn, address):
    request = {"TopicArn": topic_arn, "Protocol": "email", "Endpoint": address}

    assert refusal(sns.subscribe, **request) == ("InvalidParameter", "Invalid parameter: Email address")
    assert not [mail for mail in mailroom.mailbox.all() if mail.to == address]


def test_a_fifo_topic_has_no_email(sns, mailroom):
    topic_arn = sns.create_topic(Name="orders.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    request = {"TopicArn": topic_arn, "Protocol": "email", "Endpoint": "a@example.com"}

    assert refusal(sns.subscribe, **request)[0] == "InvalidParameter"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Message": ""}, "Invalid parameter: Empty message"),
        ({"Message": "text", "Subject": "x" * 100}, "Invalid parameter: Subject"),
        ({"Message": "text", "Subject": "two\nlines"}, "Invalid parameter: Subject"),
        ({"Message": "text", "Subject": "a\u2028b"}, "Invalid parameter: Subject"),
        (
            {"Message": "text", "MessageStructure": "json"},
            "Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            {"Message": '{"email": "text"}', "MessageStructure": "json"},
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        ({"Message": "x" * 262_145}, "Invalid parameter: Message too long. Maximum size is 262144 bytes."),
    ],
)
def test_sns_refuses_what_it_cannot_mail(tester, sns, topic_arn, request_, message):
    tester.confirmed()

    assert refusal(sns.publish, TopicArn=topic_arn, **request_) == ("InvalidParameter", message)
    assert tester.mails("notification") == []


def test_the_subscriptions_of_a_deleted_topic_are_gone(sns, mailroom):
    topic_arn = sns.create_topic(Name="short-lived")["TopicArn"]
    tester = Subscriber(sns, mailroom, topic_arn)
    tester.subscribe()

    sns.delete_topic(TopicArn=topic_arn)

    assert tester.address not in [each.endpoint for each in mailroom.pending()]
    assert tester.address not in [each["Endpoint"] for each in sns.list_subscriptions()["Subscriptions"]]
    assert follow(tester.link())[0] == 400


def test_topics_of_other_regions_have_email_too(session, mailroom):
    sns = session.client("sns", region_name="eu-west-1")
    tester = Subscriber(sns, mailroom, sns.create_topic(Name="far-away")["TopicArn"])
    arn = tester.confirmed()

    sns.publish(TopicArn=tester.topic_arn, Message="text")

    assert tester.listed() == arn
    assert follow(tester.link())[0] == 200
    assert tester.listed() is None


def test_a_listener_hears_the_default_text_also_without_subscribers(sns, mailroom, topic_arn, monkeypatch):
    heard = []
    monkeypatch.setattr(mailroom, "_listeners", [lambda *message: heard.append(message)])

    texts = {"default": "for programs", "email": "for people"}
    sns.publish(TopicArn=topic_arn, Message=json.dumps(texts), MessageStructure="json")
    sns.publish(TopicArn=topic_arn, Message="plain")

    assert heard == [(topic_arn, "for programs"), (topic_arn, "plain")]


def test_a_listener_that_fails_does_not_fail_the_publisher_and_is_logged(
    tester, sns, mailroom, topic_arn, monkeypatch, caplog
):
    def failing(*_):
        raise RuntimeError("no room")

    monkeypatch.setattr(mailroom, "_listeners", [failing])
    tester.confirmed()

    sns.publish(TopicArn=topic_arn, Message="the secret text")

    assert tester.mails()[-1].kind == "notification"
    assert "a listener failed" in caplog.text
    assert "the secret text" not in caplog.text


def test_an_sms_that_is_published_again_is_mailed_once(tester, sns, topic_arn):
    tester.confirmed()
    message = {
        "MessageStructure": "json",
        "Message": json.dumps({"default": json.dumps(document(7)), "email": "seven"}),
    }

    for _ in range(2):  # what a publisher does that got no response
        sns.publish(TopicArn=topic_arn, **message)
    sns.publish(TopicArn=topic_arn, Message="text")
    sns.publish(TopicArn=topic_arn, Message="text")

    bodies = [mail.body.splitlines()[0] for mail in tester.mails() if mail.kind == "notification"]
    assert bodies == ["seven", "text", "text"]


def test_the_mail_of_an_sms_names_the_document_that_it_came_from(
    sign_up, phones, phone_number, stack, sns, mailroom, user
):
    tester = Subscriber(sns, mailroom, stack["TopicArn"])
    arn = tester.confirmed(Attributes={"FilterPolicy": json.dumps({"user_name": [user["Username"]]})})

    sign_up()

    sms = phones.next(phone_number, "SignUp")
    mail = mailroom.mailbox.wait_for(lambda mail: mail.sms_id == sms.id and mail.to == tester.address, timeout=20)
    assert mail.body.splitlines()[0] == sms.text
    assert mail.subscription_arn == arn
    sns.unsubscribe(SubscriptionArn=arn)
