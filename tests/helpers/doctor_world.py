"""A stack with a healthy pool, sender and user, as the doctor sees it: facts that a test breaks one by one."""

from __future__ import annotations

import json

from sms_redirect.doctor.facts import CouldNotCheckError, Facts, Log, LogLine
from sms_redirect.doctor.probes.access import template_parameters
from sms_redirect.topic.subscribers import Subscriber
from sms_redirect.topic.subscribers import SubscriberState as State

REGION, ACCOUNT = "us-east-1", "111122223333"
POOL_ID = f"{REGION}_AbCdEf123"
POOL_ARN = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL_ID}"
SENDER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sender"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sender"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:sms"
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
                        "TopicArn": TOPIC,
                        "KmsKeyArn": KEY,
                        "SenderFunctionName": "sender",
                        "FailureQueueUrl": "https://queue",
                    }.items()
                ],
                "Parameters": [
                    {"ParameterKey": name, "ParameterValue": "qa@example.com" if name == "Email" else ""}
                    for name in template_parameters()
                ],
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
            "clients": [{"ClientId": "app-id", "ClientName": "app", "ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}],
            "changes_of_the_pool": CouldNotCheckError("the credentials lack cloudtrail:LookupEvents"),
            "function": {
                "FunctionArn": SENDER,
                "Role": ROLE,
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
            "log": Log((LogLine(0, json.dumps({"message": "sms redirected"})),)),
            "log_group": "/aws/lambda/sender",
            "metric": 0.0,
            "key_policy": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
            ],
            "replicas": {},
            "refusals": [],
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
