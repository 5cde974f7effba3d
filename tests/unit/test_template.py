"""What the template promises, read from what CloudFormation would get."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
CONTRACT_PARAMETERS = {
    "UserPoolId",
    *("Email", "Email2", "Email3", "Email4", "Email5"),
    *("KmsKeyArn", "CustomMessageFunctionArn", "MaxPoolUsers", "AttachAgain"),
    *("SmsVerificationMessage", "SmsAuthenticationMessage", "SmsInvitationMessage"),
    *("LogRetentionDays", "Architecture"),
}
CONTRACT_OUTPUTS = {"UserPoolId", "UserPoolClientId", "TopicArn", "KmsKeyArn", "SenderFunctionName", "FailureQueueUrl"}


@pytest.fixture(scope="session")
def template():
    return yaml_parse(TEMPLATE.read_text())


@pytest.fixture(scope="session")
def translated():
    """The template after the SAM transform, as in a region of AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        document = yaml_parse(TEMPLATE.read_text())
        for resource in document["Resources"].values():
            if "CodeUri" in resource.get("Properties", {}):
                resource["Properties"]["CodeUri"] = "s3://bucket/key"
        return Translator({}, Parser()).translate(document, {})


def policies(translated):
    """(resource, statement) of every IAM policy, managed or inline."""
    for name, resource in translated["Resources"].items():
        documents = [policy.get("PolicyDocument") for policy in _policies_of(resource["Properties"])]
        if "PolicyDocument" in resource["Properties"]:
            documents.append(resource["Properties"]["PolicyDocument"])
        for document in filter(None, documents):
            for statement in document["Statement"]:
                yield name, statement


def _policies_of(properties):
    if not isinstance(properties.get("Policies"), list):
        return  # a user pool's "Policies" are about passwords
    for policy in properties["Policies"]:
        yield policy["Fn::If"][1] if "Fn::If" in policy else policy


def test_the_sam_transform_accepts_the_template(translated):
    assert translated["Resources"]["SenderFunction"]["Type"] == "AWS::Lambda::Function"


def test_cfn_lint_finds_nothing():
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([cfn_lint, TEMPLATE], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_parameters_are_the_contract_each_described_and_grouped(template):
    grouped = [
        name
        for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        for name in group["Parameters"]
    ]

    assert set(template["Parameters"]) == CONTRACT_PARAMETERS
    assert sorted(grouped) == sorted(CONTRACT_PARAMETERS)
    assert all(parameter["Description"] for parameter in template["Parameters"].values())


def test_every_parameter_that_restricts_its_value_says_how(template):
    restricting = {"AllowedPattern", "AllowedValues", "MinLength", "MinValue"}

    for name, parameter in template["Parameters"].items():
        if restricting & set(parameter):
            assert parameter["ConstraintDescription"], name


def test_only_the_first_email_address_must_be_given(template):
    assert [name for name, parameter in template["Parameters"].items() if "Default" not in parameter] == ["Email"]


def test_outputs_are_the_contract_each_described(template):
    assert set(template["Outputs"]) == CONTRACT_OUTPUTS
    assert all(output["Description"] for output in template["Outputs"].values())


KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab"


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "Email",
            ["qa@example.com", "a.b+c@mail.example.co.uk"],
            ["", "qa", "qa@", "@example.com", "a b@c.de", "a@b", "a@b.c, d@e.f"],
        ),
        ("Email2", ["", "qa@example.com"], ["qa", "qa@example"]),
        ("UserPoolId", ["", "us-east-1_AbCdEf123"], ["my-pool", "us-east-1", f"{KEY_ARN}/us-east-1_A"]),
        ("KmsKeyArn", ["", KEY_ARN, KEY_ARN.replace("aws", "aws-cn")], ["alias/key", "1234abcd-12ab", f"{KEY_ARN}:x"]),
        ("SmsVerificationMessage", ["Code {####}", "{####} is it"], ["no placeholder", "{###}", "a\n{####}"]),
        ("SmsInvitationMessage", ["{username} {####}", "{####} {username}"], ["{####}", "{username}"]),
    ],
)
def test_patterns_take_what_aws_takes_and_nothing_else(template, parameter, good, bad):
    import re

    pattern = re.compile(template["Parameters"][parameter]["AllowedPattern"])

    assert [value for value in good if not pattern.fullmatch(value)] == []
    assert [value for value in bad if pattern.fullmatch(value)] == []


def test_default_texts_fit_cognitos_limits(template):
    for name in ("SmsVerificationMessage", "SmsAuthenticationMessage", "SmsInvitationMessage"):
        parameter = template["Parameters"][name]
        assert (parameter["MinLength"], parameter["MaxLength"]) == (6, 140)
        assert 6 <= len(parameter["Default"]) <= 140


def test_no_role_may_do_something_to_everything(translated):
    wide = [
        (name, statement) for name, statement in policies(translated)
        if statement.get("Effect") == "Allow" and "*" in _list(statement.get("Resource"))
    ]  # fmt: skip

    assert wide == []


def test_the_sender_decrypts_for_its_pool_and_its_topic_only(translated):
    statements = [statement for _, statement in policies(translated) if "kms:Decrypt" in _list(statement["Action"])]

    conditions = [set(statement["Condition"]["StringEquals"]) for statement in statements]

    assert {"kms:EncryptionContext:userpool-id"} in conditions
    assert all(any(key.startswith("kms:EncryptionContext:") for key in keys) for keys in conditions)


def test_arns_are_of_the_partition_that_the_stack_is_in(template):
    assert "arn:aws:" not in json.dumps({key: template[key] for key in ("Resources", "Outputs", "Conditions")})


def test_email_subscriptions_are_resources_of_their_own(template):
    topic = template["Resources"]["Topic"]
    subscriptions = [r for r in template["Resources"].values() if r["Type"] == "AWS::SNS::Subscription"]

    assert "Subscription" not in topic["Properties"]
    assert len(subscriptions) == 5


def test_the_functions_keep_their_own_log_groups_and_write_json(template):
    functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]

    for function in functions:
        logging = function["LoggingConfig"]
        group = template["Resources"][logging["LogGroup"]["Ref"]]
        assert logging["LogFormat"] == "JSON"
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_a_failed_sms_ends_in_the_failure_queue(translated):
    config = translated["Resources"]["SenderFunctionEventInvokeConfig"]["Properties"]

    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailureQueue", "Arn"]}
    assert config["MaximumRetryAttempts"] == 2


def test_only_cognito_calls_the_sender_for_pools_of_this_account(translated):
    permission = translated["Resources"]["SenderPermission"]["Properties"]

    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert ":userpool/${Pool}" in permission["SourceArn"]["Fn::Sub"][0]


def test_cognito_takes_the_sms_role_with_the_external_id_for_this_account_only(translated):
    (trust,) = translated["Resources"]["SmsRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    pool = translated["Resources"]["UserPool"]["Properties"]

    assert trust["Condition"]["StringEquals"] == {
        "sts:ExternalId": pool["SmsConfiguration"]["ExternalId"],
        "aws:SourceAccount": {"Ref": "AWS::AccountId"},
    }


def test_the_key_rotates_and_lets_cognito_make_grants_for_pools_of_this_account_only(translated):
    key = translated["Resources"]["Key"]["Properties"]
    cognito = next(
        s for s in key["KeyPolicy"]["Statement"] if s["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    )

    assert (key["EnableKeyRotation"], key["PendingWindowInDays"]) == (True, 7)
    assert cognito["Action"] == "kms:CreateGrant"
    assert cognito["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "aws:SourceArn" in cognito["Condition"]["ArnLike"]


def test_the_topic_denies_everything_without_tls(translated):
    (statement,) = translated["Resources"]["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert {"sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes"} <= set(statement["Action"])
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_roles_are_passed_to_cognito_only(translated):
    passing = [statement for _, statement in policies(translated) if "iam:PassRole" in _list(statement["Action"])]

    assert [s["Condition"] for s in passing] == [{"StringEquals": {"iam:PassedToService": "cognito-idp.amazonaws.com"}}]


def test_the_pool_is_attached_after_and_given_back_before_all_that_sends_its_sms(translated):
    attachment = translated["Resources"]["Attachment"]

    assert set(attachment["DependsOn"]) == {
        *("SenderPermission", "SenderPoolPolicy", "AttachmentPoolPolicy", "TopicPolicy", "EmailSubscription"),
        *("SenderFunctionEventInvokeConfig", "AttachmentFunctionEventInvokeConfig"),
    }
    assert set(attachment["DependsOn"]) <= set(translated["Resources"])


def test_cloudformation_waits_longer_than_an_attachment_request_can_take(translated):
    resources = translated["Resources"]
    age = resources["AttachmentFunctionEventInvokeConfig"]["Properties"]["MaximumEventAgeInSeconds"]
    timeout = resources["AttachmentFunction"]["Properties"]["Timeout"]

    assert resources["Attachment"]["Properties"]["ServiceTimeout"] > age + timeout


def _list(value):
    return value if isinstance(value, list) else [value]


def test_the_attachment_knows_the_stack_and_the_sender_that_it_serves(translated):
    environment = translated["Resources"]["AttachmentFunction"]["Properties"]["Environment"]["Variables"]

    assert environment == {
        "STACK_ARN": {"Ref": "AWS::StackId"},
        "SENDER_FUNCTION_ARN": {"Fn::GetAtt": ["SenderFunction", "Arn"]},
    }


def test_another_text_in_attach_again_calls_the_attachment_again(template):
    """A custom resource is called only when one of its properties changes (CloudFormation, "Custom resources")."""
    assert template["Resources"]["Attachment"]["Properties"]["AttachAgain"] == {"Ref": "AttachAgain"}
