"""Every statement of every policy in the template, word for word, each with what AWS documents about it.

Taking away any action, condition or trust, or adding one, fails here. What a removal breaks when it is deployed is in
tests/integration/test_least_privilege.py, which runs with --slow and prints the table of SECURITY.md.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from template_permissions import documents, listed, permissions, removals

TEMPLATE = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())
KEY = "CreateKey ? ${Key.Arn} : ${KmsKeyArn}"
POOL_ID = "CreatePool ? ${UserPool} : ${UserPoolId}"
COGNITO_IDP = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}"
IAM = "arn:${AWS::Partition}:iam::${AWS::AccountId}"
NO_TLS = {"Bool aws:SecureTransport": "false"}
EMAIL = {"StringEquals sns:Protocol": "email, email-json"}
DOMAINS = "*@${All} with All = ${AllowedEmailDomains} split at , joined by ,*@ split at ,"
ACCOUNT = {"StringEquals aws:SourceAccount": "${AWS::AccountId}"}


@dataclass(frozen=True)
class Statement:
    """`source` is where AWS says that it is needed, or what it limits."""

    source: str
    actions: list[str]
    resource: str | None
    effect: str = "Allow"
    principal: str | None = None
    condition: dict[str, str] = field(default_factory=dict)


EXPECTED = {
    "Key": [
        Statement(
            "KMS developer guide, Default key policy: without it no IAM policy counts for the key",
            ["kms:*"], "*", principal=f"AWS {IAM}:root",
        ),
        Statement(
            "Cognito developer guide, Custom SMS sender Lambda trigger: the key policy for the service principal",
            ["kms:CreateGrant"], "*", principal="Service cognito-idp.amazonaws.com",
            condition=ACCOUNT | {"ArnLike aws:SourceArn": f"{COGNITO_IDP}:userpool/*"},
        ),
    ],
    "TopicPolicy": [
        Statement(
            "SNS developer guide, Security best practices: enforce encryption of data in transit",
            ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes", "sns:SetTopicAttributes",
             "sns:ListSubscriptionsByTopic", "sns:AddPermission", "sns:RemovePermission", "sns:DeleteTopic"],
            "${Topic}", "Deny", "*", NO_TLS,
        ),
        Statement(
            "IAM user guide, AWS global condition context keys: aws:PrincipalAccount",
            ["sns:Subscribe"], "${Topic}", "Deny", "*", {"StringNotEquals aws:PrincipalAccount": "${AWS::AccountId}"},
        ),
        Statement(
            "SNS developer guide, Amazon SNS API permissions: sns:endpoint and sns:protocol of a Subscribe request",
            ["sns:Subscribe"], "${Topic}", "Deny", "*",
            EMAIL | {"StringNotLike sns:Endpoint": f"HasEmailDomains ? {DOMAINS} : *"},
        ),
        Statement(
            "The same: what ends in an allowed domain may still be a list, which is not known to be refused by SNS",
            ["sns:Subscribe"], "${Topic}", "Deny", "*", EMAIL | {"StringLike sns:Endpoint": "*@*@*"},
        ),
    ],
    "FailureQueuePolicy": [
        Statement(
            "SQS developer guide, Security best practices: enforce encryption of data in transit",
            ["sqs:*"], "${FailureQueue.Arn}", "Deny", "*", NO_TLS,
        ),
    ],
    "SenderRole trust": [
        Statement("Lambda developer guide, Execution role", ["sts:AssumeRole"], None,
                  principal="Service lambda.amazonaws.com"),
    ],
    "SenderRole/publish": [
        Statement("SNS API reference, Publish", ["sns:Publish"], "${Topic}"),
        Statement(
            "SNS developer guide, Key management: permissions to publish to an encrypted topic; the topic's ARN is the "
            "encryption context",
            ["kms:Decrypt", "kms:GenerateDataKey"], KEY,
            condition={"StringEquals kms:EncryptionContext:aws:sns:topicArn": "${Topic}"},
        ),
        Statement("Lambda developer guide, Retaining records of asynchronous invocations: SQS destination",
                  ["sqs:SendMessage"], "${FailureQueue.Arn}"),
        Statement("Lambda developer guide, Sending function logs to CloudWatch Logs: required permissions",
                  ["logs:CreateLogStream", "logs:PutLogEvents"], "${SenderLogGroup.Arn}"),
    ],
    "CustomMessagePolicy": [
        Statement("Lambda API reference, Invoke", ["lambda:InvokeFunction"], "${CustomMessageFunctionArn}"),
    ],
    "SenderPoolPolicy": [
        Statement(
            "Cognito developer guide, Custom SMS sender Lambda trigger: decrypting the code; aws-sdk-rust#1250: the "
            "pool's id is the encryption context",
            ["kms:Decrypt"], KEY, condition={"StringEquals kms:EncryptionContext:userpool-id": POOL_ID},
        ),
        Statement("Cognito API reference, DescribeUserPool: the pool's texts", ["cognito-idp:DescribeUserPool"],
                  f"{COGNITO_IDP}:userpool/${{Pool}} with Pool = {POOL_ID}"),
    ],
    "AlarmTopicPolicy": [
        Statement(
            "CloudWatch user guide, Notifying users on alarm changes: the topic policy, by aws:SourceAccount and ARN",
            ["sns:Publish"], "${AlarmTopic}", principal="Service cloudwatch.amazonaws.com",
            condition=ACCOUNT | {
                "ArnLike aws:SourceArn":
                    "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*",
            },
        ),
        Statement("SNS developer guide, Security best practices",
                  ["sns:Publish"], "${AlarmTopic}", "Deny", "*", NO_TLS),
    ],
    "SmsRole trust": [
        Statement(
            "Cognito API reference, SmsConfigurationType: ExternalId; IAM user guide, The confused deputy problem",
            ["sts:AssumeRole"], None, principal="Service cognito-idp.amazonaws.com",
            condition={"StringEquals sts:ExternalId": "${AWS::StackName}-sms"} | ACCOUNT,
        ),
    ],
    "SmsRole/send-sms": [
        Statement(
            "Cognito API reference, InvalidSmsRoleAccessPolicyException: it must publish SMS (numbers have no ARN)",
            ["sns:Publish"], "everything but arn:${AWS::Partition}:sns:*:*:*",
        ),
    ],
    "AttachmentRole trust": [
        Statement("Lambda developer guide, Execution role", ["sts:AssumeRole"], None,
                  principal="Service lambda.amazonaws.com"),
    ],
    "AttachmentRole/log": [
        Statement("Lambda developer guide, Sending function logs to CloudWatch Logs: required permissions",
                  ["logs:CreateLogStream", "logs:PutLogEvents"], "${AttachmentLogGroup.Arn}"),
    ],
    "AttachmentPoolPolicy": [
        Statement(
            "Cognito API reference: the operations of the attachment, of the same names; tags of UpdateUserPool need "
            "TagResource",
            ["cognito-idp:DescribeUserPool", "cognito-idp:GetUserPoolMfaConfig", "cognito-idp:ListUserPoolReplicas",
             "cognito-idp:SetUserPoolMfaConfig", "cognito-idp:UpdateUserPool", "cognito-idp:TagResource",
             "cognito-idp:UntagResource"],
            f"{COGNITO_IDP}:userpool/${{UserPoolId}}",
        ),
        Statement(
            "Cognito developer guide, Custom SMS sender Lambda trigger: the caller needs kms:CreateGrant; KMS API "
            "reference, DescribeKey",
            ["kms:CreateGrant", "kms:DescribeKey"], KEY,
        ),
        Statement(
            "IAM user guide, Granting a user permissions to pass a role to an AWS service",
            ["iam:PassRole"], f"{IAM}:role/*",
            condition={"StringEquals iam:PassedToService": "cognito-idp.amazonaws.com"},
        ),
        Statement(
            "Cognito developer guide, Using service-linked roles: email through Amazon SES",
            ["iam:CreateServiceLinkedRole"],
            f"{IAM}:role/aws-service-role/email.cognito-idp.amazonaws.com/*",
            condition={"StringEquals iam:AWSServiceName": "email.cognito-idp.amazonaws.com"},
        ),
    ],
    "WatchPolicy": [
        Statement(
            "SNS API reference: the operations of the watch, of the same names, for its notices, "
            "who is subscribed, and what the last look knew",
            ["sns:Publish", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource", "sns:TagResource"], "${Topic}",
        ),
        Statement(
            "SNS developer guide, Key management: permissions to publish to an encrypted topic, as the sender's",
            ["kms:Decrypt", "kms:GenerateDataKey"], KEY,
            condition={"StringEquals kms:EncryptionContext:aws:sns:topicArn": "${Topic}"},
        ),
        Statement("SQS API reference, GetQueueAttributes: how many events are in the failure queue",
                  ["sqs:GetQueueAttributes"], "${FailureQueue.Arn}"),
    ],
}  # fmt: skip


def text(value):
    """An intrinsic function in the notation of `Fn::Sub`."""
    if not isinstance(value, dict):
        return ", ".join(text(each) for each in value) if isinstance(value, list) else value
    [(function, argument)] = value.items()
    if function in {"Ref", "Fn::GetAtt"}:
        return f"${{{'.'.join(listed(argument))}}}"
    if function in {"Fn::Split", "Fn::Join"}:
        return f"{text(argument[1])} {'split at' if function == 'Fn::Split' else 'joined by'} {argument[0]}"
    if function == "Fn::If":
        condition, chosen, other = argument
        return f"{condition} ? {text(chosen)} : {text(other)}"
    if isinstance(argument, list):
        pattern, variables = argument
        return f"{pattern} with {', '.join(f'{name} = {text(each)}' for name, each in variables.items())}"
    return argument


def read(statement, source=""):
    """A statement of the template as above; fails on an element that is not known."""
    assert set(statement) <= {"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        [(kind, who)] = principal.items()
        principal = f"{kind} {text(who)}"
    resource = text(statement["Resource"]) if "Resource" in statement else None
    if "NotResource" in statement:
        resource = f"everything but {text(statement['NotResource'])}"
    condition = {
        f"{operator} {key}": text(wanted)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    }
    return Statement(source, listed(statement["Action"]), resource, statement["Effect"], principal, condition)


def test_every_policy_is_listed_here():
    assert {where for where, _ in documents(TEMPLATE)} == set(EXPECTED)


@pytest.mark.parametrize("where", EXPECTED)
def test_the_statements_are_word_for_word_as_documented(where):
    found = dict(documents(TEMPLATE))[where]

    assert len(found) == len(EXPECTED[where])
    for statement, expected in zip(found, EXPECTED[where], strict=True):
        assert expected.source
        assert read(statement, expected.source) == expected


def test_cognito_may_invoke_the_sender_for_this_pool_only():
    """Lambda developer guide, Granting function access to AWS services; a pool's ARN ends a confused deputy."""
    permission = dict(permissions(TEMPLATE))["SenderPermission"]

    assert {name: text(value) for name, value in permission.items()} == {
        "FunctionName": "${SenderFunction.Arn}",
        "Action": "lambda:InvokeFunction",
        "Principal": "cognito-idp.amazonaws.com",
        "SourceAccount": "${AWS::AccountId}",
        "SourceArn": f"{COGNITO_IDP}:userpool/${{Pool}} with Pool = {POOL_ID}",
    }


def test_the_schedule_may_invoke_the_attachment_function_with_this_rule_only():
    """EventBridge user guide, Using resource-based policies: Lambda permissions, by the rule's ARN."""
    assert {name for name, _ in permissions(TEMPLATE)} == {"SenderPermission", "WatchPermission"}
    permission = dict(permissions(TEMPLATE))["WatchPermission"]

    assert {name: text(value) for name, value in permission.items()} == {
        "FunctionName": "${AttachmentFunction.Arn}",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": "${WatchRule.Arn}",
    }


def test_every_removal_is_one_of_what_is_asserted_here():
    """So none of them goes unnoticed, whatever an emulator enforces."""
    taken = removals(TEMPLATE)

    assert len(taken) > 50
    for removal in taken:
        less = removal.from_template(TEMPLATE)
        assert dict(documents(less)) != dict(documents(TEMPLATE)) or list(permissions(less)) != list(
            permissions(TEMPLATE)
        ), removal.name


def test_the_table_of_security_md_has_every_removal():
    page = (Path(__file__).parents[2] / "SECURITY.md").read_text()
    [table] = re.findall(r"\| taken away \| noticed by \|\n\|---\|---\|\n((?:\|.*\n)+)", page)
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()]

    assert [name for name, _ in rows] == [removal.name for removal in removals(TEMPLATE)]
    noticed = [what for _, what in rows if what != "statement test"]
    assert f"{len(noticed)} of {len(rows)} removals" in page


def test_roles_have_no_permissions_from_elsewhere():
    """A managed policy by ARN, a bucket or key policy, or one that SAM makes would not be among the documents."""
    for name, resource in TEMPLATE["Resources"].items():
        properties = resource.get("Properties", {})
        assert "ManagedPolicyArns" not in properties, name
        if resource["Type"] == "AWS::Serverless::Function":
            assert "Role" in properties
            assert "Policies" not in properties
