"""A pool as its owner might have it: many settings, triggers of its own, and the SMS role that Cognito insists on."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass

# Says what it is called for, lets every custom challenge succeed, and changes nothing else.
OBSERVER = """
def handler(event, context):
    source, response = event["triggerSource"], event["response"]
    print("observed", source, event["userName"])
    if source.startswith("DefineAuthChallenge"):
        session = event["request"]["session"]
        answered = bool(session) and session[-1].get("challengeResult") is True
        response.update(issueTokens=answered, failAuthentication=False)
        if not answered:
            response["challengeName"] = "CUSTOM_CHALLENGE"
    elif source.startswith("CreateAuthChallenge"):
        response.update(publicChallengeParameters={"say": "anything"}, privateChallengeParameters={"said": "anything"})
    elif source.startswith("VerifyAuthChallenge"):
        response["answerCorrect"] = True
    return event
"""
TRIGGERS = (
    "CustomMessage",
    "PostConfirmation",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
)
FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]
CHANGES_BY_ITSELF = ("LastModifiedDate", "EstimatedNumberOfUsers")
EXTERNAL_ID = "theirs"
NO_TOPIC = "arn:*:sns:*:*:*"  # phone numbers have no ARN


def many_settings(name, sms_role, observer_arn):
    """Arguments of CreateUserPool: a value other than the default wherever an update could lose it."""
    return {
        "PoolName": name,
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 10,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": False,
                "TemporaryPasswordValidityDays": 3,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "LambdaConfig": dict.fromkeys(TRIGGERS, observer_arn),
        "AutoVerifiedAttributes": ["phone_number"],
        "SmsVerificationMessage": "Their App: {####} proves your number",
        "VerificationMessageTemplate": {
            "DefaultEmailOption": "CONFIRM_WITH_CODE",
            "SmsMessage": "Their App: {####} proves your number",
            "EmailMessage": "Their App: {####}",
            "EmailSubject": "Their App",
        },
        "SmsAuthenticationMessage": "Their App: {####} signs you in",
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            "InviteMessageTemplate": {
                "SMSMessage": "Their App: {username}, your password is {####}",
                "EmailMessage": "Their App: {username}, {####}",
                "EmailSubject": "Their App",
            },
        },
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["phone_number"]},
        "MfaConfiguration": "OPTIONAL",
        "SmsConfiguration": {"SnsCallerArn": sms_role, "ExternalId": EXTERNAL_ID},
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserPoolTags": {"team": "mobile", "cost centre": "4711"},
        "Schema": [{"Name": "plan", "AttributeDataType": "String", "Mutable": True}],
        "UsernameConfiguration": {"CaseSensitive": False},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]},
        "UserPoolTier": "ESSENTIALS",
    }


@dataclass
class Owner:
    """Roles and function for all pools of a run."""

    account: object
    sms_role: str
    observer: str

    @classmethod
    def settled(cls, account):
        iam, name = account.client("iam"), account.name
        sms = _role(iam, f"{name}-sms", "cognito-idp", {"Action": "sns:Publish", "NotResource": NO_TOPIC}, EXTERNAL_ID)
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        role = _role(iam, f"{name}-observer", "lambda", {"Action": actions, "Resource": "*"})
        account.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}-observer")
        account.settle()
        function = account.when_spread(
            account.client("lambda").create_function,
            FunctionName=f"{name}-observer",
            Runtime="python3.13",
            Role=role,
            Handler="observer.handler",
            Code={"ZipFile": _zipped("observer.py", OBSERVER)},
            Timeout=10,
        )["FunctionArn"]
        account.client("lambda").get_waiter("function_active_v2").wait(FunctionName=function)
        return cls(account, sms, function)

    def pool(self, name, **settings):
        """A pool with many settings and these; its id."""
        cognito = self.account.client("cognito-idp")
        wanted = many_settings(f"{self.account.name}-{name}", self.sms_role, self.observer) | settings
        pool = self.account.when_spread(cognito.create_user_pool, **wanted)["UserPool"]
        self.account.client("lambda").add_permission(
            FunctionName=self.observer,
            StatementId=pool["Id"],
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceArn=pool["Arn"],
            SourceAccount=self.account.id,
        )
        return pool["Id"]

    def client_of(self, pool_id):
        client = self.account.client("cognito-idp").create_user_pool_client(
            UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=FLOWS, PreventUserExistenceErrors="ENABLED"
        )
        return client["UserPoolClient"]["ClientId"]

    def settings_of(self, pool_id):
        """Everything that can be seen of a pool's settings, but for what changes by itself."""
        cognito = self.account.client("cognito-idp")
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
        seen = {name: value for name, value in pool.items() if name not in CHANGES_BY_ITSELF}
        return seen | {"mfa": {name: value for name, value in mfa.items() if name != "ResponseMetadata"}}

    def observed(self, user_name):
        """The trigger sources that the function was called with for a user."""
        name = self.observer.rpartition(":")[2]
        logs = self.account.client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{name}", filterPattern="observed"
        )
        lines = [event["message"].split() for page in pages for event in page["events"]]
        return [line[line.index("observed") + 1] for line in lines if "observed" in line and line[-1] == user_name]


def _role(iam, name, service, allowed, external_id=None):
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    if external_id:
        trust["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="what-it-does", PolicyDocument=_policy({"Effect": "Allow"} | allowed))
    return arn


def _policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _zipped(name, source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o644 << 16  # Lambda must be able to read it
        archive.writestr(info, source)
    return buffer.getvalue()
