"""What Cognito or CloudFormation would refuse is an error with its source, and the sandbox refuses it, too."""

import json
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gallery_pools import ROLE, gallery, pool
from gallery_templates import one_pool, read
from pool_attachment.settings import SettingsModel
from random_pools import REGION, pools
from sms_redirect.gallery import lint
from sms_redirect.gallery.compose import compose
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.texts import Texts
from sms_redirect.pool_rules import model
from sms_redirect.sandbox.cognito.api import requests
from sms_redirect.sandbox.cognito.rules import pool_settings
from sms_redirect.sandbox.errors import CognitoError

INVITATION = "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage"
OTP = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}


def invited(text):
    return {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": text}}}


def codes(**settings):
    return [(each.code, each.setting) for each in lint.problems(pool(**settings))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "has 1 character: Cognito accepts no fewer than 6"),
        ("xy", "has 2 characters: "),
        ("Code {####}\n\n@shop.example #{####}", "let a CustomMessage function return it"),
    ],
)
def test_an_error_says_what_helps(text, said):
    assert said in " ".join(each.text for each in lint.problems_of_text("verification", text))


def test_other_line_breaks_are_not_told_to_need_a_function():
    assert "CustomMessage" not in " ".join(each.text for each in lint.problems_of_text("verification", "a\n{####}"))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"SmsVerificationMessage": "Code {####}"}, []),
        ({"SmsVerificationMessage": "Code {####}\n"}, [("line-break", "SmsVerificationMessage")]),
        ({"SmsVerificationMessage": "Code\n{####}"}, [("line-break", "SmsVerificationMessage")]),
        ({"SmsVerificationMessage": "No place"}, [("no-placeholder", "SmsVerificationMessage")]),
        ({"SmsAuthenticationMessage": "{####}".ljust(140, "x")}, []),
        ({"SmsAuthenticationMessage": "{####}".ljust(141, "x")}, [("over-140-characters", "SmsAuthenticationMessage")]),
        (
            {"VerificationMessageTemplate": {"SmsMessage": "No place"}},
            [("no-placeholder", "VerificationMessageTemplate.SmsMessage")],
        ),
        (invited("{username} {####}"), []),
        (invited("{username}\n{####}\n"), []),
        (invited("Hello {####}"), [("no-user-name-placeholder", INVITATION)]),
        (invited("Hello {username}"), [("no-placeholder", INVITATION)]),
        (invited("{username} {####}".ljust(141, "x")), [("over-140-characters", INVITATION)]),
        ({**invited("Hello {username}"), "Policies": OTP, "SmsConfiguration": ROLE}, []),
        ({"MfaConfiguration": "REQUIRED"}, [("not-allowed", "MfaConfiguration")]),
        ({"EnabledMfas": ["SMS_MFA", "SMS"]}, [("not-allowed", "EnabledMfas[1]")]),
        ({"AutoVerifiedAttributes": ["phone"]}, [("not-allowed", "AutoVerifiedAttributes[0]")]),
        (
            {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["SMS"]}}},
            [("not-allowed", "Policies.SignInPolicy.AllowedFirstAuthFactors[0]")],
        ),
        ({"AutoVerifiedAttributes": ["phone_number"]}, [("conflict", "AutoVerifiedAttributes")]),
        (
            {"MfaConfiguration": "ON", "SmsConfiguration": ROLE, "Policies": OTP},
            [("conflict", "Policies.SignInPolicy.AllowedFirstAuthFactors")],
        ),
        ({"UserPoolAddOns": {}}, [("missing", "UserPoolAddOns.AdvancedSecurityMode")]),
        (
            {"Policies": {"PasswordPolicy": {"MinimumLength": 4}}},
            [("invalid", "Policies.PasswordPolicy.MinimumLength")],
        ),
        ({"LambdaConfig": "none"}, [("invalid", "LambdaConfig")]),
    ],
)
def test_what_is_refused_is_an_error(settings, expected):
    assert codes(**settings) == expected


@pytest.mark.parametrize("kind", ["verification", "authentication", "invitation"])
@given(text=st.text("ab {}#us\n\r\u2028", max_size=12) | st.sampled_from(["{####}", "{username}{####}", "{username}"]))
def test_the_gallery_reports_exactly_what_the_sandbox_refuses(kind, text):
    """Both read the rules of pool_rules; a difference would be one in how."""
    settings = {
        "verification": {"SmsVerificationMessage": text},
        "authentication": {"SmsAuthenticationMessage": text},
        "invitation": invited(text),
    }[kind]

    try:
        requests.check("CreateUserPool", {"PoolName": "x", **settings})
        pool_settings.check(settings, "us-east-1", other_factor=False)
        refused = False
    except CognitoError:
        refused = True

    assert bool(lint.problems(pool(**settings))) is refused


def test_an_error_is_for_people_and_for_programs():
    (found,) = lint.problems(pool(MfaConfiguration="OPTIONNAL", SmsConfiguration=ROLE))

    assert found.text == "MfaConfiguration is 'OPTIONNAL'. Allowed: OFF, ON, OPTIONAL. Did you mean OPTIONAL?"
    assert found.source == "Cognito API model, UserPoolMfaType"


@pytest.mark.parametrize("written", ["MfaConfiguration: OFF", "MfaConfiguration: off", "MfaConfiguration: no"])
def test_an_unquoted_off_is_what_cloudformation_makes_of_it(written):
    """aws-cdk#875: CloudFormation passes on 'true' or 'false', which Cognito refuses."""
    (found,) = lint.problems(read(one_pool(written)))

    assert found.code == "not-allowed"
    assert "is 'false'" in found.text
    assert 'write "OFF"' in found.text


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Default: ON", "true"),
        ("Default: 'true'", "true"),
        ("Default: OFF", "false"),
    ],
)
def test_an_unquoted_on_is_the_same_through_a_parameter(parameter, value):
    head = f"Parameters:\n  Mfa: {{Type: String, {parameter}}}"

    found = lint.problems(read(one_pool("MfaConfiguration: !Ref Mfa", head)))

    assert [each.code for each in found] == ["not-allowed"]
    assert f"is '{value}'" in found[0].text


def test_a_quoted_word_is_fine_through_a_parameter():
    head = "Parameters:\n  Mfa: {Type: String, Default: 'OFF', AllowedValues: ['OFF', 'ON']}"

    assert lint.problems(read(one_pool("MfaConfiguration: !Ref Mfa", head))) == ()


def test_an_error_stands_at_its_line_of_the_template():
    found = read(
        one_pool("UserPoolName: shop\nAdminCreateUserConfig:\n  InviteMessageTemplate:\n    SMSMessage: '{####}'")
    )

    (error,) = lint.problems(found)

    assert (error.place.line, error.place.column) == (9, 11)
    assert error.place.file.endswith("template.yaml")


def test_an_error_of_a_json_template_has_its_line():
    properties = '"Type": "AWS::Cognito::UserPool",\n\t\t"Properties": {"MfaConfiguration": "X"}'

    (error,) = lint.problems(read(f'{{\n\t"Resources": {{"P": {{\n\t\t{properties}}}}}}}', name="template.json"))

    assert error.place.line == 4


def test_what_only_a_deployment_knows_breaks_no_rule():
    found = read(
        one_pool(
            "SmsConfiguration: {SnsCallerArn: !GetAtt Role.Arn}\n"
            "LambdaConfig: {CustomSMSSender: {LambdaArn: !GetAtt F.Arn, LambdaVersion: V1_0}, KMSKeyID: !Ref Key}\n"
            "AutoVerifiedAttributes: [phone_number]\nMfaConfiguration: !ImportValue mfa\n"
            "EmailConfiguration: {SourceArn: !ImportValue ses}\nUserPoolTags: !ImportValue tags"
        )
    )

    assert lint.problems(found) == ()


def test_what_cognito_returns_of_a_healthy_pool_is_no_conflict():
    """DescribeUserPool has both kinds of days; together in a template they are refused."""
    days = {
        "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 7}},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    }

    assert lint.problems(pool(**days)) == ()
    assert [each.code for each in lint.problems(pool(pool_id=None, **days))] == ["conflict"]


@settings(max_examples=40)
@given(pools())
def test_a_pool_that_the_sandbox_has_taken_has_no_errors(described):
    update = SettingsModel.of(model.service_model()).read(described).update
    refused = {each.path[0] for each in model.violations(model.input_shape("UpdateUserPool"), update)}
    update = {name: value for name, value in update.items() if name not in refused}
    try:
        pool_settings.check(update, REGION, other_factor=True)
    except CognitoError:
        assume(False)
    kept = pool_settings.settled(update, system_tags={"aws:cloudformation:stack-name": "shop"})

    assert lint.problems(replace(pool(**kept, other_factors=True), region=REGION)) == ()


def test_rules_about_names_and_tags_are_the_sandboxs():
    both = {"UsernameAttributes": ["email"], "AliasAttributes": ["preferred_username"]}
    tags = {"UserPoolTags": {"team": "shop", "aws:cloudformation:stack-name": "shop"}}

    assert codes(**both) == [("conflict", "UsernameAttributes")]
    assert codes(pool_id=None, **tags) == [("conflict", "UserPoolTags")]
    assert codes(**tags) == []  # CloudFormation's own, on a pool that is there
    with pytest.raises(CognitoError, match="aliasAttributes or usernameAttributes"):
        pool_settings.check(both, "us-east-1", other_factor=False)
    with pytest.raises(CognitoError, match="System tags"):
        pool_settings.check_tags(tags["UserPoolTags"])


ARN = "'arn:aws:lambda:ap-northeast-2:111122223333:function:f'"
LATER = "{LambdaArn: !GetAtt F.Arn, LambdaVersion: V2_0}"
INVITED = "AdminCreateUserConfig: {InviteMessageTemplate: {SMSMessage: 'Hello {username}'}}"


@pytest.mark.parametrize(
    "properties",
    [
        "SmsConfiguration: !If [Later, {SnsCallerArn: x}, {SnsCallerArn: y}]\nMfaConfiguration: OPTIONAL",
        "SmsConfiguration: {SnsCallerArn: 'arn:aws:iam::111122223333:role/r', SnsRegion: !Ref Region}",
        "AccountRecoverySetting: {RecoveryMechanisms: !Ref Recovery}",
        "LambdaConfig: {PreTokenGenerationConfig: !Ref Later}",
        f"LambdaConfig: {{PreTokenGeneration: {ARN}, PreTokenGenerationConfig: {LATER}}}",
        "LambdaConfig: {CustomSMSSender: !If [Later, {LambdaArn: x}, !Ref AWS::NoValue]}",
        f"{INVITED}\nPolicies: {{SignInPolicy: {{AllowedFirstAuthFactors: !Ref Factors}}}}",
    ],
)
def test_a_setting_that_is_not_known_conflicts_with_nothing(properties):
    assert lint.problems(read(one_pool(properties), region="ap-northeast-2")) == ()


def test_a_trigger_of_the_wrong_shape_is_an_error_not_a_crash():
    assert lint.problems(read(one_pool("LambdaConfig: {Unheard: [1]}"))) == ()
    assert [each.code for each in lint.problems(read(one_pool("LambdaConfig: {CustomMessage: [1]}")))] == ["invalid"]


def test_a_property_that_nobody_knows_within_a_list_is_a_warning_with_what_was_meant():
    schema = "Schema: [{Name: x, StringAttributeConstraints: {MaxLenght: '5'}}]"

    (warning,) = compose(Texts(read(one_pool(schema)))).warnings

    assert "Schema[0].StringAttributeConstraints.MaxLenght" in warning.text
    assert "Did you mean MaxLength?" in warning.text


def test_a_property_that_nobody_knows_is_a_warning_with_what_was_meant():
    found = compose(Texts(read(one_pool("SmsVerificationMesage: x {####}\nEnabledMfas: [SMS_MFA]"))))

    (warning,) = [each for each in found.warnings if each.code == "unknown-property"]
    assert "Did you mean SmsVerificationMessage?" in warning.text


def test_an_error_belongs_to_the_sms_that_show_its_text():
    shown = gallery(SmsAuthenticationMessage="No place", SmsVerificationMessage="Fine {####}")

    about = {picture.occasion.id: [each.code for each in picture.errors] for picture in shown.pictures}
    assert about["SmsMfa"] == about["SmsOtp"] == ["no-placeholder"]
    assert about["SignUp"] == []


def test_what_is_an_error_is_not_told_again_as_a_warning():
    shown = gallery(SmsAuthenticationMessage="x" * 150)

    assert {each.warning.code for each in shown.counted_warnings()} == set()


def test_a_long_sample_is_not_an_error_of_a_short_template():
    """The password and the user name make it longer than 140; the template is what Cognito measures."""
    shown = gallery(**invited("{username} {####}".ljust(138, "x")))

    assert shown.errors == ()


def test_a_reference_that_nothing_fills_is_a_warning():
    shown = gallery(SmsVerificationMessage="${Brand}: {####}")

    assert {each.warning.code for each in shown.counted_warnings()} == {"not-substituted"}


def test_a_text_that_depends_on_an_assumption_says_so():
    head = "Conditions:\n  Here: !Equals [!Ref AWS::AccountId, '1']"
    texts = one_pool(
        "SmsVerificationMessage: !Sub '${AWS::StackName} {####}'\n"
        "SmsAuthenticationMessage: !If [Here, 'a {####}', 'b {####}']",
        head,
    )

    assumed = {each.occasion.id: [w.text for w in each.warnings] for each in compose(Texts(read(texts))).pictures}
    given = Given({"AWS::StackName": "shop", "AWS::AccountId": "1"})
    known = {each.occasion.id: each for each in compose(Texts(read(texts, given=given))).pictures}

    assert "AWS::StackName, which is taken as my-stack" in assumed["SignUp"][0]
    assert "AWS::AccountId, which is taken as 123456789012" in assumed["SmsMfa"][0]
    assert known["SignUp"].shown.text == "shop 493027"
    assert known["SmsMfa"].shown.text == "a 493027"
    assert known["SmsMfa"].warnings == ()


# ---- CloudFormation's own schema as an oracle ----


@pytest.fixture(scope="module")
def cloudformation():
    """The resource schema that cfn-lint carries."""
    folder = Path(find_spec("cfnlint").origin).parent / "data" / "schemas"
    names = json.loads((folder / "providers" / "us-east-1.json").read_text())
    schema = json.loads((folder / "resources" / f"{names['AWS::Cognito::UserPool']}.json").read_text())
    unicode_class = re.compile(r"\\p\{")  # which Python's expressions do not know; in email texts only

    def plain(part):
        if isinstance(part, dict):
            return {k: plain(v) for k, v in part.items() if not (k == "pattern" and unicode_class.search(str(v)))}
        return [plain(each) for each in part] if isinstance(part, list) else part

    return jsonschema.Draft7Validator(plain(schema))


WORDS = st.sampled_from(
    ["ON", "OFF", "OPTIONAL", "REQUIRED", "phone_number", "email", "phone", "SMS_OTP", "PASSWORD", ""]
)
COPY = st.sampled_from(["{####}", "x{####}".ljust(140, "y"), "{####}".ljust(141, "y"), "{###", "No place", ""])
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "MfaConfiguration": WORDS,
        "AutoVerifiedAttributes": st.lists(WORDS, max_size=2),
        "UsernameAttributes": st.lists(WORDS, max_size=2),
        "SmsVerificationMessage": COPY,
        "SmsAuthenticationMessage": COPY,
        "VerificationMessageTemplate": st.fixed_dictionaries({"SmsMessage": COPY}),
        "Policies": st.fixed_dictionaries(
            {"SignInPolicy": st.fixed_dictionaries({"AllowedFirstAuthFactors": st.lists(WORDS)})}
        ),
        "UserPoolAddOns": st.fixed_dictionaries({"AdvancedSecurityMode": WORDS}),
        "AccountRecoverySetting": st.fixed_dictionaries(
            {
                "RecoveryMechanisms": st.lists(
                    st.fixed_dictionaries({"Name": WORDS, "Priority": st.integers(0, 3)}), max_size=3
                )
            }
        ),
    },
)


@given(settings=PROPERTIES)
def test_what_cloudformations_schema_refuses_is_an_error(cloudformation, settings):
    """Not the other way round: the API refuses more than the schema does."""
    refused = {str(error.path[0]) for error in cloudformation.iter_errors(settings) if error.path}

    found = {each.setting.partition(".")[0].partition("[")[0] for each in lint.problems(pool(pool_id=None, **settings))}

    assert refused <= found
