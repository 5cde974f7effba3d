"""What AWS says about a stack and its parts: each asked once, when a probe first needs it, and shared by all."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from botocore.parsers import ResponseParserError

from sms_redirect.aws import DENIED, EXPIRED, NO_CREDENTIALS, Aws, code_of
from sms_redirect.errors import SmsInboxError
from sms_redirect.gallery.pool import Factors, Pool
from sms_redirect.topic.subscribers import Subscriber, Subscribers

P = ParamSpec("P")
T = TypeVar("T")

# A diagnosis should end within seconds, also if one service does not answer.
QUICK = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "max_attempts": 2})
LONGEST_READING = 4.0  # seconds that reading a log may take
MOST_PAGES = 50
EMAIL_PARAMETERS = ("Email", "Email2", "Email3", "Email4", "Email5")


class CouldNotCheckError(Exception):
    """AWS did not answer a question. `action` is the IAM action that was missing, if that was the reason."""

    def __init__(self, text: str, action: str | None = None) -> None:
        super().__init__(text)
        self.action = action


class NoAccessError(CouldNotCheckError):
    """No question can be answered: no credentials, expired ones, no region, no connection."""


class MissingError(Exception):
    """What was asked about does not exist."""


class RoleMissingError(MissingError):
    """The role does not exist."""


def fact(action: str) -> Callable[[Callable[Concatenate[Facts, P], T]], Callable[Concatenate[Facts, P], T]]:
    """Ask once per arguments; every later caller, also in another thread, gets the same value or error."""

    def decorated(ask: Callable[Concatenate[Facts, P], T]) -> Callable[Concatenate[Facts, P], T]:
        def remembered(facts: Facts, /, *arguments: P.args, **named: P.kwargs) -> T:
            key = (ask.__name__, arguments, tuple(sorted(named.items())))
            answer, first = facts.slot(key)
            if first:
                try:
                    answer.set_result(_asked(action, lambda: ask(facts, *arguments, **named)))
                except Exception as error:  # noqa: BLE001 - every caller gets it
                    answer.set_exception(error)
            result: T = answer.result()
            return result

        return remembered

    return decorated


def _asked(action: str, ask: Callable[[], T]) -> T:
    try:
        return _unwrapped(ask)
    except ClientError as error:
        code, text = code_of(error), error.response.get("Error", {}).get("Message", "")
        if code in DENIED or code.endswith("AccessDenied"):
            # Of the call that was refused: some facts take two.
            action = f"{action.partition(':')[0]}:{error.operation_name}"
            raise CouldNotCheckError(f"the credentials lack {action}", action) from error
        if code in EXPIRED:
            raise NoAccessError(f"AWS does not accept the credentials ({code})") from error
        if "NotFound" in code or code in {"ValidationError", "NoSuchEntity", "NonExistentQueue", "QueueDoesNotExist"}:
            raise MissingError(text) from error
        raise CouldNotCheckError(f"{action} failed: {text} ({code})") from error
    except (*NO_CREDENTIALS, NoRegionError) as error:
        raise NoAccessError(str(error)) from error
    except (ResponseParserError, BotoCoreError) as error:
        raise CouldNotCheckError(f"{action} failed: {type(error).__name__}") from error
    except SmsInboxError as error:
        raise CouldNotCheckError(f"{action} failed: {error}") from error


def _unwrapped(ask: Callable[[], T]) -> T:
    """Of what the rooms below raise for people, the error of botocore's that caused it."""
    try:
        return ask()
    except SmsInboxError as error:
        cause: BaseException | None = error
        while isinstance(cause, SmsInboxError):
            cause = cause.__cause__
        if isinstance(cause, Exception):
            raise cause from error
        raise


@dataclass(frozen=True, slots=True)
class LogLine:
    """`at` is in milliseconds since 1970."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of a time, the oldest first; not `complete` if there were too many to read them all."""

    lines: tuple[LogLine, ...]
    complete: bool = True


class Facts:
    """Everything is read; nothing is changed."""

    def __init__(self, aws: Aws, stack_name: str) -> None:
        self.aws = aws
        self.stack_name = stack_name
        self._lock = threading.Lock()
        self._answers: dict[Any, Future[Any]] = {}
        self._clients: dict[str, Any] = {}

    def slot(self, key: Any) -> tuple[Future[Any], bool]:
        """The place for an answer, and whether the caller is the one to fill it."""
        with self._lock:
            first = key not in self._answers
            return self._answers.setdefault(key, Future()), first

    def client(self, service: str) -> Any:
        with self._lock:  # making a client is not thread-safe
            if service not in self._clients:
                self._clients[service] = self.aws.session.client(
                    service, region_name=self.aws.region, endpoint_url=self.aws.endpoint_url, config=QUICK
                )  # type: ignore[call-overload]
            return self._clients[service]

    # ---- who asks ----

    @fact("sts:GetCallerIdentity")
    def caller(self) -> Mapping[str, str]:
        return dict(self.client("sts").get_caller_identity())

    # ---- the stack ----

    @fact("cloudformation:DescribeStacks")
    def stack(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("cloudformation").describe_stacks(StackName=self.stack_name)["Stacks"][0]
        return found

    def output(self, name: str) -> str | None:
        found = self.stack().get("Outputs", [])
        return next((each["OutputValue"] for each in found if each["OutputKey"] == name), None)

    def parameter(self, name: str) -> str | None:
        found = self.stack().get("Parameters", [])
        return next((each.get("ParameterValue") for each in found if each["ParameterKey"] == name), None)

    def required(self, output: str) -> str:
        """An output that every complete stack has.

        Raises:
            MissingError: this one does not.
        """
        value = self.output(output)
        if value is None:
            raise MissingError(f"the stack has no output {output}")
        return value

    @property
    def attaches(self) -> bool:
        """The stack redirects a pool that it did not create."""
        return bool(self.parameter("UserPoolId"))

    # ---- the pool ----

    @fact("cognito-idp:DescribeUserPool")
    def pool_settings(self) -> Mapping[str, Any]:
        pool_id = self.required("UserPoolId")
        found: Mapping[str, Any] = self.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
        return found

    @fact("cognito-idp:GetUserPoolMfaConfig")
    def pool_mfa(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("cognito-idp").get_user_pool_mfa_config(
            UserPoolId=self.required("UserPoolId")
        )
        return found

    def pool(self) -> Pool:
        settings, mfa = self.pool_settings(), self.pool_mfa()
        software = mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False)
        factors = Factors(sms="SmsMfaConfiguration" in mfa, others=software or "EmailMfaConfiguration" in mfa)
        pool_id = str(settings["Id"])
        region = self.client("cognito-idp").meta.region_name
        return Pool(settings, factors, pool_id, str(settings.get("Name")), region, f"user pool {pool_id}")

    @fact("cognito-idp:AdminGetUser")
    def user(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("cognito-idp").admin_get_user(
            UserPoolId=self.required("UserPoolId"), Username=name
        )
        return found

    @fact("cognito-idp:ListUsers")
    def users_with(self, attribute: str, value: str) -> list[Mapping[str, Any]]:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        found: list[Mapping[str, Any]] = self.client("cognito-idp").list_users(
            UserPoolId=self.required("UserPoolId"), Filter=f'{attribute} = "{quoted}"', Limit=60
        )["Users"]
        return found

    @fact("cognito-idp:AdminListDevices")
    def devices(self, name: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.client("cognito-idp").admin_list_devices(
            UserPoolId=self.required("UserPoolId"), Username=name, Limit=60
        )["Devices"]
        return found

    @fact("cognito-idp:ListUserPoolClients")
    def clients(self) -> list[Mapping[str, Any]]:
        pool_id, cognito = self.required("UserPoolId"), self.client("cognito-idp")
        pages = cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool_id, MaxResults=60)
        return [
            cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=each["ClientId"])["UserPoolClient"]
            for page in pages
            for each in page["UserPoolClients"]
        ]

    @fact("cognito-idp:ListUserPoolReplicas")
    def replicas(self) -> Mapping[str, str]:
        """The pool's other regions with their status; none if botocore does not know the operation yet."""
        cognito = self.client("cognito-idp")
        if not hasattr(cognito, "list_user_pool_replicas"):
            return {}
        found = cognito.list_user_pool_replicas(UserPoolId=self.required("UserPoolId")).get("UserPoolReplicas", [])
        return {each["RegionName"]: each.get("Status", "") for each in found if each.get("RegionName")}

    @fact("cloudtrail:LookupEvents")
    def refusals(self, operation: str, since: timedelta) -> list[Refusal]:
        """Calls that Cognito refused, of any pool, the latest first. CloudTrail shows them minutes later."""
        found = self.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": operation}],
            StartTime=datetime.now(UTC) - since,
            MaxResults=50,
        )["Events"]
        events = [_trail(each) for each in found]
        return [Refusal.of(each) for each in events if each.get("errorCode")]

    @fact("cloudtrail:LookupEvents")
    def changes_of_the_pool(self) -> list[Mapping[str, Any]]:
        """UpdateUserPool calls of the last 90 days, the latest first."""
        found: list[Mapping[str, Any]] = self.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "UpdateUserPool"}], MaxResults=20
        )["Events"]
        return found

    # ---- sender, key, queue, topic ----

    @fact("lambda:GetFunctionConfiguration")
    def function(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("lambda").get_function_configuration(
            FunctionName=self.required("SenderFunctionName")
        )
        return found

    @fact("lambda:GetFunctionConcurrency")
    def reserved_concurrency(self) -> int | None:
        found: int | None = (
            self.client("lambda")
            .get_function_concurrency(FunctionName=self.required("SenderFunctionName"))
            .get("ReservedConcurrentExecutions")
        )
        return found

    @fact("lambda:GetPolicy")
    def function_policy(self) -> list[Mapping[str, Any]]:
        """The statements of the sender's resource policy; none if it has no policy."""
        try:
            found = self.client("lambda").get_policy(FunctionName=self.required("SenderFunctionName"))
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            return []
        statements: list[Mapping[str, Any]] = json.loads(found["Policy"]).get("Statement", [])
        return statements

    def log_group(self) -> str:
        group = self.function().get("LoggingConfig", {}).get("LogGroup")
        return str(group or f"/aws/lambda/{self.required('SenderFunctionName')}")

    @fact("logs:FilterLogEvents")
    def log(self, since: timedelta) -> Log:
        """What the sender logged. A page may be empty although more follow (API reference, FilterLogEvents)."""
        lines: list[LogLine] = []
        query: dict[str, Any] = {
            "logGroupName": self.log_group(),
            "startTime": int((time.time() - since.total_seconds()) * 1000),
        }
        until = time.monotonic() + LONGEST_READING
        for _ in range(MOST_PAGES):
            page = self.client("logs").filter_log_events(**query)
            lines += [LogLine(each.get("timestamp", 0), each.get("message", "")) for each in page.get("events", [])]
            query["nextToken"] = page.get("nextToken")
            if not query["nextToken"]:
                return Log(tuple(lines))
            if time.monotonic() > until:
                break
        return Log(tuple(lines), complete=False)

    @fact("cloudwatch:GetMetricStatistics")
    def metric(self, name: str, since: timedelta) -> float:
        """The sum of one of Lambda's metrics of the sender."""
        now = datetime.now(UTC)
        found = self.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": "FunctionName", "Value": self.required("SenderFunctionName")}],
            StartTime=now - max(since, timedelta(minutes=1)),
            EndTime=now,
            Period=max(60, math.ceil(since.total_seconds() / 60) * 60),
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(float(each["Sum"]) for each in found)

    @fact("kms:DescribeKey")
    def key(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("kms").describe_key(KeyId=self.required("KmsKeyArn"))["KeyMetadata"]
        return found

    @fact("kms:GetKeyPolicy")
    def key_policy(self) -> list[Mapping[str, Any]]:
        found = self.client("kms").get_key_policy(KeyId=self.required("KmsKeyArn"), PolicyName="default")["Policy"]
        statements = json.loads(found).get("Statement", [])
        return statements if isinstance(statements, list) else [statements]

    @fact("iam:SimulatePrincipalPolicy")
    def simulated(self, role_arn: str, action: str, resource: str, context: tuple[tuple[str, str], ...]) -> str:
        """`allowed`, `explicitDeny` or `implicitDeny`."""
        entries = [{"ContextKeyName": k, "ContextKeyValues": [v], "ContextKeyType": "string"} for k, v in context]
        try:
            found = self.client("iam").simulate_principal_policy(
                PolicySourceArn=role_arn, ActionNames=[action], ResourceArns=[resource], ContextEntries=entries
            )
        except ClientError as error:
            if code_of(error) != "NoSuchEntity":
                raise
            raise RoleMissingError(role_arn) from error
        return str(found["EvaluationResults"][0]["EvalDecision"])

    @fact("sqs:GetQueueAttributes")
    def failure_queue(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.client("sqs").get_queue_attributes(
            QueueUrl=self.required("FailureQueueUrl"), AttributeNames=["All"]
        )["Attributes"]
        return found

    @fact("sqs:ReceiveMessage")
    def failed_events(self) -> list[Mapping[str, Any]]:
        """Up to ten of Lambda's invocation records; they stay in the queue, visible to everyone."""
        found = self.client("sqs").receive_message(
            QueueUrl=self.required("FailureQueueUrl"),
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [json.loads(each["Body"]) | {"_sent_ms": _sent(each)} for each in found.get("Messages", [])]

    @fact("sns:GetTopicAttributes")
    def topic(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.client("sns").get_topic_attributes(TopicArn=self.required("TopicArn"))[
            "Attributes"
        ]
        return found

    @fact("sns:ListSubscriptionsByTopic")
    def subscribers(self) -> list[Subscriber]:
        addresses = [address for name in EMAIL_PARAMETERS if (address := self.parameter(name))]
        return Subscribers(self.aws, self.required("TopicArn"), addresses).all()

    def missing_addresses(self, found: list[Subscriber]) -> list[str]:
        """The stack's own addresses without a subscription."""
        there = {each.address.casefold() for each in found}
        addresses = [address for name in EMAIL_PARAMETERS if (address := self.parameter(name))]
        return [each for each in addresses if each.casefold() not in there]

    @fact("sns:ListSubscriptionsByTopic")
    def other_subscriptions(self) -> list[str]:
        """The protocols of confirmed subscriptions that are not email."""
        pages = self.client("sns").get_paginator("list_subscriptions_by_topic")
        found = [each for page in pages.paginate(TopicArn=self.required("TopicArn")) for each in page["Subscriptions"]]
        return [
            each["Protocol"]
            for each in found
            if not each["Protocol"].startswith("email") and each["SubscriptionArn"].startswith("arn:")
        ]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that Cognito refused. CloudTrail hides user names; `sub` is the user's id, if it has one."""

    code: str
    text: str
    at: str
    pool_id: str | None
    client_id: str | None
    sub: str | None

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Refusal:
        asked, more = event.get("requestParameters") or {}, event.get("additionalEventData") or {}
        return cls(
            str(event["errorCode"]),
            str(event.get("errorMessage") or ""),
            str(event.get("eventTime") or ""),
            asked.get("userPoolId"),
            asked.get("clientId"),
            more.get("sub"),
        )


def _trail(event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        found = json.loads(event.get("CloudTrailEvent", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sent(message: Mapping[str, Any]) -> int:
    return int(message.get("Attributes", {}).get("SentTimestamp", 0))
