"""Set-ups broken on purpose, each with one true cause; and healthy ones."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from doctor_world import KEY, NUMBER, POOL_ID, REGION, ROLE, SENDER, TOPIC, World, subscriber
from sms_redirect.doctor import examine, words
from sms_redirect.doctor.facts import (
    CouldNotCheckError,
    Log,
    LogLine,
    MissingError,
    NoAccessError,
    Refusal,
    RoleMissingError,
)
from sms_redirect.doctor.known_errors import KNOWN, explanation
from sms_redirect.doctor.subject import Subject
from sms_redirect.topic.subscribers import SubscriberState as State


@pytest.fixture
def world(monkeypatch):
    world = World()
    monkeypatch.setattr(examine, "Facts", lambda _aws, _stack_name: world)
    return world


def diagnosed(**subject):
    return examine.examine(None, "sms-redirect", Subject(**subject))


FORGOT = {"user_name": "alice", "flow": "ForgotPassword"}
MFA = {"user_name": "alice", "flow": "Authentication", "occasion": "SmsMfa"}
OTP = {"user_name": "alice", "flow": "Authentication", "occasion": "SmsOtp"}
SIGN_UP = {"flow": "SignUp"}


def parameter(world, name, value):
    for each in world.facts["stack"]["Parameters"]:
        if each["ParameterKey"] == name:
            each["ParameterValue"] = value


def lambda_config(world, **config):
    world.set("pool_settings", "LambdaConfig", value=config)


def logged(world, *entries):
    lines = [each if isinstance(each, str) else json.dumps(each) for each in entries]
    world.facts["log"] = Log(tuple(LogLine(index, line) for index, line in enumerate(lines)))


def failed_log(world):
    entry = {"message": "sms not shown", "flow": "SignUp", "reason": "The key is disabled.", "hint": "Enable it."}
    logged(world, "START RequestId: 1", entry)


BROKEN = {
    "no credentials": (
        {},
        lambda w: w.facts.update(dict.fromkeys(w.facts, NoAccessError("no credentials"))),
        "no-access",
    ),
    "no such stack": ({}, lambda w: w.facts.update(stack=MissingError("x")), "stack-missing"),
    "first deployment failed": (
        {},
        lambda w: w.set("stack", "StackStatus", value="ROLLBACK_COMPLETE"),
        "stack-rolled-back",
    ),
    "another stack": ({}, lambda w: w.set("stack", "Outputs", value=[]), "stack-foreign"),
    "pool deleted": ({}, lambda w: w.facts.update(pool_settings=MissingError("x")), "pool-missing"),
    "trigger taken off": (SIGN_UP, lambda_config, "trigger-missing"),
    "another sender": (
        SIGN_UP,
        lambda w: lambda_config(w, CustomSMSSender={"LambdaArn": SENDER + "2"}, KMSKeyID=KEY),
        "trigger-foreign",
    ),
    "another key": (
        SIGN_UP,
        lambda w: lambda_config(w, CustomSMSSender={"LambdaArn": SENDER}, KMSKeyID=KEY[:-1] + "6"),
        "key-foreign",
    ),
    "no invoke permission": (SIGN_UP, lambda w: w.facts.update(function_policy=[]), "invoke-permission-missing"),
    "not verified at sign-up": (
        SIGN_UP,
        lambda w: w.set("pool_settings", "AutoVerifiedAttributes", value=["email"]),
        "flow-not-sent",
    ),
    "no SMS role": (SIGN_UP, lambda w: w.facts["pool_settings"].pop("SmsConfiguration"), "flow-not-sent"),
    "MFA off": (MFA, lambda w: w.set("pool_settings", "MfaConfiguration", value="OFF"), "flow-not-sent"),
    "nobody of that name": (FORGOT, lambda w: w.facts.update(user=MissingError("x")), "user-missing"),
    "no number": (FORGOT, lambda w: w.attributes(email="a@example.com"), "no-number"),
    "number not verified": (FORGOT, lambda w: w.attributes(phone_number=NUMBER), "number-unverified"),
    "recovery prefers email": (
        FORGOT,
        lambda w: (
            w.attributes(phone_number=NUMBER, phone_number_verified="true", email="a@b.c", email_verified="true"),
            w.facts["pool_settings"]["AccountRecoverySetting"]["RecoveryMechanisms"][0].update(Priority=2),
            w.facts["pool_settings"]["AccountRecoverySetting"]["RecoveryMechanisms"][1].update(Priority=1),
        ),
        "recovers-by-email",
    ),
    "SMS is the second factor": (
        FORGOT,
        lambda w: w.set("user", "UserMFASettingList", value=["SMS_MFA"]),
        "sms-is-second-factor",
    ),
    "temporary password": (
        FORGOT,
        lambda w: w.set("user", "UserStatus", value="FORCE_CHANGE_PASSWORD"),
        "temporary-password",
    ),
    "factor not chosen": (MFA, lambda _w: None, "factor-not-chosen"),
    "other factor preferred": (
        MFA,
        lambda w: w.facts["user"].update(
            UserMFASettingList=["SMS_MFA", "SOFTWARE_TOKEN_MFA"], PreferredMfaSetting="SOFTWARE_TOKEN_MFA"
        ),
        "other-factor-preferred",
    ),
    "MFA excludes one-time passwords": (
        OTP,
        lambda w: w.set("user", "UserMFASettingList", value=["SMS_MFA"]),
        "mfa-excludes-otp",
    ),
    "client without USER_AUTH": (
        OTP,
        lambda w: w.facts.update(clients=[{"ClientName": "app"}]),
        "client-without-user-auth",
    ),
    "confirmed already": ({"user_name": "alice", "flow": "ResendCode"}, lambda _w: None, "user-confirmed"),
    "exists already": ({"user_name": "alice", "flow": "SignUp"}, lambda _w: None, "user-exists"),
    "disabled user": (FORGOT, lambda w: w.set("user", "Enabled", value=False), "user-disabled"),
    "key disabled": (SIGN_UP, lambda w: w.set("key", "KeyState", value="Disabled"), "key-disabled"),
    "key pending deletion": (
        SIGN_UP,
        lambda w: w.set("key", "KeyState", value="PendingDeletion"),
        "key-pending-deletion",
    ),
    "key gone": (SIGN_UP, lambda w: w.facts.update(key=MissingError("x")), "key-missing"),
    "function stopped": (SIGN_UP, lambda w: w.facts.update(reserved_concurrency=0), "function-stopped"),
    "function failed to start": (SIGN_UP, lambda w: w.set("function", "State", value="Failed"), "function-not-active"),
    "permission taken away": (SIGN_UP, lambda w: w.facts.update(simulated="implicitDeny"), "permission-missing"),
    "sender failed": (SIGN_UP, failed_log, "sender-failed"),
    "events given up on": (
        SIGN_UP,
        lambda w: w.facts.update(
            failure_queue={"ApproximateNumberOfMessages": "2"},
            failed_events=[{"responsePayload": {"errorMessage": "topic gone"}, "_sent_ms": 1}],
        ),
        "failure-queue-filled",
    ),
    "topic gone": (
        SIGN_UP,
        lambda w: w.facts.update(topic=MissingError("x"), subscribers=MissingError("x")),
        "topic-missing",
    ),
    "nobody confirmed": (
        SIGN_UP,
        lambda w: w.facts.update(subscribers=[subscriber(State.PENDING)]),
        "nobody-confirmed",
    ),
    "filtered out": (
        {"phone_number": NUMBER, "flow": "SignUp"},
        lambda w: w.facts.update(
            users_with=[{"Username": "alice"}],
            user=MissingError("x"),
            subscribers=[subscriber(policy={"phone_number": [{"exists": False}, {"prefix": "+49"}]})],
        ),
        "not-signed-up",
    ),
    "every filter hides it": (
        SIGN_UP,
        lambda w: w.facts.update(subscribers=[subscriber(policy={"flow": ["ResendCode"]})]),
        "filtered-out",
    ),
}


BROKEN |= {
    "nothing may be read": (
        {},
        lambda w: w.facts.update(
            dict.fromkeys(
                w.facts.keys() - {"caller"},
                CouldNotCheckError("the credentials lack x", "cloudformation:DescribeStacks"),
            )
        ),
        "stack-unreadable",
    ),
    "no server at the endpoint": (
        {},
        lambda w: w.facts.update(dict.fromkeys(w.facts, CouldNotCheckError("EndpointConnectionError"))),
        "stack-unreadable",
    ),
    "a change set that nobody executed": (
        {},
        lambda w: (w.set("stack", "StackStatus", value="REVIEW_IN_PROGRESS"), w.set("stack", "Outputs", value=[])),
        "stack-not-deployed",
    ),
    "an update that cannot be rolled back": (
        SIGN_UP,
        lambda w: w.set("stack", "StackStatus", value="UPDATE_ROLLBACK_FAILED"),
        "stack-incomplete",
    ),
    "a key policy without the account": (
        SIGN_UP,
        lambda w: w.facts.update(
            key_policy=[{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:role/other"}, "Action": "kms:*"}]
        ),
        "key-policy",
    ),
    "a key policy for administrators only": (
        SIGN_UP,
        lambda w: w.set("key_policy", 0, "Action", value=["kms:Describe*", "kms:PutKeyPolicy"]),
        "key-policy",
    ),
    "the role deleted": (SIGN_UP, lambda w: w.facts.update(simulated=RoleMissingError("x")), "role-missing"),
    "the sender set to another topic": (
        SIGN_UP,
        lambda w: w.set("function", "Environment", value={"Variables": {"TOPIC_ARN": TOPIC + "2", "KMS_KEY_ARN": KEY}}),
        "function-other-topic",
    ),
    "the sender set to another key": (
        SIGN_UP,
        lambda w: w.set("function", "Environment", value={"Variables": {"TOPIC_ARN": TOPIC, "KMS_KEY_ARN": KEY + "2"}}),
        "function-other-key",
    ),
    "a federated user": (FORGOT, lambda w: w.set("user", "UserStatus", value="EXTERNAL_PROVIDER"), "federated"),
    "an authenticator app in a pool that requires MFA": (
        MFA,
        lambda w: (
            w.set("pool_settings", "MfaConfiguration", value="ON"),
            w.set("user", "UserMFASettingList", value=["SOFTWARE_TOKEN_MFA"]),
        ),
        "other-factor-preferred",
    ),
    "neither way of signing in": (
        {"user_name": "alice", "flow": "Authentication"},
        lambda w: w.attributes(phone_number=NUMBER),
        "factor-not-chosen",
    ),
    "too many attempts": (
        FORGOT,
        lambda w: w.facts.update(
            refusals=[Refusal("LimitExceededException", "Attempt limit exceeded", "10:42", None, "app-id", None)]
        ),
        "call-refused",
    ),
    "a module for another processor": (
        SIGN_UP,
        lambda w: logged(w, {"errorType": "Runtime.ImportModuleError", "requestId": "1"}),
        "sender-failed",
    ),
    "a timeout": (
        SIGN_UP,
        lambda w: logged(w, {"type": "platform.report", "record": {"requestId": "1", "status": "timeout"}}),
        "sender-failed",
    ),
    "a failure queue whose messages may not be read": (
        SIGN_UP,
        lambda w: w.facts.update(
            failure_queue={"ApproximateNumberOfMessages": "2"},
            failed_events=CouldNotCheckError("the credentials lack sqs:ReceiveMessage", "sqs:ReceiveMessage"),
        ),
        "failure-queue-filled",
    ),
    "an invitation of a user who exists": (
        {"user_name": "alice", "flow": "AdminCreateUser"},
        lambda _w: None,
        "invitation-over",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_true_cause_comes_first(world, name):
    subject, break_, code = BROKEN[name]
    break_(world)

    report = diagnosed(**subject)

    assert report.verdict is not None
    assert report.verdict.code == code
    assert report.verdict.next_step
    assert not report.healthy


def mfa_user(world):
    world.facts["user"].update(UserMFASettingList=["SMS_MFA"], PreferredMfaSetting="SMS_MFA")


HEALTHY = {
    "no question": ({}, lambda _w: None),
    "sign-up of somebody new": (SIGN_UP, lambda _w: None),
    "forgotten password": (FORGOT, lambda _w: None),
    "second factor": (MFA, mfa_user),
    "one-time password": (OTP, lambda _w: None),
    "verification of the number": ({"user_name": "alice", "flow": "VerifyUserAttribute"}, lambda _w: None),
    "by number": (
        FORGOT | {"user_name": None, "phone_number": NUMBER},
        lambda w: w.facts.update(users_with=[{"Username": "alice"}]),
    ),
    "a code again": (
        {"user_name": "alice", "flow": "ResendCode"},
        lambda w: w.set("user", "UserStatus", value="UNCONFIRMED"),
    ),
    "an invitation again": (
        {"user_name": "alice", "flow": "AdminCreateUser"},
        lambda w: w.set("user", "UserStatus", value="FORCE_CHANGE_PASSWORD"),
    ),
    "a filter that lets it through": (
        SIGN_UP,
        lambda w: w.facts.update(subscribers=[subscriber(policy={"flow": ["SignUp"]})]),
    ),
    "errors of other flows": (FORGOT, failed_log),
}


HEALTHY |= {
    "all of Cognito's own defaults in the description": (
        {},
        lambda w: (
            w.set("pool_settings", "AdminCreateUserConfig", value={"UnusedAccountValidityDays": 7}),
            w.facts["pool_settings"]["Policies"].update(PasswordPolicy={"TemporaryPasswordValidityDays": 7}),
        ),
    ),
    "errors of another flow that Lambda logs, too": (
        FORGOT,
        lambda w: logged(
            w,
            {"message": "sms left to a retry", "flow": "SignUp", "reason": "topic gone", "requestId": "1"},
            {"errorType": "TopicGone", "requestId": "1"},
        ),
    ),
    "a call that another pool refused": (
        FORGOT,
        lambda w: w.facts.update(refusals=[Refusal("LimitExceededException", "", "10:42", None, "other", None)]),
    ),
    "a call that was refused to another user": (
        FORGOT,
        lambda w: (
            w.facts["user"]["UserAttributes"].append({"Name": "sub", "Value": "a-sub"}),
            w.facts.update(refusals=[Refusal("LimitExceededException", "", "10:42", POOL_ID, None, "b-sub")]),
        ),
    ),
    "one-time password suffices for a sign-in": ({"user_name": "alice", "flow": "Authentication"}, lambda _w: None),
    "a new number that is not confirmed yet": (
        {"user_name": "alice", "phone_number": "+12065550199", "flow": "UpdateUserAttribute"},
        lambda w: w.set(
            "pool_settings",
            "UserAttributeUpdateSettings",
            value={"AttributesRequireVerificationBeforeUpdate": ["phone_number"]},
        ),
    ),
    "the sender set to the stack's own": (
        SIGN_UP,
        lambda w: w.set("function", "Environment", value={"Variables": {"TOPIC_ARN": TOPIC, "KMS_KEY_ARN": KEY}}),
    ),
    "a key policy that names the role": (
        SIGN_UP,
        lambda w: w.facts.update(
            key_policy=[{"Effect": "Allow", "Principal": {"AWS": [ROLE]}, "Action": ["kms:Decrypt"]}]
        ),
    ),
    "a stack with many app clients": (
        OTP,
        lambda w: w.facts.update(
            clients=[{"ClientId": str(n), "ClientName": str(n)} for n in range(30)] + w.facts["clients"]
        ),
    ),
    "the primary among its replicas": (SIGN_UP, lambda w: w.facts.update(replicas={REGION: "ACTIVE"})),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_set_up_has_no_problem(world, name):
    subject, prepare = HEALTHY[name]
    prepare(world)

    report = diagnosed(**subject)

    assert [each.code for each in report.findings if each.status in ("problem", "warning")] == []
    assert report.verdict is None


def test_what_is_not_allowed_is_named_and_is_not_the_verdict(world):
    world.facts["log"] = CouldNotCheckError("the credentials lack logs:FilterLogEvents", "logs:FilterLogEvents")

    report = diagnosed(**SIGN_UP)

    (unchecked,) = [each for each in report.findings if each.status == "could not check"]
    assert unchecked.next_step == "Allow logs:FilterLogEvents to check this."
    assert report.healthy


WARNED = {
    "an update under way": (
        lambda w: w.set("stack", "StackStatus", value="UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        "stack-updating",
    ),
    "an older template": (lambda w: w.facts["stack"]["Parameters"].pop(), "stack-other-version"),
    "replicas": (lambda w: w.facts.update(replicas={"eu-west-1": "ACTIVE"}), "replicas"),
    "throttles": (lambda w: w.facts.update(metric=3.0), "function-throttled"),
    "no failure queue": (lambda w: w.facts.update(failure_queue=MissingError("x")), "failure-queue-missing"),
    "no log group": (
        lambda w: (
            w.set("function", "LoggingConfig", value={"LogGroup": "/sender"}),
            w.facts.update(log=MissingError("x")),
        ),
        "log-group-missing",
    ),
    "an SMS that came after a retry": (
        lambda w: logged(
            w,
            {"message": "sms left to a retry", "flow": "SignUp", "reason": "KMS did not respond.", "requestId": "1"},
            {"errorType": "KmsGone", "requestId": "1"},
            {"message": "sms redirected", "flow": "SignUp", "requestId": "1"},
        ),
        "sender-retried",
    ),
    "queues only": (
        lambda w: w.facts.update(subscribers=[], other_subscriptions=["sqs"]),
        "no-email",
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_does_not_stop_sms_is_a_warning(world, name):
    break_, code = WARNED[name]
    break_(world)

    report = diagnosed(**SIGN_UP)

    assert code in [each.code for each in report.findings if each.status == "warning"]
    assert report.verdict is None


def test_a_filter_with_a_wildcard(world):
    world.facts["subscribers"] = [subscriber(policy={"user_name": [{"wildcard": "al*e"}]})]

    assert diagnosed(user_name="alice").verdict is None
    world.facts["subscribers"] = [subscriber(policy={"user_name": [{"wildcard": "b*"}]})]
    assert diagnosed(user_name="alice").verdict.code == "filtered-out"


def test_a_burst_explains_a_subscription_that_fell_back(world):
    at = int(datetime(2026, 11, 25, 10, 42, 1, tzinfo=UTC).timestamp() * 1000)
    line = json.dumps({"message": "sms redirected"})
    world.facts["log"] = Log(tuple(LogLine(at + 50 * number, line) for number in range(12)))
    world.facts["subscribers"] = [subscriber(State.PENDING)]

    assert "12 SMS in one second at 10:42:01 UTC" in diagnosed().verdict.evidence


def test_a_pending_address_says_until_when_its_link_works(world):
    world.facts["stack"]["CreationTime"] = datetime.now(UTC) - timedelta(days=1)
    world.facts["subscribers"] = [subscriber(State.PENDING)]
    assert "that link works until" in diagnosed().verdict.evidence

    world.facts["stack"]["CreationTime"] = datetime.now(UTC) - timedelta(days=3)
    assert "that link has lapsed" in diagnosed().verdict.evidence


def test_a_check_that_breaks_does_not_keep_the_others(world):
    world.facts["key"] = TypeError("an unexpected response")
    world.facts["topic"] = MissingError("x")

    report = diagnosed(**SIGN_UP)

    assert report.verdict.code == "topic-missing"
    assert [each.says for each in report.findings if each.status == "could not check"] == [
        "key: the check itself failed (TypeError)"
    ]


def test_what_is_wrong_now_comes_before_what_was_logged(world):
    failed_log(world)
    world.facts["subscribers"] = [subscriber(State.PENDING)]

    assert diagnosed(**SIGN_UP).verdict.code == "nobody-confirmed"


def test_an_attached_pool_is_put_back_by_a_command(world):
    parameter(world, "UserPoolId", POOL_ID)
    lambda_config(world)

    assert "sms-redirect attach --stack-name sms-redirect" in diagnosed(**SIGN_UP).verdict.next_step


def test_the_one_who_took_the_trigger_off_is_named(world):
    lambda_config(world)
    parameters = json.dumps({"requestParameters": {"userPoolId": POOL_ID}})
    world.facts["changes_of_the_pool"] = [
        {"Username": "someone", "EventTime": "today", "CloudTrailEvent": "{}"},
        {"Username": "terraform", "EventTime": "10:42", "CloudTrailEvent": parameters},
    ]

    assert diagnosed(**SIGN_UP).verdict.evidence == "Last changed by terraform at 10:42."


def test_people_read_the_verdict_first(world):
    world.facts["key"]["KeyState"] = "Disabled"

    lines = list(words.lines(diagnosed(since=timedelta(hours=1), **SIGN_UP), "SignUp SMS", 80))

    assert lines[0].startswith("Most likely cause: The key that encrypts the codes is disabled")
    assert all(len(line) <= 80 or "arn:" in line for line in lines)


def test_programs_read_json(world):
    document = json.loads(json.dumps(diagnosed(**SIGN_UP).as_document()))

    assert (document["healthy"], document["verdict"], document["asked"]["flow"]) == (True, None, "SignUp")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CodeMismatchException: Invalid verification code provided, please try again.", "newer one replaced it"),
        ("Stack x is in ROLLBACK_COMPLETE state and can not be updated.", "can only be deleted"),
        ("DecryptKeyError: Unable to decrypt any data key", "another key"),
        ("Attempt limit exceeded, please try after some time.", "Too many attempts"),
        ("is not authorized to perform: kms:CreateGrant on resource", "kms:CreateGrant"),
    ],
)
def test_known_errors_are_explained(text, said):
    assert said in explanation(text).means


def test_every_known_error_has_a_next_step_and_unknown_ones_none():
    assert all(each.means and each.next_step for each in KNOWN)
    assert explanation("something else entirely") is None
