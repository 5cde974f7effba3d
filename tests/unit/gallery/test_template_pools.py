"""A template's user pool is read as far as a person could without deploying it."""

import contextlib
import json
from pathlib import Path

import pytest
from botocore.model import ListShape, MapShape, StructureShape
from hypothesis import given, settings
from hypothesis import strategies as st

from sms_redirect.gallery import lint, markdown, template, template_file
from sms_redirect.gallery.compose import compose
from sms_redirect.gallery.document import document
from sms_redirect.gallery.errors import GalleryError, ParameterError, TemplateError
from sms_redirect.gallery.intrinsics import Resolver, Unresolved
from sms_redirect.gallery.page import render
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.template_file import TemplateFile
from sms_redirect.gallery.texts import Texts
from sms_redirect.pool_rules import model

ROOT = Path(__file__).parents[3]


@pytest.fixture
def write(tmp_path):
    def write(text, name="template.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def read(write):
    """The pool of a template in YAML, with parameter overrides."""

    def read(text, logical_id=None, region=None, **overrides):
        return template.read(template_file.load(write(text)), logical_id, Given(overrides), region)

    return read


def one_pool(properties, head=""):
    """A template with one pool; `properties` are lines of YAML."""
    lines = "".join(f"      {line}\n" for line in properties.strip().splitlines())
    return f"{head}\nResources:\n  Pool:\n    Type: AWS::Cognito::UserPool\n    Properties:\n{lines}"


def text(head, value):
    return one_pool(f"SmsVerificationMessage: {value}", head)


PARAMETER = "Parameters:\n  Brand: {Type: String, Default: Shop}\n  Stage: {Type: String, Default: dev}\n"
CONDITION = (
    PARAMETER + "Conditions:\n"
    "  Prod: !Equals [!Ref Stage, prod]\n"
    "  Shop: !Equals [!Ref Brand, Shop]\n"
    "  Both: !And [!Condition Shop, !Not [!Condition Prod]]\n"
    "  Any: !Or [!Condition Prod, !Condition Shop]\n"
)
MAPPING = PARAMETER + "Mappings:\n  Texts:\n    dev: {Sms: 'Dev {####}'}\n    prod: {Sms: 'Prod {####}'}\n"


@pytest.mark.parametrize(
    ("head", "value", "expected"),
    [
        ("", '"Plain {####}"', "Plain {####}"),
        (PARAMETER, "!Ref Brand", "Shop"),
        (PARAMETER, '!Sub "${Brand} in ${AWS::Region}: {####}"', "Shop in us-east-1: {####}"),
        (PARAMETER, '!Sub ["${Name}: {####}", {Name: !Ref Brand}]', "Shop: {####}"),
        (PARAMETER, '!Sub "${!Brand} {####}"', "${Brand} {####}"),
        (PARAMETER, '!Join [" ", [!Ref Brand, "{####}"]]', "Shop {####}"),
        (PARAMETER, '!Select [1, ["a", "b {####}"]]', "b {####}"),
        (PARAMETER, '!Select ["0", !Split ["|", "a {####}|b"]]', "a {####}"),
        (MAPPING, "!FindInMap [Texts, !Ref Stage, Sms]", "Dev {####}"),
        (CONDITION, '!If [Prod, "P {####}", "D {####}"]', "D {####}"),
        (CONDITION, '!If [Both, "B {####}", "N {####}"]', "B {####}"),
        (CONDITION, '!If [Any, "A {####}", "N {####}"]', "A {####}"),
        (PARAMETER, '{"Fn::Sub": "${Brand} {####}"}', "Shop {####}"),
    ],
)
def test_a_text_is_worked_out(read, head, value, expected):
    assert read(text(head, value)).get("SmsVerificationMessage") == expected


@pytest.mark.parametrize(
    ("head", "value", "override", "expected"),
    [
        (PARAMETER, '!Sub "${Brand}: {####}"', {"Brand": "Other"}, "Other: {####}"),
        (MAPPING, "!FindInMap [Texts, !Ref Stage, Sms]", {"Stage": "prod"}, "Prod {####}"),
        (CONDITION, '!If [Prod, "P {####}", "D {####}"]', {"Stage": "prod"}, "P {####}"),
    ],
)
def test_an_override_takes_the_place_of_a_default(read, head, value, override, expected):
    assert read(text(head, value), **override).get("SmsVerificationMessage") == expected


def test_a_property_without_a_value_is_unset(read):
    found = read(text(CONDITION, '!If [Prod, "P {####}", !Ref AWS::NoValue]'))

    assert found.get("SmsVerificationMessage") is None


@pytest.mark.parametrize(
    ("head", "value", "named"),
    [
        ("Parameters:\n  Text: {Type: String}\n", "!Ref Text", "--parameter-overrides Text=VALUE"),
        ("Parameters:\n  Text: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /sms}\n", "!Ref Text", "Text="),
        ("", "!ImportValue shared-text", "ImportValue"),
        ("", '!Sub "${Other.Name} {####}"', "Other.Name"),
        ("", "!GetAtt Other.Text", "Other.Text"),
        ("", '"{{resolve:ssm:/sms}} {####}"', "{{resolve:ssm:/sms}}"),
        ("", "!FindInMap [Nowhere, a, b]", "FindInMap"),
        ("", "!If [Nowhere, a, b]", "Nowhere"),
        ("Conditions:\n  Loop: !Not [!Condition Loop]\n", "!If [Loop, a, b]", "Loop"),
        ("", "!Select [7, [a]]", "Select"),
        ("", "!Sub [a]", "Sub"),
    ],
)
def test_what_only_a_deployment_knows_is_named(read, head, value, named):
    problem = lint.problems(read(text(head, value)))[0]

    assert (problem.code, problem.setting) == ("unresolved-text", "SmsVerificationMessage")
    assert named in problem.text


def test_all_that_is_not_known_is_told_at_once(read):
    properties = "SmsVerificationMessage: !ImportValue a\nSmsAuthenticationMessage: !ImportValue b"

    first, second = lint.problems(read(one_pool(properties)))

    assert (first.setting, second.setting) == ("SmsVerificationMessage", "SmsAuthenticationMessage")
    assert "!ImportValue a" in first.text
    assert "!ImportValue b" in second.text


def test_an_unknown_text_hides_no_other_error_and_no_other_text(read):
    properties = (
        "SmsAuthenticationMessage: '{{resolve:ssm:/sms}}'\nSmsVerificationMessage: 'Mine {####}'\n"
        "MfaConfiguration: REQUIRED"
    )

    found = compose(Texts(read(one_pool(properties))))

    assert [each.code for each in found.errors] == ["unresolved-text", "not-allowed"]
    texts = {picture.occasion.id: picture for picture in found.pictures}
    assert texts["SignUp"].shown.text == "Mine 493027"
    unknown = [picture for picture in found.pictures if not picture.is_known]
    assert {picture.shown.text for picture in unknown} == {"Known to a deployment only: {{resolve:ssm:/sms}}"}
    assert [each.code for each in unknown[0].errors] == ["unresolved-text"]
    assert len({picture.copy for picture in unknown}) == 1


def test_an_unknown_text_is_never_shown_as_cognitos_default(read):
    found = compose(Texts(read(one_pool("SmsAuthenticationMessage: !ImportValue x"))))

    assert "authentication code is" not in json.dumps(document(found))
    assert "authentication code is" not in render(found)
    assert "authentication code is" not in markdown.of_gallery([found])
    assert "| not known | unresolved-text |" in markdown.of_gallery([found])


def test_a_known_text_that_counts_makes_the_other_one_irrelevant(read):
    found = read(
        one_pool("VerificationMessageTemplate: {SmsMessage: 'x {####}'}\nSmsVerificationMessage: !ImportValue a")
    )

    assert lint.problems(found) == ()


def test_roles_and_functions_need_not_be_known(read):
    found = read(
        one_pool("SmsConfiguration: {SnsCallerArn: !GetAtt Role.Arn}\nLambdaConfig: {CustomMessage: !GetAtt Texts.Arn}")
    )

    assert found.can_send_sms
    assert found.custom_message == "!GetAtt Texts.Arn"


def test_an_unknown_condition_does_not_matter_where_another_decides():
    conditions = {"X": {"Fn::Or": [{"Fn::Equals": [{"Ref": "Later"}, "a"]}, {"Fn::Equals": ["b", "b"]}]}}

    assert Resolver({"Conditions": conditions}, {}, {}).condition("X") is True


def test_an_unknown_condition_stays_unknown_where_it_decides():
    conditions = {"X": {"Fn::And": [{"Fn::Equals": [{"Ref": "Later"}, "a"]}, {"Fn::Equals": ["b", "b"]}]}}

    assert isinstance(Resolver({"Conditions": conditions}, {}, {}).condition("X"), Unresolved)


def test_a_list_parameter_is_a_list(read):
    head = "Parameters:\n  Verified: {Type: CommaDelimitedList, Default: 'email, phone_number'}\n"

    found = read(one_pool("AutoVerifiedAttributes: !Ref Verified", head))

    assert found.names("AutoVerifiedAttributes") == ["email", "phone_number"]


@pytest.mark.parametrize(("value", "mfa"), [("ON", "ON"), ("OFF", "OFF"), ('"ON"', "ON"), ("OPTIONAL", "OPTIONAL")])
def test_which_mfa_was_meant_is_seen_with_and_without_quotes(read, value, mfa):
    assert read(one_pool(f"MfaConfiguration: {value}")).mfa == mfa


@pytest.mark.parametrize(
    ("factors", "sms", "others"),
    [("", True, False), ("EnabledMfas: [SMS_MFA, EMAIL_OTP]", True, True), ("EnabledMfas: [EMAIL_OTP]", False, True)],
)
def test_second_factors_are_those_of_enabled_mfas(read, factors, sms, others):
    found = read(one_pool(f"MfaConfiguration: 'ON'\n{factors}"))

    assert (found.factors.sms, found.factors.others) == (sms, others)


def test_a_sam_function_is_a_trigger_of_its_pool(read):
    function = (
        "  Texts:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        Sms:\n"
        "          Type: Cognito\n          Properties: {UserPool: !Ref Pool, Trigger: [CustomMessage, PreSignUp]}\n"
    )

    found = read(one_pool("MfaConfiguration: 'OFF'") + function)

    assert found.custom_message == "!GetAtt Texts.Arn"
    assert found.has("LambdaConfig", "PreSignUp")


@pytest.mark.parametrize(
    ("overrides", "factors"), [({}, ["PASSWORD"]), ({"Passwordless": "yes"}, ["PASSWORD", "SMS_OTP"])]
)
def test_the_pool_of_this_projects_template_is_read(overrides, factors):
    found = template.read(template_file.load(ROOT / "template.yaml"), None, Given(overrides), None)

    assert found.names("Policies", "SignInPolicy", "AllowedFirstAuthFactors") == factors
    assert found.get("SmsAuthenticationMessage") == "Your authentication code is {####}."


def test_json_is_read_as_well(write):
    resources = {"P": {"Type": "AWS::Cognito::UserPool", "Properties": {"SmsAuthenticationMessage": "J {####}"}}}
    path = write(json.dumps({"Resources": resources}), "template.json")

    found = template.read(template_file.load(path), None, Given(), "eu-west-1")

    assert found.get("SmsAuthenticationMessage") == "J {####}"
    assert found.region == "eu-west-1"


# ---- which pool ----

TWO = (
    "Conditions:\n  Never: !Equals [a, b]\nResources:\n"
    "  First: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: one}}\n"
    "  Second: {Type: AWS::Cognito::UserPool}\n"
    "  Third: {Type: AWS::Cognito::UserPool, Condition: Never}\n"
)


def test_several_pools_need_a_choice(read):
    with pytest.raises(TemplateError, match="First, Second") as caught:
        read(TWO)

    assert "--logical-id" in str(caught.value)
    assert "Third" not in str(caught.value)


def test_a_pool_is_chosen_by_its_logical_id(read):
    assert read(TWO, "First").name == "one"
    assert read(TWO, "Second").name == "Second"


def test_a_pool_that_is_not_there_cannot_be_chosen(read):
    with pytest.raises(TemplateError, match="First, Second, Third"):
        read(TWO, "Fourth")


def test_a_pool_whose_condition_does_not_hold_is_no_pool(read):
    never = "Conditions:\n  Never: !Equals [a, b]\nResources:\n  P: {Type: AWS::Cognito::UserPool, Condition: Never}\n"

    with pytest.raises(TemplateError, match="condition"):
        read(never)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Resources: {Topic: {Type: AWS::SNS::Topic}}", "no AWS::Cognito::UserPool"),
        ("just text", "no Resources"),
        ("- a\n- b", "no Resources"),
        ("a: [", "not valid YAML"),
        ("{", "not valid JSON"),
        ("? !Ref x\n: y", "not valid YAML"),
        ("a: &a [*a]\nResources: {}", "refers to itself"),
        ("{" + '"a":{' * 100_000, "too deeply"),
        ("Resources: {P: {Type: AWS::Cognito::UserPool, Properties: [1]}}", "Properties"),
        ("Resources: {P: {Type: AWS::Cognito::UserPool, Properties: {SmsVerificationMessage: 5}}}", "not a string"),
        (one_pool("AccountRecoverySetting: {RecoveryMechanisms: [x]}"), "RecoveryMechanisms"),
    ],
)
def test_what_is_no_template_of_a_pool_is_said(read, written, said):
    with pytest.raises(TemplateError, match=said):
        read(written)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(TemplateError, match="No such file"):
        template_file.load(tmp_path / "none.yaml")


def test_an_override_for_no_parameter_is_refused(read):
    with pytest.raises(ParameterError, match="Did you mean Brand"):
        read(text(PARAMETER, "!Ref Brand"), Brnd="x")


KEYS = ("Ref", "Fn::If", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Transform", "Condition", "Other", 5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.binary(max_size=3)
ANYTHING = st.recursive(
    SCALARS | st.text(max_size=5) | st.just("Pool"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=5,
)
UNKNOWN = st.just({"Ref": "Later"})


def values(shape):
    """Of the API's shape, with something else anywhere in it."""
    if isinstance(shape, StructureShape):
        members = {name: values(member) for name, member in shape.members.items()}
        right = st.fixed_dictionaries({}, optional={**members, "Other": ANYTHING})
    elif isinstance(shape, ListShape):
        right = st.lists(values(shape.member), max_size=2)
    elif isinstance(shape, MapShape):
        right = st.dictionaries(st.text(max_size=3), values(shape.value), max_size=2)
    else:
        right = st.sampled_from(getattr(shape, "enum", None) or ["arn:aws:lambda:eu-west-1:1:function:f", "7", "true"])
    return st.one_of(right, right, UNKNOWN, ANYTHING)


PROPERTIES = {
    **{name: values(member) for name, member in model.input_shape("CreateUserPool").members.items()},
    "EnabledMfas": st.lists(st.sampled_from(["SMS_MFA", "EMAIL_OTP"]) | ANYTHING, max_size=2) | ANYTHING,
    "UserPoolName": ANYTHING,
}


@settings(max_examples=50)
@given(st.fixed_dictionaries({}, optional=PROPERTIES), ANYTHING, ANYTHING)
def test_properties_of_any_shape_are_shown_or_refused_with_a_reason(properties, function, conditions):
    resources = {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties, "Condition": function},
        "Function": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"E": function}}},
    }
    written = {"Resources": resources, "Conditions": conditions, "Parameters": conditions, "Mappings": conditions}

    with contextlib.suppress(GalleryError):
        described = template.read(TemplateFile("template.json", written, "{}"), None, Given(), None)

        found = compose(Texts(described))
        assert found.pictures
        json.dumps(document(found))
