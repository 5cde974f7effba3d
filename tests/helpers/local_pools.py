"""The user pools service in the process, driven by real boto3 clients: no HTTP, no emulator, no Lambda."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito import build
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.trails import Trails

REGION = "us-east-1"
ACCOUNT = "123456789012"
SENDER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sender"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sms"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


@dataclass
class Invoked:
    status: int = 200
    function_error: str | None = None
    payload: bytes = b"null"


class LocalFunctions:
    """Lambda: `on[arn]` is called with the event and returns the document, or raises to fail as a function."""

    def __init__(self):
        self.on = {}
        self.events = []
        self.allowed = True

    def policy(self, _function_arn, _region):
        if not self.allowed:
            return []
        return [{"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "lambda:*"}]

    async def invoke(self, function_arn, _region, event):
        self.events.append(json.loads(json.dumps(event)))
        if function_arn not in self.on:
            return Invoked(status=404)
        try:
            returned = self.on[function_arn](json.loads(json.dumps(event)))
            if asyncio.iscoroutine(returned):
                returned = await returned
        except Exception as error:  # noqa: BLE001 - a function's error
            return Invoked(200, "Unhandled", json.dumps({"errorMessage": str(error)}).encode())
        return Invoked(payload=json.dumps(returned).encode())

    def sources(self):
        return [event["triggerSource"] for event in self.events]


class NoIam:
    def check_caller(self, _headers, _settings):
        pass

    def check_sms_role(self, _settings, _region, _pool_id=None):
        pass


@dataclass
class SentMessages:
    """In the place of the custom senders: messages as they are handed over."""

    messages: list = field(default_factory=list)

    def send(self, message, _function_arn):
        self.messages.append(message)

    def last(self, address):
        return next(each for each in reversed(self.messages) if each.destination.address == address)

    def codes(self, address):
        return [each.secret for each in self.messages if each.destination.address == address]


class LocalPools:
    """`client()` is a boto3 client of the service. `sent` has what went to custom senders, `emails` what did not."""

    def __init__(self, *, limits=True, test_code=None, local_issuer=None, store=None):
        self.clock = Clock()
        self.functions = LocalFunctions()
        self.incidents = Incidents()
        self.sent = SentMessages()
        self.emails = []
        self.limits = Limits(self.clock, enabled=limits)
        self.pool_fault = build.pool_fault()
        self.store = store or Store()
        around = build.Surroundings(
            account=ACCOUNT,
            region=REGION,
            clock=self.clock,
            functions=self.functions,
            kms=lambda _region: None,
            iam=NoIam(),
            trails=Trails(),
            incidents=self.incidents,
            deliver=self.emails.append,
            endpoint_url="http://127.0.0.1:4566",
            limits=self.limits,
            pool_fault=self.pool_fault,
            store=self.store,
            test_code=test_code,
            local_issuer=local_issuer,
        )
        self.service = build.service(around, strict=True)
        self.service.context.outbox._senders = self.sent
        self.context = self.service.context

    def client(self, region=REGION):
        """Parameters are not checked by botocore: wrong ones reach the service."""
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        client = boto3.client(
            "cognito-idp", region_name=region, aws_access_key_id="test", aws_secret_access_key="test", config=config
        )
        client.meta.events.register("before-send.cognito-identity-provider.*", self._sent)
        return client

    def call(self, operation, request, headers=None):
        """(status, headers, document) of a request as it is on the wire."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        status, sent, content = asyncio.run(self.service.respond(operation, body, headers or {}))
        return status, sent, json.loads(content) if content else None

    def _sent(self, request, **_event):
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        body = request.body.encode() if isinstance(request.body, str) else request.body
        status, sent, content = asyncio.run(self.service.handle("POST", "/", headers, body, {}))
        return AWSResponse(request.url, status, {name.lower(): value for name, value in sent.items()}, Raw(content))


class Raw(io.BytesIO):
    def stream(self, **_options):
        yield self.read()


def sms_pool(client, **settings):
    """A pool that verifies phone numbers, with a custom SMS sender."""
    request = {
        "PoolName": "pool",
        "AutoVerifiedAttributes": ["phone_number"],
        "SmsConfiguration": {"SnsCallerArn": ROLE},
        "LambdaConfig": {"CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": SENDER}, "KMSKeyID": KEY},
    }
    merged = {name: value for name, value in (request | settings).items() if value is not None}
    return client.create_user_pool(**merged)["UserPool"]["Id"]


def app(client, pool_id, **settings):
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    request = {"ClientName": "app", "ExplicitAuthFlows": flows, "PreventUserExistenceErrors": "ENABLED"} | settings
    return client.create_user_pool_client(UserPoolId=pool_id, **request)["UserPoolClient"]["ClientId"]
