"""A pool as its owner might have it, for the demo of attaching and detaching."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cognito_idp.type_defs import SmsConfigurationTypeTypeDef

NAME = "their-pool"
ROLE = "their-sms-role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
PUBLISH = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]}


@dataclass(frozen=True, slots=True)
class ExistingPool:
    """The pool, its app client, and its settings before attaching."""

    id: str
    client_id: str
    before: dict[str, Any]
    cognito: Any

    @classmethod
    def create(cls, session: boto3.Session) -> Self:
        iam, cognito = session.client("iam"), session.client("cognito-idp")
        role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName=ROLE, PolicyName="publish", PolicyDocument=json.dumps(PUBLISH))
        sms: SmsConfigurationTypeTypeDef = {"SnsCallerArn": role, "ExternalId": "theirs"}
        pool_id = cognito.create_user_pool(
            PoolName=NAME,
            UserPoolTier="ESSENTIALS",
            AutoVerifiedAttributes=["phone_number"],
            Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}},
            SmsConfiguration=sms,
            SmsVerificationMessage="{####} is your code for Their App",
            UserPoolTags={"team": "mobile"},
        )["UserPool"]["Id"]
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool_id, SmsMfaConfiguration={"SmsConfiguration": sms}, MfaConfiguration="OPTIONAL"
        )
        client = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="app",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        return cls(pool_id, client, _settings(cognito, pool_id), cognito)

    def changed_settings(self) -> list[str]:
        """Names of the settings that differ from before."""
        now = _settings(self.cognito, self.id)
        return sorted(name for name in self.before | now if self.before.get(name) != now.get(name))


def _settings(cognito: Any, pool_id: str) -> dict[str, Any]:
    pool: dict[str, Any] = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    # Time and users change these.
    return {name: value for name, value in pool.items() if name not in ("LastModifiedDate", "EstimatedNumberOfUsers")}
