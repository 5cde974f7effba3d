"""What the template promises, read from what CloudFormation would get."""

import itertools
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from sms_sender import telemetry

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
WATCHED = {  # watcher.py
    "USER_POOL_ID": {"Ref": "UserPoolId"},
    "KMS_KEY_ARN": {"Fn::If": ["CreateKey", {"Fn::GetAtt": ["Key", "Arn"]}, {"Ref": "KmsKeyArn"}]},
    "TOPIC_ARN": {"Ref": "Topic"},
    "FAILURE_QUEUE_URL": {"Ref": "FailureQueue"},
    "SUBSCRIBERS": {"Fn::Sub": "${Email} ${Email2} ${Email3} ${Email4} ${Email5}"},
    "DETACH_AFTER_HOURS": {"Ref": "DetachAfterHours"},
}
CONTRACT_PARAMETERS = {
    *("UserPoolId", "AttachAgain"),
    *("Email", "Email2", "Email3", "Email4", "Email5", "AlarmEmail", "AllowedEmailDomains"),
    *("KmsKeyArn", "CustomMessageFunctionArn", "MaxPoolUsers", "AllowProduction"),
    *("WatchMinutes", "DetachAfterHours"),
    *("SignInWith", "Mfa", "Passwordless"),
    *("SmsVerificationMessage", "SmsAuthenticationMessage", "SmsInvitationMessage"),
    *("LogRetentionDays", "Architecture", "PermissionsBoundaryArn"),
}
CONTRACT_OUTPUTS = {
    *("UserPoolId", "UserPoolClientId", "TopicArn", "KmsKeyArn", "SenderFunctionName", "FailureQueueUrl"),
    *("SenderLogGroupName", "AttachmentLogGroupName"),
}
LARGEST_INLINE = 51_200  # bytes of a template body that CreateStack takes without S3


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


@pytest.mark.slow  # scripts/check runs it, too
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
        ("AlarmEmail", ["", "ops@example.com"], ["ops", "a@b.c, d@e.f"]),
        (
            "PermissionsBoundaryArn",
            ["", "arn:aws:iam::111122223333:policy/a/b", "arn:aws-us-gov:iam::aws:policy/PowerUserAccess"],
            ["boundary", "arn:aws:iam::111122223333:role/x"],
        ),
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


def test_email_addresses_are_one_set_to_cloudformation(template):
    """As resources of their own, two slots would share a subscription when an address moves, and one would end it.

    AWS::SNS::Topic subscribes and unsubscribes the differences of the old and new set (UpdateHandler.java of
    aws-cloudformation/aws-cloudformation-resource-providers-sns).
    """
    first, *others = template["Resources"]["Topic"]["Properties"]["Subscription"]

    assert first == {"Protocol": "email", "Endpoint": {"Ref": "Email"}}
    assert others == [
        {
            "Fn::If": [
                f"HasEmail{n}",
                {"Protocol": "email", "Endpoint": {"Ref": f"Email{n}"}},
                {"Ref": "AWS::NoValue"},
            ]
        }
        for n in (2, 3, 4, 5)
    ]
    assert not [r for r in template["Resources"].values() if r["Type"] == "AWS::SNS::Subscription"]


def test_the_template_fits_into_a_request(template):
    assert TEMPLATE.stat().st_size < LARGEST_INLINE


def holds(expression, values):
    """A rule expression, as CloudFormation evaluates it."""
    if not isinstance(expression, dict):
        return expression
    [(function, arguments)] = expression.items()
    if function == "Ref":
        return values[arguments]
    evaluated = [holds(each, values) for each in arguments]
    return {
        "Fn::Equals": lambda: evaluated[0] == evaluated[1],
        "Fn::Not": lambda: not evaluated[0],
        "Fn::Or": lambda: any(evaluated),
        "Fn::Contains": lambda: evaluated[1] in evaluated[0],
    }[function]()


@pytest.fixture
def refusals(template):
    """What a deployment is refused with, given parameters and a region."""

    def refusals(region="us-east-1", **parameters):
        values = {name: each.get("Default") for name, each in template["Parameters"].items()}
        values |= {"AWS::Region": region, "Email": "qa@example.com"} | parameters
        return [
            assertion["AssertDescription"]
            for rule in template["Rules"].values()
            if holds(rule.get("RuleCondition", True), values)
            for assertion in rule["Assertions"]
            if not holds(assertion["Assert"], values)
        ]

    return refusals


def test_defaults_are_refused_nowhere_that_has_user_pools_and_sms(refusals):
    assert [refusals(region) for region in ("us-east-1", "eu-central-1", "ap-northeast-2", "us-gov-west-1")] == [[]] * 4


ADDRESSES = ["qa@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"]
SLOTS = ["Email", "Email2", "Email3", "Email4", "Email5"]


def test_five_addresses_are_taken(refusals):
    assert refusals(**dict(zip(SLOTS, ADDRESSES, strict=True))) == []


def test_empty_slots_between_addresses_are_taken(refusals):
    assert refusals(Email3="b@example.com", Email5="c@example.com") == []


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(SLOTS, 2)))
def test_the_same_address_twice_is_refused_with_the_slot(refusals, earlier, later):
    parameters = dict(zip(SLOTS, ADDRESSES, strict=True))

    [text] = refusals(**parameters | {later: parameters[earlier]})

    assert text.startswith(f"{later} is the same address as")
    assert "Leave one of them empty" in text


@pytest.mark.parametrize("region", ["cn-north-1", "cn-northwest-1"])
def test_a_partition_without_user_pools_is_refused(refusals, region):
    assert refusals(region) == ["AWS China has no Cognito user pools. Deploy to another region."]


@pytest.mark.parametrize("region", ["ap-east-1", "ap-southeast-5"])
def test_a_new_pool_is_refused_where_sns_sends_no_sms_and_an_existing_one_is_not(refusals, region):
    [text] = refusals(region)

    assert text.startswith("Amazon SNS sends no SMS from this region")
    assert refusals(region, UserPoolId=f"{region}_AbCdEf123") == []


def test_passwordless_with_required_mfa_is_refused(refusals):
    """Cognito: "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"."""
    assert refusals(Passwordless="yes", Mfa="OPTIONAL") == []
    assert refusals(Passwordless="no", Mfa="ON") == []
    [text] = refusals(Passwordless="yes", Mfa="ON")
    assert "Use Mfa=OPTIONAL or turn Passwordless off." in text


def test_yaml_makes_no_booleans_of_parameters_that_are_words(template):
    for name in ("Mfa", "Passwordless", "SignInWith"):
        parameter = template["Parameters"][name]
        assert all(isinstance(value, str) for value in [parameter["Default"], *parameter["AllowedValues"]])


def test_by_default_an_invitation_has_a_temporary_password(template):
    """With one-time passwords as first factor AdminCreateUser makes none (API reference, TemporaryPassword)."""
    assert template["Parameters"]["Passwordless"]["Default"] == "no"
    factors = template["Resources"]["UserPool"]["Properties"]["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
    assert factors == {"Fn::If": ["IsPasswordless", ["PASSWORD", "SMS_OTP"], ["PASSWORD"]]}


def test_seoul_sends_through_tokyo(template):
    """SmsConfigurationType, Cognito API reference."""
    assert template["Conditions"]["IsSeoul"] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "ap-northeast-2"]}
    assert template["Resources"]["UserPool"]["Properties"]["SmsConfiguration"]["SnsRegion"] == {
        "Fn::If": ["IsSeoul", "ap-northeast-1", {"Ref": "AWS::Region"}]
    }


def test_govcloud_uses_fips_endpoints(template, translated):
    assert template["Conditions"]["IsGovCloud"] == {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-us-gov"]}
    for name in ("SenderFunction", "AttachmentFunction"):
        variables = translated["Resources"][name]["Properties"]["Environment"]["Variables"]
        assert variables["AWS_USE_FIPS_ENDPOINT"] == {"Fn::If": ["IsGovCloud", "true", "false"]}


def test_every_role_takes_the_permissions_boundary(translated):
    roles = [r["Properties"] for r in translated["Resources"].values() if r["Type"] == "AWS::IAM::Role"]

    assert len(roles) == 3
    for role in roles:
        assert role["PermissionsBoundary"] == {
            "Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]
        }


def test_alarms_watch_the_failure_queue_and_the_failures_that_the_sender_counts(template):
    resources = template["Resources"]
    alarms = {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    watched = {
        (a["Namespace"], a["MetricName"], a["Dimensions"][0]["Name"], a["ComparisonOperator"], a["Threshold"])
        for a in alarms.values()
    }
    counted = telemetry._metric(SimpleNamespace(user_pool_id="us-east-1_A", flow="SignUp"))
    [sender] = counted["_aws"]["CloudWatchMetrics"]

    assert watched == {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "GreaterThanThreshold", 0),
        (sender["Namespace"], sender["Metrics"][0]["Name"], sender["Dimensions"][0][0], "GreaterThanThreshold", 0),
        ("SmsRedirect", "WatchTroubles", "UserPoolId", "GreaterThanThreshold", 0),  # attachment/test_watcher.py
        ("AWS/Lambda", "Errors", "FunctionName", "GreaterThanThreshold", 0),
    }
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms.values())
    made = {"AlarmTopic", "AlarmTopicPolicy", *alarms}
    conditions = {"HasAlarmEmail", "HasWatchAlarm"}
    assert {name for name, r in resources.items() if r.get("Condition") in conditions} == made


def test_the_watch_is_scheduled_for_an_existing_pool_only_and_after_the_attachment(template):
    rule = template["Resources"]["WatchRule"]

    assert (rule["Condition"], rule["DependsOn"]) == ("IsWatched", ["Attachment", "WatchPolicy"])
    assert template["Conditions"]["IsWatched"]["Fn::And"][0] == {"Condition": "AttachPool"}
    [target] = rule["Properties"]["Targets"]
    assert json.loads(target["Input"]) == {"sms-redirect": "watch"}
    assert rule["Properties"]["ScheduleExpression"] == {
        "Fn::If": ["IsWatchedEachMinute", "rate(1 minute)", {"Fn::Sub": "rate(${WatchMinutes} minutes)"}]
    }


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
    statement, *_ = translated["Resources"]["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert {"sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes"} <= set(statement["Action"])
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_roles_are_passed_to_cognito_only(translated):
    passing = [statement for _, statement in policies(translated) if "iam:PassRole" in _list(statement["Action"])]

    assert [s["Condition"] for s in passing] == [{"StringEquals": {"iam:PassedToService": "cognito-idp.amazonaws.com"}}]


def test_the_pool_is_attached_after_and_restored_before_all_that_sends_its_sms(translated):
    attachment = translated["Resources"]["Attachment"]

    assert set(attachment["DependsOn"]) == {
        *("SenderPermission", "SenderPoolPolicy", "AttachmentPoolPolicy", "TopicPolicy"),
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
        "AWS_USE_FIPS_ENDPOINT": {"Fn::If": ["IsGovCloud", "true", "false"]},
        **WATCHED,
    }


def test_another_text_in_attach_again_calls_the_attachment_again(template):
    """A custom resource is called only when one of its properties changes (CloudFormation, "Custom resources")."""
    assert template["Resources"]["Attachment"]["Properties"]["AttachAgain"] == {"Ref": "AttachAgain"}
