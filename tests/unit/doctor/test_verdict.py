"""Set-ups broken on purpose, each with one true cause; and healthy ones."""

import json
from datetime import timedelta

import pytest

from sms_redirect.doctor import examine, words
from sms_redirect.doctor.facts import CouldNotCheckError, Facts, MissingError, NoAccessError
from sms_redirect.doctor.known_errors import KNOWN, explanation
from sms_redirect.doctor.subject import Subject
from sms_redirect.topic.subscribers import Subscriber
from sms_redirect.topic.subscribers import SubscriberState as State

REGION, ACCOUNT = "us-east-1", "111122223333"
POOL_ID = f"{REGION}_AbCdEf123"
POOL_ARN = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL_ID}"
SENDER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sender"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
NUMBER = "+12065550100"


class Client:
    class meta:  # noqa: N801 - as botocore's
        region_name = REGION


def subscriber(state=State.CONFIRMED, policy=None, address="qa@example.com", *, protected=True):
    return Subscriber(address, "email", state, "arn:x" if state is State.CONFIRMED else None, policy, protected, True)


class World(Facts):
    """A healthy stack with a healthy user. Each attribute is a fact; an exception stands for what AWS refuses."""

    def __init__(self):
        self.stack_name = "sms-redirect"
        self.facts = {
            "caller": {"Account": ACCOUNT, "Arn": "arn:aws:iam::111122223333:user/qa"},
            "stack": {
                "StackId": "stack-id",
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [
                    {"OutputKey": key, "OutputValue": value}
                    for key, value in {
                        "UserPoolId": POOL_ID,
                        "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:sms",
                        "KmsKeyArn": KEY,
                        "SenderFunctionName": "sender",
                        "FailureQueueUrl": "https://queue",
                    }.items()
                ],
                "Parameters": [{"ParameterKey": "Email", "ParameterValue": "qa@example.com"}],
            },
            "pool_settings": {
                "Id": POOL_ID,
                "Arn": POOL_ARN,
                "Name": "pool",
                "LambdaConfig": {
                    "CustomSMSSender": {"LambdaArn": SENDER, "LambdaVersion": "V1_0"},
                    "KMSKeyID": KEY,
                },
                "SmsConfiguration": {"SnsCallerArn": f"arn:aws:iam::{ACCOUNT}:role/sms"},
                "AutoVerifiedAttributes": ["phone_number"],
                "MfaConfiguration": "OPTIONAL",
                "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}},
                "AccountRecoverySetting": {
                    "RecoveryMechanisms": [
                        {"Priority": 1, "Name": "verified_phone_number"},
                        {"Priority": 2, "Name": "verified_email"},
                    ]
                },
                "SmsVerificationMessage": "Your code is {####}",
            },
            "pool_mfa": {"SmsMfaConfiguration": {}, "MfaConfiguration": "OPTIONAL"},
            "user": {
                "Username": "alice",
                "UserStatus": "CONFIRMED",
                "Enabled": True,
                "UserAttributes": [
                    {"Name": "phone_number", "Value": NUMBER},
                    {"Name": "phone_number_verified", "Value": "true"},
                ],
                "UserMFASettingList": [],
            },
            "users_with": [],
            "devices": [],
            "clients": [{"ClientName": "app", "ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}],
            "changes_of_the_pool": CouldNotCheckError("the credentials lack cloudtrail:LookupEvents"),
            "function": {
                "FunctionArn": SENDER,
                "Role": "arn:role",
                "State": "Active",
                "Runtime": "python3.13",
                "Architectures": ["arm64"],
            },
            "reserved_concurrency": None,
            "function_policy": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cognito-idp.amazonaws.com"},
                    "Action": "lambda:InvokeFunction",
                    "Condition": {"ArnLike": {"AWS:SourceArn": POOL_ARN}},
                }
            ],
            "log_events": [json.dumps({"message": "sms redirected"})],
            "key": {"KeyState": "Enabled"},
            "simulated": "allowed",
            "failure_queue": {"ApproximateNumberOfMessages": "0"},
            "failed_events": [],
            "topic": {},
            "subscribers": [subscriber()],
            "other_subscriptions": [],
        }
        for name in self.facts:
            setattr(self, name, self._telling(name))

    def _telling(self, name):
        def tell(*_arguments, **_named):
            if isinstance(self.facts[name], Exception):
                raise self.facts[name]
            return self.facts[name]

        return tell

    def client(self, _service):
        return Client

    def set(self, name, *path, value):
        """Change one thing in a fact."""
        target = self.facts[name]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    def attributes(self, **attributes):
        self.facts["user"]["UserAttributes"] = [
            {"Name": name, "Value": value} for name, value in attributes.items() if value
        ]


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


def lambda_config(world, **config):
    world.set("pool_settings", "LambdaConfig", value=config)


def failed_log(world):
    entry = {"message": "sms not shown", "flow": "SignUp", "reason": "The key is disabled.", "hint": "Enable it."}
    world.facts["log_events"] = ["START RequestId: 1", json.dumps(entry)]


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


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_set_up_has_no_problem(world, name):
    subject, prepare = HEALTHY[name]
    prepare(world)

    report = diagnosed(**subject)

    assert [each.code for each in report.findings if each.status in ("problem", "warning")] == []
    assert report.verdict is None


def test_what_is_not_allowed_is_named_and_is_not_the_verdict(world):
    world.facts["log_events"] = CouldNotCheckError("the credentials lack logs:FilterLogEvents", "logs:FilterLogEvents")

    report = diagnosed(**SIGN_UP)

    (unchecked,) = [each for each in report.findings if each.status == "could not check"]
    assert unchecked.next_step == "Allow logs:FilterLogEvents to check this."
    assert report.healthy


def test_what_is_wrong_now_comes_before_what_was_logged(world):
    failed_log(world)
    world.facts["subscribers"] = [subscriber(State.PENDING)]

    assert diagnosed(**SIGN_UP).verdict.code == "nobody-confirmed"


def test_an_attached_pool_is_put_back_by_a_command(world):
    world.facts["stack"]["Parameters"].append({"ParameterKey": "UserPoolId", "ParameterValue": POOL_ID})
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
