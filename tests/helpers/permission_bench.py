"""Deploys the template with IAM enforced, runs everything that its permissions are for, and says what did not work.

Strangers try what the conditions keep from them, too: a condition that is gone breaks no flow, but lets somebody in.
The emulator is imported late: it reads its settings then.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from botocore.exceptions import ClientError

from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.deploy import DeployError
from sms_redirect.sandbox.emulator import ACCOUNT_ID, scope
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.emulator import iam as emulator_iam

PHONE = "+12065550142"
REGION = "us-east-1"
COGNITO, CLOUDWATCH, LAMBDA = "cognito-idp.amazonaws.com", "cloudwatch.amazonaws.com", "lambda.amazonaws.com"
EVENTS = "events.amazonaws.com"
EMAIL = "email.cognito-idp.amazonaws.com"
OTHER_ACCOUNT = "999999999999"
OTHER_POOL = f"{REGION}_SomeOther"
TEXTS = "def handler(event, context):\n    event['response']['smsMessage'] = 'Texts {####}'\n    return event\n"
ALLOWED = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
PUBLISH = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})
REFUSAL = re.compile(r'(?:^|; )(\w+): (?:.*?(?:Message returned|message): "?)?([^".(]{5,100})')
THEIRS = {"team": "mobile"}

Template = dict[str, Any]
Outputs = Mapping[str, str]


@dataclass
class Bench:
    """`phones` has what arrives, `sandbox` is the running one, `session` has the administrator's credentials."""

    sandbox: Any
    session: Any
    phones: Any
    number: int = 0
    pools: list[str] = field(default_factory=list)

    def notice_created(self, template: Template) -> str | None:
        """What a stack with a pool of its own does not do with these permissions; None if it does everything."""
        parameters = {
            "AlarmEmail": "ops@example.com",
            "CustomMessageFunctionArn": self.texts,
            "AllowedEmailDomains": "example.com",
        }
        return self._deployed(template, parameters, self._checks_of_created())

    def notice_attached(self, template: Template) -> str | None:
        """The same of a stack on an existing pool, up to the pool as it was before; also after an attach that fails."""
        pool_id = self._existing_pool(self.sms_role)
        before = self._pool(pool_id)
        noticed = self._deployed(template, {"UserPoolId": pool_id}, self._checks_of_attached())
        if noticed:
            return noticed
        if self._pool(pool_id) != before:
            return "detach: the pool is not as it was"
        return self._notice_refused(template)

    def _notice_refused(self, template: Template) -> str | None:
        """Cognito refuses the update, since the pool's SMS role went meanwhile: the pool must be left as it was."""
        roles = self.session.client("iam")
        gone = roles.create_role(RoleName="bench-gone", AssumeRolePolicyDocument=_trusting(COGNITO))["Role"]["Arn"]
        roles.put_role_policy(RoleName="bench-gone", PolicyName="publish", PolicyDocument=PUBLISH)
        pool_id = self._existing_pool(gone)
        before = self._pool(pool_id)
        roles.update_assume_role_policy(RoleName="bench-gone", PolicyDocument=_trusting(LAMBDA))
        refused = self._deployed(template, {"UserPoolId": pool_id}, [])
        roles.delete_role_policy(RoleName="bench-gone", PolicyName="publish")
        roles.delete_role(RoleName="bench-gone")
        if not refused or "trust relationship" not in refused:
            return f"attach to a pool with a broken SMS role: {refused}"
        return None if self._pool(pool_id) == before else "failed attach: the pool is not as it was"

    def prepare(self) -> None:
        """Make what belongs to others: a CustomMessage function and an SMS role."""
        roles, functions = self.session.client("iam"), self.session.client("lambda")
        role = roles.create_role(RoleName="texts", AssumeRolePolicyDocument=_trusting(LAMBDA))["Role"]["Arn"]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("texts.py", TEXTS)
        self.texts = functions.create_function(
            FunctionName="bench-texts", Runtime="python3.13", Handler="texts.handler", Role=role,
            Code={"ZipFile": buffer.getvalue()},
        )["FunctionArn"]  # fmt: skip
        theirs = roles.create_role(RoleName="bench-sms", AssumeRolePolicyDocument=_trusting(COGNITO))
        self.sms_role = theirs["Role"]["Arn"]
        roles.put_role_policy(RoleName="bench-sms", PolicyName="publish", PolicyDocument=PUBLISH)

    def clean_up(self) -> None:
        roles = self.session.client("iam")
        self.session.client("lambda").delete_function(FunctionName="bench-texts")
        roles.delete_role_policy(RoleName="bench-sms", PolicyName="publish")
        for role in ("texts", "bench-sms"):
            roles.delete_role(RoleName=role)
        for pool_id in self.pools:
            self.session.client("cognito-idp").delete_user_pool(UserPoolId=pool_id)

    def _deployed(
        self, template: Template, parameters: Mapping[str, str], checks: list[Callable[[Outputs], str | None]]
    ) -> str | None:
        self.number += 1
        name = f"bench-{self.number}"
        deploy.template_path = lambda: _Text(template)
        try:
            outputs = deploy.deploy(self.session, name, {"Email": "qa@example.com"} | parameters)
        except DeployError as error:
            self._delete(name)
            return f"deployment: {_refusal(error)}"
        noticed = next((found for check in checks if (found := _outcome(check, outputs))), None)
        return self._delete(name) or noticed

    def _delete(self, name: str) -> str | None:
        try:
            deploy.delete(self.session, name)
        except DeployError as error:
            return f"deletion: {_refusal(error)}"
        return None

    def _checks_of_created(self) -> list[Callable[[Outputs], str | None]]:
        return [
            self._sign_up, self._own_text, self._log, self._failure_queue,
            self._strangers_with_the_senders_role, self._strangers_with_the_sms_role, self._strangers_at_the_sender,
            self._strangers_at_the_key, self._plain_http, self._strangers_at_the_topic, self._alarms,
        ]  # fmt: skip

    def _checks_of_attached(self) -> list[Callable[[Outputs], str | None]]:
        return [
            self._attached_sign_up, self._attachment_log, self._watch, self._strangers_with_the_attachments_role,
            self._strangers_at_the_attachment,
        ]  # fmt: skip

    # flows

    def _sign_up(self, outputs: Outputs) -> str | None:
        """The CustomMessage function's text arrives."""
        sms = self._sms_of_a_sign_up(outputs["UserPoolClientId"])
        shown = sms is not None and not sms.failure and sms.text == f"Texts {sms.code}"
        return None if shown else "sign-up: no SMS with the CustomMessage function's text"

    def _own_text(self, outputs: Outputs) -> str | None:
        """Of a flow that CustomMessage is not asked for, the pool's own text arrives."""
        event = self._event(outputs, "CustomSMSSender_SomethingNew")
        self._invoke(outputs, event)
        sms = self._arrived("SomethingNew")
        return None if sms and sms.template_source == "pool" else "texts: the pool's own could not be read"

    def _log(self, outputs: Outputs) -> str | None:
        return None if self._events(outputs["SenderLogGroupName"]) else "log: the sender's is empty"

    def _failure_queue(self, outputs: Outputs) -> str | None:
        self.sandbox.sender_fault.set("fail", 3)
        self._sign_up_in(outputs["UserPoolClientId"])
        self.sandbox.wait_until_quiet()
        queue = self.session.client("sqs")
        messages = queue.receive_message(QueueUrl=outputs["FailureQueueUrl"]).get("Messages")
        return None if messages else "failure queue: the event of a lost SMS is not there"

    def _attached_sign_up(self, outputs: Outputs) -> str | None:
        client = self.session.client("cognito-idp").create_user_pool_client(
            UserPoolId=outputs["UserPoolId"], ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        sms = self._sms_of_a_sign_up(client)
        return None if sms and not sms.failure else "sign-up in the existing pool: the SMS is not shown"

    def _attachment_log(self, outputs: Outputs) -> str | None:
        return None if self._events(outputs["AttachmentLogGroupName"]) else "log: the attachment's is empty"

    def _watch(self, outputs: Outputs) -> str | None:
        """A lost SMS is told, once; the second look remembers the first."""
        self.session.client("sqs").send_message(QueueUrl=outputs["FailureQueueUrl"], MessageBody="lost")
        looks = [self._look(outputs), self._look(outputs)]
        for look in looks:
            if "errorMessage" in look:
                return f"watch: {_denied(look['errorMessage'])}"
            if look["unseen"]:
                return f"watch: could not look at the {_denied(look['unseen'][0])}"
        if "queue" not in looks[0]["told"]:
            return "watch: the topic did not take the notice"
        return "watch: told again what was told" if looks[1]["told"] else None

    def _look(self, outputs: Outputs) -> dict[str, Any]:
        response = self.session.client("lambda").invoke(
            FunctionName=self._attachment_function(outputs), Payload=json.dumps({"sms-redirect": "watch"})
        )
        look: dict[str, Any] = json.loads(response["Payload"].read())
        return look

    # strangers

    def _strangers_with_the_senders_role(self, outputs: Outputs) -> str | None:
        role, key = self._role_of(outputs["SenderFunctionName"]), outputs["KmsKeyArn"]
        if _may(role, "kms:Decrypt", key, {"kms:EncryptionContext:userpool-id": OTHER_POOL}):
            return "stranger: decrypts another pool's codes"
        other_topic = f"{outputs['TopicArn']}-other"
        if _may(role, "kms:Decrypt", key, {"kms:EncryptionContext:aws:sns:topicArn": other_topic}):
            return "stranger: reads another topic of the key"
        return None

    def _strangers_with_the_attachments_role(self, outputs: Outputs) -> str | None:
        role = self._attachment_role(outputs)
        anybodys = f"arn:aws:iam::{ACCOUNT_ID}:role/administrator"
        pools = {"kms:EncryptionContext:userpool-id": outputs["UserPoolId"]}
        if _may(role, "kms:Decrypt", outputs["KmsKeyArn"], pools):
            return "stranger: the attachment decrypts codes"
        if _may(role, "iam:PassRole", anybodys, {"iam:PassedToService": LAMBDA}):
            return "stranger: passes any role to a service other than Cognito"
        linked = (
            f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/{EMAIL}/AWSServiceRoleForAmazonCognitoIdpEmailService"
        )
        if _may(role, "iam:CreateServiceLinkedRole", linked, {"iam:AWSServiceName": "ecs.amazonaws.com"}):
            return "stranger: makes another service's linked role"
        return None

    def _strangers_with_the_sms_role(self, outputs: Outputs) -> str | None:
        pool = self._pool(outputs["UserPoolId"])["SmsConfiguration"]
        role, external = emulator_iam.role(pool["SnsCallerArn"]), pool["ExternalId"]
        if role.trusts(COGNITO, {"sts:ExternalId": "guess", "aws:SourceAccount": ACCOUNT_ID}):
            return "stranger: takes the SMS role without its external id"
        if role.trusts(COGNITO, {"sts:ExternalId": external, "aws:SourceAccount": OTHER_ACCOUNT}):
            return "stranger: takes the SMS role from another account"
        return None

    def _strangers_at_the_sender(self, outputs: Outputs) -> str | None:
        with scope(REGION):
            function = self._function_arn(outputs)
            statements = emulator_lambda.function_policy(function)
        mine = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT_ID}:userpool/"
        who = {
            "another pool": (mine + OTHER_POOL, ACCOUNT_ID),
            "another account": (mine + outputs["UserPoolId"], OTHER_ACCOUNT),
        }
        for name, (arn, account) in who.items():
            keys = {"aws:SourceArn": arn, "aws:SourceAccount": account}
            if _decision({"Statement": statements}, COGNITO, "lambda:InvokeFunction", keys, function) == "Allow":
                return f"stranger: {name} invokes the sender"
        return None

    def _strangers_at_the_attachment(self, outputs: Outputs) -> str | None:
        with scope(REGION):
            function = self._function_arn(outputs, self._attachment_function(outputs))
            statements = emulator_lambda.function_policy(function)
        rules = self.session.client("events").list_rule_names_by_target(TargetArn=function)["RuleNames"]
        [rule] = [self.session.client("events").describe_rule(Name=name)["Arn"] for name in rules]
        wanted = {rule: "Allow", f"{rule}-other": None}
        for arn, decision in wanted.items():
            keys = {"aws:SourceArn": arn, "aws:SourceAccount": ACCOUNT_ID}
            found = _decision({"Statement": statements}, EVENTS, "lambda:InvokeFunction", keys, function)
            if (found == "Allow") != (decision == "Allow"):
                return (
                    "watch: the schedule may not invoke it" if decision else "stranger: another rule invokes the watch"
                )
        return None

    def _strangers_at_the_key(self, outputs: Outputs) -> str | None:
        from ministack.services import kms

        with scope(REGION):
            record = kms._keys[outputs["KmsKeyArn"].rpartition("/")[2]]
        policy = json.loads(record["Policy"]) if isinstance(record["Policy"], str) else record["Policy"]
        mine = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT_ID}:userpool/{outputs['UserPoolId']}"
        own = {"aws:SourceArn": mine, "aws:SourceAccount": ACCOUNT_ID}
        if _decision(policy, COGNITO, "kms:CreateGrant", own) != "Allow":
            return "key: Cognito may not make a grant"
        for key, value in {"aws:SourceAccount": OTHER_ACCOUNT, "aws:SourceArn": "arn:aws:ses:::identity/x"}.items():
            if _decision(policy, COGNITO, "kms:CreateGrant", own | {key: value}) == "Allow":
                return f"stranger: makes a grant with another {key}"
        return None

    def _plain_http(self, outputs: Outputs) -> str | None:
        from ministack.services import sns, sqs

        topic, queue = outputs["TopicArn"], outputs["FailureQueueUrl"]
        with scope(REGION):
            topic_policy = sns._topics[topic]["attributes"]["Policy"]
            queue_policy = sqs._queues[queue]["attributes"].get("Policy", "{}")
        actions = [
            "Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes", "ListSubscriptionsByTopic",
            "AddPermission", "RemovePermission", "DeleteTopic",
        ]  # fmt: skip
        for action in actions:
            if _decision(topic_policy, None, f"sns:{action}", {}, topic, tls=False) != "Deny":
                return f"plain HTTP: sns:{action}"
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue.rpartition('/')[2]}"
        if _decision(queue_policy, None, "sqs:ReceiveMessage", {}, arn, tls=False) != "Deny":
            return "plain HTTP: the failure queue"
        if "Deny" in {
            _decision(topic_policy, None, "sns:Publish", {}, topic),
            _decision(queue_policy, None, "sqs:ReceiveMessage", {}, arn),
        }:
            return "TLS: topic or queue refuse it as well"
        return None

    def _strangers_at_the_topic(self, outputs: Outputs) -> str | None:
        from ministack.services import sns

        topic = outputs["TopicArn"]
        with scope(REGION):
            policy = sns._topics[topic]["attributes"]["Policy"]

        def denied(protocol: str, endpoint: str, account: str = ACCOUNT_ID) -> bool:
            keys = {"sns:protocol": protocol, "sns:endpoint": endpoint}
            return _decision(policy, None, "sns:Subscribe", keys, topic, account=account) == "Deny"

        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:queue"
        for protocol, endpoint in {
            "email": "b@example.com", "sqs": queue, "https": "https://hooks.example.org/@team@sms",
        }.items():  # fmt: skip
            if denied(protocol, endpoint):
                return f"topic: refuses an allowed endpoint ({protocol})"
        if not denied("email", "a@elsewhere.org,b@example.com"):
            return "stranger: a list that ends in an allowed address is subscribed"
        if not denied("email", "a@elsewhere.org"):
            return "stranger: an address of another domain is subscribed"
        return None if denied("sqs", queue, OTHER_ACCOUNT) else "stranger: another account subscribes"

    def _alarms(self, _outputs: Outputs) -> str | None:
        from ministack.services import sns

        alarms = self.session.client("cloudwatch").describe_alarms()["MetricAlarms"]
        [topic] = {action for alarm in alarms for action in alarm["AlarmActions"]}
        with scope(REGION):
            policy = sns._topics[topic]["attributes"]["Policy"]
        own = {"aws:SourceAccount": ACCOUNT_ID, "aws:SourceArn": alarms[0]["AlarmArn"]}
        if _decision(policy, CLOUDWATCH, "sns:Publish", own, topic) != "Allow":
            return "alarm: CloudWatch may not publish"
        others = {"aws:SourceAccount": OTHER_ACCOUNT, "aws:SourceArn": alarms[0]["AlarmArn"].replace("bench", "other")}
        for key, value in others.items():
            if _decision(policy, CLOUDWATCH, "sns:Publish", own | {key: value}, topic) == "Allow":
                return f"stranger: publishes alarms with another {key}"
        return None if _decision(policy, None, "sns:Publish", {}, topic, tls=False) == "Deny" else "plain HTTP: alarms"

    # doing things

    def _sms_of_a_sign_up(self, client_id: str) -> Any:
        self._sign_up_in(client_id)
        self.sandbox.wait_until_quiet()
        return self._arrived("SignUp")

    def _sign_up_in(self, client_id: str) -> None:
        self.number += 1
        self.session.client("cognito-idp").sign_up(
            ClientId=client_id, Username=f"user-{self.number}", Password="Passw0rd!Passw0rd!",
            UserAttributes=[{"Name": "phone_number", "Value": PHONE}],
        )  # fmt: skip

    def _arrived(self, flow: str) -> Any:
        """The newest SMS of a flow; takes everything that is there."""
        with self.phones._arrived:
            found = [each for each in self.phones._documents if each.phone_number == PHONE and each.flow == flow]
            self.phones._documents[:] = [each for each in self.phones._documents if each.phone_number != PHONE]
        return found[-1] if found else None

    def _event(self, outputs: Outputs, source: str) -> dict[str, Any]:
        from sms_redirect.encryption import Encryption

        code = Encryption().encrypt("123456", outputs["KmsKeyArn"], outputs["UserPoolId"])
        request = {"type": "customSMSSenderRequestV1", "code": code, "userAttributes": {"phone_number": PHONE}}
        return {
            "version": "1", "triggerSource": source, "region": REGION, "userPoolId": outputs["UserPoolId"],
            "userName": "u", "callerContext": {}, "request": request,
        }  # fmt: skip

    def _invoke(self, outputs: Outputs, event: dict[str, Any]) -> None:
        self.session.client("lambda").invoke(FunctionName=outputs["SenderFunctionName"], Payload=json.dumps(event))

    def _existing_pool(self, sms_role: str) -> str:
        cognito = self.session.client("cognito-idp")
        pool_id = cognito.create_user_pool(
            PoolName="theirs", AutoVerifiedAttributes=["phone_number"], UserPoolTags=THEIRS,
            SmsConfiguration={"SnsCallerArn": sms_role, "ExternalId": "theirs"},
            EmailConfiguration={
                "EmailSendingAccount": "DEVELOPER",
                "SourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT_ID}:identity/qa@example.com",
            },
        )["UserPool"]["Id"]  # fmt: skip
        self.pools.append(pool_id)
        return pool_id

    def _pool(self, pool_id: str) -> dict[str, Any]:
        pool = self.session.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
        return {name: pool[name] for name in pool if name not in ("LastModifiedDate", "EstimatedNumberOfUsers")}

    def _events(self, group: str) -> list[Any]:
        return self.session.client("logs").filter_log_events(logGroupName=group)["events"]

    def _function_arn(self, outputs: Outputs, name: str | None = None) -> str:
        """Of the sender, unless another function is named."""
        functions = self.session.client("lambda")
        return functions.get_function_configuration(FunctionName=name or outputs["SenderFunctionName"])["FunctionArn"]

    def _role_of(self, function: str) -> Any:
        functions = self.session.client("lambda")
        return emulator_iam.role(functions.get_function_configuration(FunctionName=function)["Role"])

    def _attachment_role(self, outputs: Outputs) -> Any:
        return self._role_of(self._attachment_function(outputs))

    def _attachment_function(self, outputs: Outputs) -> str:
        function: str
        [function] = [
            each["FunctionName"]
            for each in self.session.client("lambda").list_functions()["Functions"]
            if each.get("LoggingConfig", {}).get("LogGroup") == outputs["AttachmentLogGroupName"]
        ]
        return function


def _denied(text: str) -> str:
    """Up to the word of the refusal."""
    return re.split(r"(?<=AccessDenied)|(?<=AuthorizationError)|(?<=Exception)", text)[0]


def _trusting(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _refusal(error: DeployError) -> str:
    """Which resource failed, and the first words of why."""
    found = REFUSAL.search(str(error).partition(" failed: ")[2])
    return f"{found[1]}: {found[2].partition(': User: ')[0].strip()}" if found else str(error)


def _outcome(check: Callable[[Outputs], str | None], outputs: Outputs) -> str | None:
    try:
        return check(outputs)
    except ClientError as error:
        return f"{check.__name__.strip('_').replace('_', ' ')}: {error.response['Error']['Code']}"


class _Text:
    """A template in the place of its file. Packaging looks for the lines with CodeUri."""

    def __init__(self, template: Template) -> None:
        self._text = yaml.safe_dump(json.loads(json.dumps(template)), sort_keys=False)

    def read_text(self, **_encoding: str) -> str:
        return self._text


def _may(role: Any, action: str, resource: str, context: Mapping[str, str]) -> bool:
    from ministack.core import iam_evaluator

    name = role.record["RoleName"]
    request = emulator_iam._service_context(role.record["Arn"], action, context, resource)
    return bool(iam_evaluator.evaluate(request, _policies(name)).decision == "Allow")


def _policies(role_name: str) -> Any:
    return emulator_iam._gatherer("_gather_role_policies")(role_name, ACCOUNT_ID)


def _decision(
    policy: Any,
    service: str | None,
    action: str,
    context: Mapping[str, str],
    resource: str = "*",
    *,
    tls: bool = True,
    account: str = ACCOUNT_ID,
) -> str:
    """What a resource's policy says to a service, or to anybody at all."""
    from ministack.core import iam_evaluator

    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = [{**each, "Resource": each.get("Resource", "*")} for each in document.get("Statement", [])]
    request = emulator_iam._service_context(service or "arn:aws:iam::999999999999:user/x", action, context, resource)
    request.secure_transport, request.principal_account = tls, account
    return str(iam_evaluator.evaluate_resource_policy({"Statement": statements}, request, service=service).decision)
