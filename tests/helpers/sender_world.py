"""A sender with everything around it in memory: KMS, Cognito, Lambda and SNS as far as it calls them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cognito_codes import KEY_ARN, POOL_ID, LocalKms, encrypt
from sms_sender.connections import Connections
from sms_sender.custom_message import CustomMessage
from sms_sender.secret import Decryptor
from sms_sender.templates import Templates
from sms_sender.texts import Texts
from sms_sender.topic import Topic

TOPIC_ARN = "arn:aws:sns:us-east-1:111122223333:sms"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:111122223333:function:custom-message"
ENVIRONMENT = {"TOPIC_ARN": TOPIC_ARN, "KMS_KEY_ARN": KEY_ARN, "CUSTOM_MESSAGE_FUNCTION_ARN": ""}
SUB = "5f6c1d1e-0000-4000-8000-000000000001"
PHONE = "+12065551212"


def event(flow: str = "SignUp", code: str | None = None, **changes: Any) -> dict[str, Any]:
    """An event as Cognito sends it. `changes` replace members, `attributes` and `metadata` those of its request."""
    attributes = {
        "sub": SUB,
        "phone_number": PHONE,
        "phone_number_verified": "false",
        "cognito:user_status": "UNCONFIRMED",
    }
    request = {
        "type": "customSMSSenderRequestV1",
        "code": code,
        "clientMetadata": changes.pop("metadata", None),
        "userAttributes": changes.pop("attributes", attributes),
    }
    return {
        "version": "1",
        "triggerSource": f"CustomSMSSender_{flow}",
        "region": "us-east-1",
        "userPoolId": POOL_ID,
        "userName": "alice",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "4t1sf0client"},
        "request": request,
        "response": {},
        **changes,
    }


LARGEST_PUBLISH = 262_144  # bytes of message and attributes (API, Publish)


@dataclass
class LocalSns:
    """Keeps what was published; raises `faults` first, one per call."""

    published: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def publish(self, **request: Any) -> dict[str, str]:
        if self.faults:
            raise self.faults.pop(0)
        values = [each["StringValue"] for each in request["MessageAttributes"].values()]
        assert len("".join([request["Message"], *values]).encode()) <= LARGEST_PUBLISH
        self.published.append(request)
        return {"MessageId": "1"}


@dataclass
class LocalCognito:
    """One pool, with the settings given, or an `empty` answer; raises `faults` first, one per call."""

    pool: dict[str, Any] = field(default_factory=dict)
    empty: bool = False
    faults: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def describe_user_pool(self, *, UserPoolId: str) -> dict[str, Any]:  # noqa: N803 - botocore's name
        self.asked.append(UserPoolId)
        if self.faults:
            raise self.faults.pop(0)
        return {} if self.empty else {"UserPool": {"Id": UserPoolId, **self.pool}}


@dataclass
class LocalLambda:
    """Answers with `answer`, and keeps the payloads that it got."""

    answer: Any = None
    error: str | None = None
    fault: Exception | None = None
    payloads: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - botocore's names
        assert FunctionName == FUNCTION_ARN
        self.payloads.append(json.loads(Payload))
        if self.fault:
            raise self.fault
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return {"StatusCode": 200, "Payload": io.BytesIO(body)} | ({"FunctionError": self.error} if self.error else {})

    def says(self, text: Any) -> None:
        self.answer = {"response": {"smsMessage": text, "emailMessage": None, "emailSubject": None}}


@dataclass
class World:
    """`iam_has_settled` is what the process knows of the time since its start."""

    kms: LocalKms = field(default_factory=LocalKms)
    sns: LocalSns = field(default_factory=LocalSns)
    cognito: LocalCognito = field(default_factory=LocalCognito)
    function: LocalLambda = field(default_factory=LocalLambda)
    now: datetime = datetime(2026, 3, 1, 12, 30, 5, 123456, tzinfo=UTC)
    iam_has_settled: bool = True

    def connections(self, *, custom_message: bool = False) -> Connections:
        """Those of another process each time."""

        def now() -> datetime:
            return self.now

        def settled() -> bool:
            return self.iam_has_settled

        return Connections(
            decryptor=Decryptor(self.kms, KEY_ARN, settled),
            texts=Texts(
                templates=Templates(self.cognito, now, settled),
                custom_message=CustomMessage(self.function, FUNCTION_ARN, now, settled) if custom_message else None,
            ),
            topic=Topic(self.sns, TOPIC_ARN),
        )

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def encrypted(self, code: str | bytes = "123456", pool_id: str | None = POOL_ID, **how: Any) -> str:
        return encrypt(code, pool_id, kms=self.kms, **how)

    @property
    def texts(self) -> dict[str, str]:
        """The last publish, by protocol."""
        texts: dict[str, str] = json.loads(self.sns.published[-1]["Message"])
        return texts

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.texts["default"])
        return document

    @property
    def warnings(self) -> list[str]:
        return [warning["code"] for warning in self.document["warnings"]]
