"""Shapes that templates with a user pool have in the wild, as a table: how they write texts, conditions and parameters.

Each is rewritten to the smallest template that has the shape. Texts are what each kind of SMS becomes; `sent` are the SMS
that the pool surely sends.
"""

# ruff: noqa: E501 - a table is read across, one shape a line

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent, indent
from typing import Any

VERIFICATION = "Your verification code is {####}."
AUTHENTICATION = "Your authentication code is {####}."
INVITATION = "Your username is {username} and temporary password is {####}."
ROLE = "SmsConfiguration: {SnsCallerArn: !GetAtt SmsRole.Arn, ExternalId: shop}"

CODES = ("SignUp", "ResendCode", "VerifyUserAttribute", "UpdateUserAttribute", "ForgotPassword")
WITHOUT_CONFIRMATION = ("VerifyUserAttribute", "ForgotPassword")


@dataclass(frozen=True)
class Shape:
    name: str
    template: str
    verification: str = VERIFICATION
    authentication: str = AUTHENTICATION
    invitation: str = INVITATION
    sent: tuple[str, ...] | None = None  # None: not what this shape is about
    errors: tuple[str, ...] = ()
    fails: str | None = None  # a pattern of the message, if nothing can be shown
    given: Mapping[str, str] = field(default_factory=dict)
    logical_id: str | None = None
    region: str | None = None
    custom_message: bool = False


def pool(properties: str = "", head: str = "", tail: str = "", *, attributes: str = "") -> str:
    """YAML with one pool between other parts."""
    lines = indent(dedent(properties).strip(), "      ")
    block = f"    Properties:\n{lines}\n" if lines else ""
    return (
        f"{dedent(head)}\nResources:\n{indent(dedent(tail), '  ')}\n  UserPool:\n    Type: AWS::Cognito::UserPool\n"
        f"{indent(dedent(attributes), '    ')}{block}"
    )


def in_json(properties: Mapping[str, Any], **sections: Any) -> str:
    """The same in JSON."""
    return json.dumps(
        {**sections, "Resources": {"UserPool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}}
    )


STAGE = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, test, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Equals [!Ref Stage, test]
  IsLive: !Or [!Condition IsProd, !Condition IsTest]
  IsPlay: !Not [!Condition IsLive]
"""
BRAND = """
Parameters:
  Brand: {Type: String, Default: Shop}
"""
TEXTS = """
Parameters:
  Language: {Type: String, Default: en}
Mappings:
  Texts:
    en: {Code: "Your code is {####}", Invite: "Welcome {username}: {####}"}
    de: {Code: "Ihr Code lautet {####}", Invite: "Willkommen {username}: {####}"}
  Regions:
    us-east-1: {Text: "US {####}"}
    eu-west-1: {Text: "EU {####}"}
"""
FUNCTION = """
TextsFunction:
  Type: AWS::Serverless::Function
  Properties:
    Runtime: python3.13
    Handler: texts.handler
    CodeUri: src/
    Events:
      Message:
        Type: Cognito
        Properties: {UserPool: !Ref UserPool, Trigger: CustomMessage}
"""

PLAIN = [
    Shape("no properties at all", pool(), sent=()),
    Shape("a name only", pool("UserPoolName: shop"), sent=()),
    Shape("email only", pool("AutoVerifiedAttributes: [email]\nUsernameAttributes: [email]"), sent=()),
    Shape(
        "phone as user name",
        pool(f"UsernameAttributes: [phone_number]\nAutoVerifiedAttributes: [phone_number]\n{ROLE}"),
        sent=(*CODES, "AdminCreateUser"),
    ),
    Shape("policies of the resource", pool("UserPoolName: x", attributes="DeletionPolicy: Retain\nUpdateReplacePolicy: Retain\n")),
    Shape("dependencies as a list", pool("UserPoolName: x", attributes="DependsOn: [SmsRole, Key]\n")),
    Shape("metadata of a linter", pool("UserPoolName: x", attributes="Metadata: {cfn_nag: {rules_to_suppress: [{id: F78}]}}\n")),
    Shape("version unquoted", pool("UserPoolName: x", "AWSTemplateFormatVersion: 2010-09-09\nDescription: >\n  Two\n  lines")),
    Shape("windows line ends", pool("SmsVerificationMessage: 'Code {####}'").replace("\n", "\r\n"), verification="Code {####}"),
    Shape("comments everywhere", pool("# why\nSmsVerificationMessage: 'Code {####}' # told by legal"), verification="Code {####}"),
    Shape("a document start", "---\n" + pool("UserPoolName: x")),
    Shape("outputs with exports", pool("UserPoolName: x") + "Outputs:\n  Id: {Value: !Ref UserPool, Export: {Name: !Sub '${AWS::StackName}-id'}}\n"),
    Shape("interface of parameters", pool("UserPoolName: x", "Metadata: {'AWS::CloudFormation::Interface': {ParameterGroups: []}}")),
    Shape("rules", pool("UserPoolName: x", "Rules: {R: {Assertions: [{Assert: {'Fn::Contains': [[a], a]}}]}}")),
]  # fmt: skip

QUOTING = [
    Shape("single quotes", pool("SmsVerificationMessage: 'It''s {####}'"), verification="It's {####}"),
    Shape("double quotes", pool(r'SmsVerificationMessage: "Code: \"{####}\""'), verification='Code: "{####}"'),
    Shape("no quotes", pool("SmsVerificationMessage: Your code is {####}"), verification="Your code is {####}"),
    Shape("folded, stripped", pool("SmsVerificationMessage: >-\n  Your code\n  is {####}"), verification="Your code is {####}"),
    Shape("literal, stripped", pool("SmsVerificationMessage: |-\n  Code {####}"), verification="Code {####}"),
    Shape("folded", pool("SmsVerificationMessage: >\n  Code {####}\nUserPoolName: x"), verification="Code {####}\n", errors=("line-break",)),
    Shape("literal", pool("SmsVerificationMessage: |\n  Code {####}\nUserPoolName: x"), verification="Code {####}\n", errors=("line-break",)),
    Shape("two lines", pool('SmsVerificationMessage: "Code\\n{####}"'), verification="Code\n{####}", errors=("line-break",)),
    Shape("continued line", pool('SmsVerificationMessage: "Your code\n  is {####}"'), verification="Your code is {####}"),
    Shape("japanese", pool("SmsVerificationMessage: 確認コードは {####} です"), verification="確認コードは {####} です"),
    Shape("right to left", pool("SmsVerificationMessage: رمز التحقق {####}"), verification="رمز التحقق {####}"),
    Shape("emoji", pool("SmsVerificationMessage: '🔐 {####}'"), verification="🔐 {####}"),
    Shape("escaped letters", pool(r'SmsVerificationMessage: "Zo\u00eb {####}"'), verification="Zoë {####}"),
    Shape("domain-bound lines in an invitation", pool('AdminCreateUserConfig: {InviteMessageTemplate: {SMSMessage: "{username} {####}\\n\\n@a.example #{####}"}}'), invitation="{username} {####}\n\n@a.example #{####}"),
    Shape("trailing full stop and space", pool("SmsVerificationMessage: 'Code {####}. '"), verification="Code {####}. "),
]  # fmt: skip

SETTINGS = [
    Shape("the newer setting", pool("VerificationMessageTemplate: {SmsMessage: 'New {####}'}"), verification="New {####}"),
    Shape("both settings", pool("SmsVerificationMessage: 'Old {####}'\nVerificationMessageTemplate: {SmsMessage: 'New {####}'}"), verification="New {####}"),
    Shape("an email template without an SMS one", pool("SmsVerificationMessage: 'Old {####}'\nVerificationMessageTemplate: {DefaultEmailOption: CONFIRM_WITH_LINK, EmailMessageByLink: '{##Here##}'}"), verification="Old {####}"),
    Shape("all three texts", pool("SmsVerificationMessage: 'V {####}'\nSmsAuthenticationMessage: 'A {####}'\nAdminCreateUserConfig: {InviteMessageTemplate: {SMSMessage: 'I {username} {####}'}}"), verification="V {####}", authentication="A {####}", invitation="I {username} {####}"),
    Shape("an invitation by email only", pool("AdminCreateUserConfig: {AllowAdminCreateUserOnly: true, InviteMessageTemplate: {EmailMessage: '{username} {####}', EmailSubject: Hello}}"), sent=()),
    Shape("booleans as strings", pool(f"AdminCreateUserConfig: {{AllowAdminCreateUserOnly: 'true'}}\nAutoVerifiedAttributes: [phone_number]\n{ROLE}"), sent=("VerifyUserAttribute", "UpdateUserAttribute", "ForgotPassword", "AdminCreateUser")),
    Shape("numbers as strings", pool("Policies: {PasswordPolicy: {MinimumLength: '12', RequireSymbols: 'true'}}")),
    Shape("mfa on", pool(f"MfaConfiguration: 'ON'\nAutoVerifiedAttributes: [phone_number]\n{ROLE}"), sent=(*CODES, "SmsMfa", "AdminCreateUser")),
    Shape("mfa optional, app only", pool(f"MfaConfiguration: OPTIONAL\nEnabledMfas: [SOFTWARE_TOKEN_MFA]\n{ROLE}"), sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("mfa optional, both", pool(f"MfaConfiguration: OPTIONAL\nEnabledMfas: [SMS_MFA, SOFTWARE_TOKEN_MFA]\n{ROLE}"), sent=(*WITHOUT_CONFIRMATION, "SmsMfa", "AdminCreateUser")),
    Shape("mfa without a role", pool("MfaConfiguration: 'ON'"), errors=("conflict",), sent=()),
    Shape("phone numbers without a role", pool("AutoVerifiedAttributes: [email, phone_number]"), errors=("conflict",), sent=()),
    Shape("recovery by phone, then email", pool(f"AccountRecoverySetting: {{RecoveryMechanisms: [{{Name: verified_phone_number, Priority: 1}}, {{Name: verified_email, Priority: 2}}]}}\n{ROLE}"), sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("recovery by administrators", pool(f"AccountRecoverySetting: {{RecoveryMechanisms: [{{Name: admin_only, Priority: 1}}]}}\n{ROLE}"), sent=("VerifyUserAttribute", "AdminCreateUser")),
    Shape("passwordless", pool(f"Policies: {{SignInPolicy: {{AllowedFirstAuthFactors: [PASSWORD, SMS_OTP]}}}}\nUserPoolTier: ESSENTIALS\n{ROLE}"), sent=(*WITHOUT_CONFIRMATION, "SmsOtp", "AdminCreateUser")),
    Shape("an invitation without a password", pool(f"Policies: {{SignInPolicy: {{AllowedFirstAuthFactors: [SMS_OTP]}}}}\nAdminCreateUserConfig: {{InviteMessageTemplate: {{SMSMessage: 'Hello {{username}}'}}}}\n{ROLE}"), invitation="Hello {username}"),
    Shape("threat protection", pool("UserPoolAddOns: {AdvancedSecurityMode: ENFORCED}\nUserPoolTier: PLUS")),
    Shape("verification before update", pool(f"UserAttributeUpdateSettings: {{AttributesRequireVerificationBeforeUpdate: [phone_number]}}\nAutoVerifiedAttributes: [phone_number]\n{ROLE}"), sent=(*CODES, "AdminCreateUser")),
    Shape("required attributes", pool("Schema: [{Name: given_name, Required: true, Mutable: true}, {Name: tenant, AttributeDataType: String, StringAttributeConstraints: {MinLength: '1', MaxLength: '256'}}]")),
    Shape("aliases and case", pool("AliasAttributes: [email, phone_number]\nUsernameConfiguration: {CaseSensitive: false}")),
    Shape("devices and tags", pool("DeviceConfiguration: {ChallengeRequiredOnNewDevice: true}\nUserPoolTags: {team: shop, cost: 7}")),
    Shape("email through SES", pool("EmailConfiguration: {EmailSendingAccount: DEVELOPER, SourceArn: !Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/a.example', From: !ImportValue from}")),
    Shape("an unquoted OFF", pool("MfaConfiguration: OFF"), errors=("not-allowed",)),
    Shape("an unquoted ON in a condition", pool(f"MfaConfiguration: !If [IsProd, ON, OPTIONAL]\n{ROLE}", STAGE), errors=("not-allowed",), given={"Stage": "prod"}),
    Shape("a misspelt factor", pool(f"MfaConfiguration: 'ON'\nEnabledMfas: [SMS]\n{ROLE}"), errors=("not-allowed",)),
]  # fmt: skip

PARAMETERS = [
    Shape("a text as a parameter", pool("SmsVerificationMessage: !Ref Text", "Parameters: {Text: {Type: String, Default: 'P {####}'}}"), verification="P {####}"),
    Shape("a text without a default", pool("SmsVerificationMessage: !Ref Text", "Parameters: {Text: {Type: String}}"), fails="--parameter-overrides Text=VALUE"),
    Shape("a text that is given", pool("SmsVerificationMessage: !Ref Text", "Parameters: {Text: {Type: String}}"), given={"Text": "G {####}"}, verification="G {####}"),
    Shape("a value that is not allowed", pool("UserPoolName: x", STAGE), given={"Stage": "live"}, fails="AllowedValues has dev, test, prod"),
    Shape("a brand in a text", pool("SmsVerificationMessage: !Sub '${Brand}: {####}'", BRAND), verification="Shop: {####}"),
    Shape("a brand, joined", pool("SmsVerificationMessage: !Join ['', [!Ref Brand, ': ', '{####}']]", BRAND), verification="Shop: {####}"),
    Shape("long forms", pool("SmsVerificationMessage: {'Fn::Join': [' ', [{Ref: Brand}, '{####}']]}", BRAND), verification="Shop {####}"),
    Shape("a sub with its own names", pool("SmsVerificationMessage:\n  Fn::Sub:\n    - '${Who}: {####}'\n    - Who: !Join ['-', [!Ref Brand, app]]", BRAND), verification="Shop-app: {####}"),
    Shape("a list of verified attributes", pool(f"AutoVerifiedAttributes: !Ref Verified\n{ROLE}", "Parameters: {Verified: {Type: CommaDelimitedList, Default: 'email,phone_number'}}"), sent=(*CODES, "AdminCreateUser")),
    Shape("a list that is split", pool(f"AutoVerifiedAttributes: !Split [',', !Ref Verified]\n{ROLE}", "Parameters: {Verified: {Type: String, Default: 'email,phone_number'}}"), sent=(*CODES, "AdminCreateUser")),
    Shape("one of several texts", pool("SmsVerificationMessage: !Select [1, !Ref Texts]", "Parameters: {Texts: {Type: CommaDelimitedList, Default: 'A {####}, B {####}'}}"), verification="B {####}"),
    Shape("a text in parameter store", pool("SmsVerificationMessage: !Ref Text", "Parameters: {Text: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /sms/text}}"), fails="kept in Parameter Store"),
    Shape("a text by dynamic reference", pool("SmsVerificationMessage: '{{resolve:ssm:/sms/text:1}}'"), fails="resolve:ssm"),
    Shape("an ARN in parameter store", pool("SmsConfiguration: {SnsCallerArn: !Ref Role}", "Parameters: {Role: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /role}}"), sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("secrets elsewhere", pool("UserPoolName: x", tail="Secret: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: '{{resolve:secretsmanager:s}}'}}\n")),
    Shape("a name with stack and account", pool("UserPoolName: !Sub '${AWS::StackName}-${AWS::AccountId}'\nSmsVerificationMessage: 'C {####}'"), verification="C {####}"),
    Shape("the stack's name in a text", pool("SmsVerificationMessage: !Sub '${AWS::StackName} {####}'"), verification="my-stack {####}"),
    Shape("the stack's name, given", pool("SmsVerificationMessage: !Sub '${AWS::StackName} {####}'"), given={"AWS::StackName": "shop"}, verification="shop {####}"),
    Shape("an export in a text", pool("SmsVerificationMessage: !ImportValue text"), fails="ImportValue"),
    Shape("an email's text from an export", pool("AdminCreateUserConfig: {InviteMessageTemplate: {EmailMessage: !ImportValue mail, SMSMessage: 'I {username} {####}'}}\nVerificationMessageTemplate: {EmailMessage: !GetAtt Page.Url}"), invitation="I {username} {####}"),
    Shape("another resource in a text", pool("SmsVerificationMessage: !Sub '${Page.Url} {####}'"), fails=r"Page\.Url"),
    Shape("no echo", pool("SmsVerificationMessage: !Sub '${Brand} {####}'", "Parameters: {Brand: {Type: String, NoEcho: true, Default: N}}"), verification="N {####}"),
]  # fmt: skip

CONDITIONS = [
    Shape("a text per stage", pool("SmsVerificationMessage: !If [IsProd, 'P {####}', 'D {####}']", STAGE), verification="D {####}"),
    Shape("a text per stage, given", pool("SmsVerificationMessage: !If [IsProd, 'P {####}', 'D {####}']", STAGE), given={"Stage": "prod"}, verification="P {####}"),
    Shape("conditions of conditions", pool("SmsVerificationMessage: !If [IsPlay, 'Play {####}', !If [IsProd, 'P {####}', 'T {####}']]", STAGE), given={"Stage": "test"}, verification="T {####}"),
    Shape("a text in production only", pool("SmsVerificationMessage: !If [IsProd, 'P {####}', !Ref 'AWS::NoValue']", STAGE)),
    Shape("a template in production only", pool("VerificationMessageTemplate: !If [IsProd, {SmsMessage: 'P {####}'}, !Ref 'AWS::NoValue']", STAGE), given={"Stage": "prod"}, verification="P {####}"),
    Shape("a role in production only", pool("SmsConfiguration: !If [IsProd, {SnsCallerArn: !GetAtt R.Arn}, !Ref 'AWS::NoValue']", STAGE), sent=()),
    Shape("mfa in production only", pool(f"MfaConfiguration: !If [IsProd, 'ON', 'OFF']\n{ROLE}", STAGE), given={"Stage": "prod"}, sent=(*WITHOUT_CONFIRMATION, "SmsMfa", "AdminCreateUser")),
    Shape("an entry of a list in production only", pool(f"AutoVerifiedAttributes: [email, !If [IsProd, phone_number, !Ref 'AWS::NoValue']]\n{ROLE}", STAGE), given={"Stage": "prod"}, sent=(*CODES, "AdminCreateUser")),
    Shape("a condition that only a deployment knows", pool(f"MfaConfiguration: !If [Later, 'ON', 'OFF']\n{ROLE}", "Conditions: {Later: !Equals [!ImportValue x, y]}"), sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("a pool on condition", pool("UserPoolName: x", STAGE, attributes="Condition: IsProd\n"), fails="condition holds"),
    Shape("either of two pools", "Conditions: {A: !Equals [a, a], B: !Equals [a, b]}\nResources:\n  One: {Type: AWS::Cognito::UserPool, Condition: A, Properties: {SmsVerificationMessage: 'One {####}'}}\n  Two: {Type: AWS::Cognito::UserPool, Condition: B}\n", verification="One {####}"),
    Shape("a region's condition", pool("SmsVerificationMessage: !If [Here, 'H {####}', 'T {####}']", "Conditions: {Here: !Equals [!Ref AWS::Region, eu-west-1]}"), region="eu-west-1", verification="H {####}"),
    Shape("a policy's condition", pool("UserPoolName: x", tail="SmsRole: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: [{Condition: {StringEquals: {'sts:ExternalId': shop}}}]}}}\n")),
]  # fmt: skip

MAPPINGS = [
    Shape("texts in a mapping", pool("SmsVerificationMessage: !FindInMap [Texts, !Ref Language, Code]", TEXTS), verification="Your code is {####}"),
    Shape("texts in a mapping, given", pool("SmsVerificationMessage: !FindInMap [Texts, !Ref Language, Code]\nAdminCreateUserConfig: {InviteMessageTemplate: {SMSMessage: !FindInMap [Texts, !Ref Language, Invite]}}", TEXTS), given={"Language": "de"}, verification="Ihr Code lautet {####}", invitation="Willkommen {username}: {####}"),
    Shape("a language without texts", pool("SmsVerificationMessage: !FindInMap [Texts, !Ref Language, Code]", TEXTS), given={"Language": "fr"}, fails=r"has no fr\.Code"),
    Shape("a default of a mapping", pool("SmsVerificationMessage: !FindInMap [Texts, !Ref Language, Code, {DefaultValue: 'D {####}'}]", TEXTS), given={"Language": "fr"}, verification="D {####}"),
    Shape("a text per region", pool("SmsVerificationMessage: !FindInMap [Regions, !Ref 'AWS::Region', Text]", TEXTS), region="eu-west-1", verification="EU {####}"),
    Shape("a mapping of another", pool("SmsVerificationMessage: !FindInMap [Texts, !Select [0, !Split ['-', de-DE]], Code]", TEXTS), verification="Ihr Code lautet {####}"),
    Shape("a mapping in a sub", pool("SmsVerificationMessage: !Sub ['${T}!', {T: !FindInMap [Texts, en, Code]}]", TEXTS), verification="Your code is {####}!"),
]  # fmt: skip

TOOLS = [
    Shape("sam, a trigger by event", pool(f"AutoVerifiedAttributes: [phone_number]\n{ROLE}", "Transform: AWS::Serverless-2016-10-31", FUNCTION), sent=(*CODES, "AdminCreateUser"), custom_message=True),
    Shape("sam, globals and aliases", pool("LambdaConfig: {CustomMessage: !Ref TextsFunction.Alias}", "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Timeout: 5, AutoPublishAlias: live}}"), custom_message=True),
    Shape("sam, several transforms", pool("UserPoolName: x", "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]")),
    Shape("sam, policies and connectors", pool("UserPoolName: x", "Transform: AWS::Serverless-2016-10-31", "Api: {Type: AWS::Serverless::Api, Properties: {Auth: {Authorizers: {C: {UserPoolArn: !GetAtt UserPool.Arn}}}}}\n")),
    Shape("sam, an application instead", "Transform: AWS::Serverless-2016-10-31\nResources: {Auth: {Type: AWS::Serverless::Application, Properties: {Location: auth.yaml}}}", fails="nested stacks may have one"),
    Shape("a nested stack instead", "Resources: {Auth: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://a.example/auth.yaml}}}", fails=r"nested stacks may have one: give their templates \(Auth\)"),
    Shape("a nested stack's own template", pool("SmsVerificationMessage: !Sub '${Brand}: {####}'", "Parameters: {Brand: {Type: String}, RoleArn: {Type: String}}"), given={"Brand": "B"}, verification="B: {####}"),
    Shape("cdk, defaults", in_json({"AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}, {"Name": "verified_email", "Priority": 2}]}, "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}, "EmailVerificationMessage": "The code is {####}", "SmsVerificationMessage": "The verification code to your new account is {####}", "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE", "SmsMessage": "The verification code to your new account is {####}"}}, Parameters={"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"}}, Rules={"CheckBootstrapVersion": {}}), verification="The verification code to your new account is {####}", sent=()),
    Shape("cdk, sms mfa", in_json({"MfaConfiguration": "ON", "EnabledMfas": ["SMS_MFA"], "SmsConfiguration": {"ExternalId": "shop", "SnsCallerArn": {"Fn::GetAtt": ["PoolsmsRole", "Arn"]}}, "AutoVerifiedAttributes": ["email", "phone_number"]}, Conditions={"CDKMetadataAvailable": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}}), sent=(*CODES, "SmsMfa", "AdminCreateUser")),
    Shape("cdk, an empty role", in_json({"SmsConfiguration": {}}), errors=("conflict",)),
    Shape("cdk, a custom sender", in_json({"LambdaConfig": {"CustomSMSSender": {"LambdaArn": {"Fn::GetAtt": ["F", "Arn"]}, "LambdaVersion": "V1_0"}, "KMSKeyID": {"Fn::GetAtt": ["K", "Arn"]}}})),
    Shape("a custom sender without a key", in_json({"LambdaConfig": {"CustomSMSSender": {"LambdaArn": {"Fn::GetAtt": ["F", "Arn"]}, "LambdaVersion": "V1_0"}}}), errors=("conflict",)),
    Shape("serverless framework, compiled", in_json({"UserPoolName": "shop-dev", "LambdaConfig": {"CustomMessage": {"Fn::GetAtt": ["TextsLambdaFunction", "Arn"]}}}, Description="The AWS CloudFormation template for this Serverless application"), custom_message=True),
    Shape("amplify, everything a parameter", pool("UserPoolName: !If [ShouldNotCreateEnvResources, !Ref userPoolName, !Join ['', [!Ref userPoolName, '-', !Ref env]]]\nMfaConfiguration: !Ref mfaConfiguration\nSmsVerificationMessage: !Ref smsVerificationMessage\nSmsAuthenticationMessage: !Ref smsAuthenticationMessage\nAutoVerifiedAttributes: !Ref autoVerifiedAttributes\nSmsConfiguration: {SnsCallerArn: !GetAtt SNSRole.Arn, ExternalId: role_external_id}", "Parameters:\n  env: {Type: String, Default: dev}\n  userPoolName: {Type: String, Default: shop}\n  mfaConfiguration: {Type: String, Default: 'OFF'}\n  smsVerificationMessage: {Type: String, Default: 'Your verification code is {####}'}\n  smsAuthenticationMessage: {Type: String, Default: 'Your authentication code is {####}'}\n  autoVerifiedAttributes: {Type: CommaDelimitedList, Default: email}\nConditions: {ShouldNotCreateEnvResources: !Equals [!Ref env, NONE]}"), verification="Your verification code is {####}", authentication="Your authentication code is {####}", sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("amplify, unquoted OFF as a default", pool("MfaConfiguration: !Ref mfa", "Parameters: {mfa: {Type: String, Default: OFF}}"), errors=("not-allowed",)),
    Shape("an include among other resources", pool("SmsVerificationMessage: 'C {####}'", tail="Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/more.yaml}}\n"), verification="C {####}"),
    Shape("an include in the pool", pool("UserPoolName: x\nFn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/pool.yaml}}"), fails="AWS::Include s3://b/pool.yaml"),
    Shape("a macro of their own", pool("SmsVerificationMessage: 'C {####}'", "Transform: [OwnMacro]"), verification="C {####}"),
    Shape("anchors of the texts", pool("<<: *common\nSmsAuthenticationMessage: 'A {####}'", "x-common: &common {SmsVerificationMessage: 'Shared {####}', UserPoolName: x}"), verification="Shared {####}", authentication="A {####}"),
    Shape("a loop over pools", "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Pools:\n    - Name\n    - [Shop, Blog]\n    - Pool${Name}: {Type: AWS::Cognito::UserPool, Properties: {SmsVerificationMessage: '${Name} {####}'}}\n", logical_id="PoolBlog", verification="Blog {####}"),
    Shape("several pools", "Resources:\n  A: {Type: AWS::Cognito::UserPool}\n  B: {Type: AWS::Cognito::UserPool}\n", fails="--logical-id, of A, B"),
    Shape("several pools, one chosen", "Resources:\n  A: {Type: AWS::Cognito::UserPool}\n  B: {Type: AWS::Cognito::UserPool, Properties: {SmsVerificationMessage: 'B {####}'}}\n", logical_id="B", verification="B {####}"),
    Shape("tabs in json", in_json({"SmsVerificationMessage": "T {####}"}).replace(", ", ",\n\t"), verification="T {####}"),
    Shape("clients, domains and groups beside it", pool("SmsVerificationMessage: 'C {####}'", tail="Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref UserPool, ExplicitAuthFlows: [ALLOW_USER_AUTH]}}\nDomain: {Type: AWS::Cognito::UserPoolDomain, Properties: {UserPoolId: !Ref UserPool, Domain: !Sub 'x-${AWS::AccountId}'}}\nGroup: {Type: AWS::Cognito::UserPoolGroup, Properties: {UserPoolId: !Ref UserPool}}\n"), verification="C {####}"),
]  # fmt: skip

SERVERLESS = [
    Shape("serverless framework, a part with a variable in the name", pool("UserPoolName: '${self:custom.stage}-pool'\nSmsVerificationMessage: 'S {####}'"), verification="S {####}"),
    Shape("serverless framework, a variable in a text", pool("SmsVerificationMessage: '${self:custom.brand}: {####}'"), fails="variable of the Serverless Framework"),
    Shape("serverless framework, a text from a file", pool("SmsVerificationMessage: ${file(./texts.yml):code}"), fails="serverless package"),
    Shape("serverless framework, a stage with a default", pool(f"MfaConfiguration: ${{self:custom.mfa.${{opt:stage, 'dev'}}}}\n{ROLE}"), sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("serverless framework, a variable in an attribute's name", pool("Schema: [{Name: '${param:attribute}', AttributeDataType: String}]")),
    Shape("a policy's variable beside it", pool("SmsVerificationMessage: 'C {####}'", tail="P: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: {Resource: 'arn:aws:s3:::b/${aws:username}/*'}}}\n"), verification="C {####}"),
]  # fmt: skip

SAMPLES = [
    Shape("switches are unquoted booleans", pool("SmsVerificationMessage: !If [Upload, 'U {####}', 'N {####}']", "Parameters: {Upload: {Type: String, Default: false, AllowedValues: [true, false]}}\nConditions: {Upload: !Equals [!Ref Upload, true]}"), given={"Upload": "true"}, verification="U {####}"),
    Shape("switches are capital booleans", pool("SmsVerificationMessage: !If [Up, 'U {####}', 'N {####}']", "Parameters: {Up: {Type: String, Default: True}}\nConditions: {Up: !Equals [!Ref Up, 'true']}"), verification="U {####}"),
    Shape("self sign-up if a domain is given", pool(f"AdminCreateUserConfig: {{AllowAdminCreateUserOnly: !If [Open, false, true]}}\nAutoVerifiedAttributes: [phone_number]\n{ROLE}", "Parameters: {Domains: {Type: String, Default: ''}}\nConditions: {Open: !Not [!Equals [!Ref Domains, '']]}"), given={"Domains": "a.example"}, sent=(*CODES, "AdminCreateUser")),
    Shape("triggers if a domain is given", pool("LambdaConfig: !If [Open, {PreSignUp: !GetAtt F.Arn, CustomMessage: !GetAtt F.Arn}, !Ref AWS::NoValue]", "Parameters: {Domains: {Type: String, Default: a.example}}\nConditions: {Open: !Not [!Equals [!Ref Domains, '']]}"), custom_message=True),
    Shape("a name cut from the stack's", pool("UserPoolName: !Join ['-', [UserPool, !Select [0, !Split ['-Auth', !Ref 'AWS::StackName']]]]\nSmsVerificationMessage: 'C {####}'"), verification="C {####}"),
    Shape("a text with a piece of the stack's id", pool("SmsVerificationMessage: !Sub ['{####} ${Id}', {Id: !Select [2, !Split ['/', !Ref 'AWS::StackId']]}]"), fails="AWS::StackId is known to a deployment only"),
    Shape("an email joined with an export", pool("AdminCreateUserConfig:\n  InviteMessageTemplate:\n    SMSMessage: 'I {username} {####}'\n    EmailMessage: !Join ['', ['<a href=', Fn::ImportValue: !Sub '${Brand}-Url', '>{username} {####}</a>']]", BRAND), invitation="I {username} {####}"),
    Shape("a constraint that python does not know", pool("SmsVerificationMessage: !Ref Text", r"Parameters: {Text: {Type: String, Default: 'É {####}', AllowedPattern: '[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{P}]*', MinLength: 6, MaxLength: 140}}"), verification="É {####}"),
    Shape("mfa by app and sms without a role", pool("MfaConfiguration: OPTIONAL\nEnabledMfas: [SOFTWARE_TOKEN_MFA, SMS_MFA]\nAccountRecoverySetting: {RecoveryMechanisms: [{Name: verified_email, Priority: 1}, {Name: verified_phone_number, Priority: 2}]}"), sent=()),
    Shape("an attribute without a type", pool("Schema:\n  - {Name: phone_number, Required: true, Mutable: true}\n  - {Name: email, Required: true}\nUsernameAttributes: [email]")),
    Shape("passwordless by custom challenges", pool(f"UsernameAttributes: [phone_number]\nLambdaConfig: {{DefineAuthChallenge: !GetAtt D.Arn, CreateAuthChallenge: !GetAtt C.Arn, VerifyAuthChallengeResponse: !GetAtt V.Arn, PreSignUp: !GetAtt P.Arn}}\nPolicies: {{PasswordPolicy: {{MinimumLength: 8, PasswordHistorySize: 22}}}}\n{ROLE}"), sent=(*WITHOUT_CONFIRMATION, "AdminCreateUser")),
    Shape("a user created by the template", pool("UserPoolName: x", tail="Admin: {Type: AWS::Cognito::UserPoolUser, Properties: {UserPoolId: !Ref UserPool, DesiredDeliveryMediums: [EMAIL]}}\n")),
    Shape("a tag of another tool", pool("SmsVerificationMessage: 'C {####}'\nUserPoolTags: !Rain::Embed tags.yaml"), verification="C {####}"),
    Shape("a text by a tag of another tool", pool("SmsVerificationMessage: !Include text.txt"), fails="Include"),
]  # fmt: skip

SHAPES = [*PLAIN, *QUOTING, *SETTINGS, *PARAMETERS, *CONDITIONS, *MAPPINGS, *TOOLS, *SERVERLESS, *SAMPLES]
