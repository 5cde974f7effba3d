"""What goes wrong is visible where the tester looks, and never fails the call that caused the SMS."""

import json
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from sms_redirect.inbox import timeline
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.feed import Feed


@pytest.fixture
def store(sandbox):
    """What the web inbox would show."""
    store = SmsStore()
    Feed(store, sandbox.mailroom, sandbox.incidents)
    return store


@pytest.fixture
def way(sandbox):
    """The steps of an SMS as the inbox tells them, and the sender's log of it."""

    def way(message):
        trail = sandbox.trails.trail(message.id)
        return [(each["step"], each["state"], each["text"]) for each in timeline.of(message, trail)], timeline.log(
            trail
        )

    return way


@pytest.fixture
def shown(store, quiet, phone_number):
    """The inbox's messages for this test's number, once everything was handled."""

    def shown():
        quiet()
        return [entry.message for entry in store.find() if entry.message.phone_number == phone_number]

    return shown


@pytest.fixture
def subscribed(session, stack, phone_number):
    """A reader of this test's own: the stack's may be gone, after what other tests did to clock and limits."""
    address = f"reader{phone_number}@example.com"
    session.client("sns").subscribe(TopicArn=stack["TopicArn"], Protocol="email", Endpoint=address)
    return address


@pytest.fixture
def control(sandbox):
    def control(path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{sandbox.endpoint_url}/_sandbox/{path}", data, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    return control


@pytest.fixture
def sender_role(session, stack):
    """The sender's role, whose policies a test may change; they are put back."""
    iam = session.client("iam")
    function = session.client("lambda").get_function(FunctionName=stack["SenderFunctionName"])
    return iam, function["Configuration"]["Role"].rpartition("/")[2]


@pytest.fixture
def restart_sender(session, stack):
    """New processes for the sender, with changes to its environment; undone at the end."""
    functions, name = session.client("lambda"), stack["SenderFunctionName"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]

    def restart_sender(**changes):
        variables = {**before["Variables"], **changes}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    yield restart_sender
    functions.update_function_configuration(FunctionName=name, Environment=before)


@pytest.fixture
def without_decrypt(sender_role, iam_has_spread):
    iam, role = sender_role
    policy = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"][0]["PolicyArn"]
    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    iam_has_spread()
    yield
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    iam_has_spread()


def test_a_permission_that_is_removed_from_the_role_becomes_a_failure_email(
    sandbox, subscribed, sign_up, without_decrypt, restart_sender, shown, phone_number, way
):
    restart_sender(IAM_SETTLES_SECONDS="0")
    position = sandbox.mailroom.mailbox.count

    answer = sign_up()

    (failed,) = shown()
    mail = sandbox.mailroom.mailbox.wait_for(lambda mail: phone_number in mail.subject, after=position, timeout=20)
    assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "SMS"
    assert mail.subject == f"SMS FAILED to {phone_number}: SignUp"
    assert "may not decrypt" in mail.body
    assert "kms:Decrypt" in mail.body
    assert failed.failure.reason in mail.body
    steps, log = way(failed)
    assert [step[:2] for step in steps[:5]] == [
        ("event", "done"), ("key", "done"), ("sender", "failed"), ("template", "skipped"), ("topic", "done"),
    ]  # fmt: skip
    assert ("email", "done", f"Sent to {subscribed}.") in steps
    assert any(line["level"] == "ERROR" and failed.id in line["text"] for line in log)


def test_a_template_that_may_not_be_read_is_shown_with_cognitos_default_and_a_warning(
    sender_role, sign_up, restart_sender, phones, phone_number, iam_has_spread
):
    iam, role = sender_role
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "cognito-idp:DescribeUserPool", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=role, PolicyName="deny", PolicyDocument=json.dumps(deny))
    iam_has_spread()
    restart_sender(IAM_SETTLES_SECONDS="0")  # and nothing is known of earlier texts
    try:
        sign_up()
        sms = phones.next(phone_number, "SignUp")
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="deny")
        iam_has_spread()

    assert sms.text == f"Your verification code is {sms.code}."
    assert sms.template_source == "default"
    assert "template-not-read" in [warning.code for warning in sms.warnings]


def test_a_permission_that_is_still_on_its_way_is_waited_for(
    sender_role, restart_sender, sign_up, session, stack, phones, phone_number, iam_has_spread
):
    """Soon after the start of the sender's process, a denial is left to Lambda's retries."""
    iam, role = sender_role
    policy = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"][0]["PolicyArn"]
    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    iam_has_spread()
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    restart_sender()
    logs = session.client("logs")
    function = session.client("lambda").get_function_configuration(FunctionName=stack["SenderFunctionName"])
    group = function["LoggingConfig"]["LogGroup"]
    denied = {"logGroupName": group, "filterPattern": "TransientError"}
    before = len(logs.filter_log_events(**denied)["events"])

    sign_up()
    deadline = time.monotonic() + 10
    while len(logs.filter_log_events(**denied)["events"]) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    iam_has_spread()

    assert phones.next(phone_number, "SignUp").code


def test_without_the_invoke_permission_nothing_is_invoked_and_the_inbox_says_why(session, stack, sign_up, shown, way):
    client = session.client("lambda")
    function = stack["SenderFunctionName"]
    statement = json.loads(client.get_policy(FunctionName=function)["Policy"])["Statement"][0]
    client.remove_permission(FunctionName=function, StatementId=statement["Sid"])
    try:
        answer = sign_up()
        (incident,) = shown()
    finally:
        client.add_permission(
            FunctionName=function,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            SourceAccount=statement["Condition"]["StringEquals"]["AWS:SourceAccount"],
        )

    assert answer["CodeDeliveryDetails"]
    assert "no statement that lets cognito-idp.amazonaws.com invoke it" in incident.failure.reason
    assert "source ARN" in incident.failure.hint
    assert [step[:2] for step in way(incident)[0]] == [("event", "done"), ("key", "failed")]


def test_a_sender_that_keeps_failing_loses_its_event_to_the_failure_queue(
    session, stack, sign_up, sandbox, shown, phone_number, way, subscribed
):
    sandbox.sender_fault.set("fail", times=3)

    answer = sign_up()

    (incident,) = shown()
    queue = session.client("sqs")
    records = queue.receive_message(QueueUrl=stack["FailureQueueUrl"], MaxNumberOfMessages=10)["Messages"]
    events = [json.loads(record["Body"])["requestPayload"] for record in records]
    assert answer["CodeDeliveryDetails"]
    assert phone_number in [event["request"]["userAttributes"]["phone_number"] for event in events]
    assert "failed 3 times" in incident.failure.reason
    assert "failure queue" in incident.failure.reason
    assert "aws logs tail " in incident.failure.hint
    steps, _ = way(incident)
    assert [step[0] for step in steps] == ["event", "key", "sender", "sender", "sender", "topic", "email"]
    assert steps[-1] == ("email", "skipped", "No email: it is the topic that sends them.")


def test_a_sender_that_is_throttled_for_a_while_delivers_all_the_same(sign_up, sandbox, phones, phone_number):
    sandbox.sender_fault.set("throttle", times=2)

    sign_up()

    assert phones.next(phone_number, "SignUp").code


def test_a_key_that_is_disabled_is_named(session, stack, sign_up, shown):
    kms = session.client("kms")
    kms.disable_key(KeyId=stack["KmsKeyArn"])
    try:
        answer = sign_up()
        (incident,) = shown()
    finally:
        kms.enable_key(KeyId=stack["KmsKeyArn"])

    assert answer["CodeDeliveryDetails"]
    assert "could not be encrypted" in incident.failure.reason
    assert stack["KmsKeyArn"] in incident.failure.hint


def test_the_way_of_an_sms_is_known_step_by_step(stack, sign_up, shown, way, subscribed):
    sign_up()

    (message,) = shown()
    steps, log = way(message)
    assert [step[:2] for step in steps[:5]] == [
        ("event", "done"), ("key", "done"), ("sender", "done"), ("template", "done"), ("topic", "done"),
    ]  # fmt: skip
    assert stack["KmsKeyArn"].rpartition("/")[2] in steps[1][2]
    assert ("email", "done", f"Sent to {subscribed}.") in steps
    assert any("sms redirected" in line["text"] for line in log)
    assert message.code not in str(log)


def test_time_can_be_moved_forward(control, sandbox):
    before = sandbox.clock.now()

    control("clock", {"advance_seconds": 3600})

    assert sandbox.clock.now() >= before + 3600
    assert control("clock")["now"]


def test_limits_can_be_switched_off_and_on(control, cognito, sign_up, user):
    sign_up()
    assert control("limits", {"enabled": False}) == {"enabled": False}
    try:
        for _ in range(7):
            cognito.resend_confirmation_code(**user)
    finally:
        control("limits", {"enabled": True})


def test_harshness_can_be_looked_at_and_changed_switch_by_switch(control, sandbox):
    before = control("harshness")

    try:
        changed = control("harshness", {"iam": 10, "deletes": False})
    finally:
        control("harshness", before)

    assert before == {"iam": 3.0, "deletes": True, "cleanup": True, "rollback": True, "change_sets": True}
    assert changed == before | {"iam": 10.0, "deletes": False}
    assert sandbox.harshness.as_document() == before


def test_the_sender_and_changes_of_pools_can_be_made_to_fail(control, sandbox, quiet):
    quiet()  # an SMS on its way would take one of the faults
    assert control("sender", {"mode": "fail", "times": 2}) == {"mode": "fail", "times": 2}
    assert (sandbox.sender_fault.take(), sandbox.sender_fault.take(), sandbox.sender_fault.take()) == (
        "fail",
        "fail",
        None,
    )
    assert control("user-pools", {"mode": "concurrent", "times": 1}) == {"mode": "concurrent", "times": 1}
    assert control("user-pools", {"mode": "none"}) == {"mode": "none", "times": 0}


def test_a_link_scanner_can_be_sent(control, session, sandbox):
    sns = session.client("sns")
    topic = sns.create_topic(Name="scanned")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="scanned@example.com")
    sns.publish(TopicArn=topic, Message="x")

    control("link-scanner", {"email": "scanned@example.com"})

    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_every_mail_can_be_read_by_a_program(control, subscribed, sign_up, quiet, phone_number):
    sign_up()
    quiet()

    sent = [each for each in control("mails")["mails"] if each["to"] == subscribed]
    (mail,) = [each for each in sent if phone_number in each["subject"]]

    assert mail["subject"] == f"SMS to {phone_number}: SignUp"
    assert mail["body"].startswith("Your verification code is ")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("clock", {"advance_seconds": -1}, "advance_seconds: a number from 0"),
        ("clock", {}, "advance_seconds"),
        ("limits", {"enabled": "yes"}, "enabled: true or false"),
        ("harshness", {"deletes": False, "iam": -1}, "iam takes seconds from 0 to 600"),
        ("harshness", {"deletes": 1}, "deletes is on or off"),
        ("harshness", {"kms": True}, "'kms' is not a switch"),
        ("sender", {"mode": "explode", "times": 1}, "mode: one of none, throttle, fail"),
        ("sender", {"mode": "fail"}, "times: a number"),
        ("user-pools", {"mode": ["x"], "times": 1}, "mode: one of none"),
        ("link-scanner", {"email": "nobody@example.com"}, "no mail to nobody@example.com"),
        ("link-scanner", [], "a JSON object"),
    ],
)
def test_a_bad_request_to_the_control_api_says_what_was_expected(control, path, body, expected):
    with pytest.raises(urllib.error.HTTPError) as refused:
        control(path, body)

    assert refused.value.code == 400
    assert expected in json.load(refused.value)["error"]


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_no_other_site_can_use_the_control_api(control, headers):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        control("clock", **headers)


def test_other_host_names_and_the_emulators_own_endpoints_are_refused(sandbox):
    for path, headers in [("/", {"Host": "evil.example"}), ("/_ministack/sqs/messages", {}), ("/_ministack/reset", {})]:
        request = urllib.request.Request(sandbox.endpoint_url + path, b"", headers)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)


def test_a_crash_inside_is_a_500_with_a_request_id_and_a_line_in_the_log(cognito, stack, monkeypatch, caplog):
    from sms_redirect.sandbox.cognito.flows import steps

    monkeypatch.setattr(steps, "client_of", lambda *_: 1 / 0)

    with pytest.raises(ClientError) as crash:
        cognito.forgot_password(ClientId=stack["UserPoolClientId"], Username="x")

    error = crash.value.response
    request_id = error["Error"]["Message"].rpartition(" ")[2].rstrip(".")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert error["Error"]["Code"] == "InternalErrorException"
    assert f"ForgotPassword failed, request {request_id}" in caplog.text
    assert "ZeroDivisionError" in caplog.text
