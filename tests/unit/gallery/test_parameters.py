"""Parameters have the values that a deployment would give them, within what the template allows."""

import json

import pytest

from gallery_templates import one_pool, read
from sms_redirect.gallery import lint, parameters_file
from sms_redirect.gallery.errors import ParameterError, TemplateError
from sms_redirect.gallery.parameters import Given

TEXT = "SmsVerificationMessage: !Sub '${P} {####}'"


def shown(declaration, given=None):
    head = f"Parameters:\n  P: {{{declaration}}}"
    return read(one_pool(TEXT, head), given=given).get("SmsVerificationMessage")


def refused(declaration, given):
    (problem,) = lint.problems(read(one_pool(TEXT, f"Parameters:\n  P: {{{declaration}}}"), given=given))
    return problem.text


def given(value):
    return Given({"P": value})


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        ("Type: String, AllowedValues: [a, b], Default: a", "b"),
        ("Type: String, AllowedValues: [1, 2], Default: 1", "2"),
        ("Type: String, AllowedValues: [true, false], Default: true", "false"),
        ("Type: String, AllowedPattern: '[a-z]+', Default: a", "abc"),
        ("Type: String, MinLength: 1, MaxLength: 3, Default: a", "abc"),
        ("Type: Number, MinValue: 1, MaxValue: 10, Default: 1", "10"),
        ("Type: String, NoEcho: true, Default: a", "anything"),
        ("Type: AWS::SSM::Parameter::Value<String>, Default: /sms", "the value itself"),
    ],
)
def test_an_allowed_value_is_taken(declaration, value):
    assert shown(declaration, given(value)) == f"{value} {{####}}"


@pytest.mark.parametrize(
    ("declaration", "value", "said"),
    [
        ("Type: String, AllowedValues: [a, b], Default: a", "c", "AllowedValues has a, b"),
        ("Type: String, AllowedValues: [OFF, ON], Default: x", "OFF", "quote them in the template"),
        ("Type: CommaDelimitedList, AllowedValues: [a, b], Default: a", "a,c", "AllowedValues has a, b"),
        ("Type: String, AllowedPattern: '[a-z]+', Default: a", "A", r"AllowedPattern is \[a-z\]\+"),
        ("Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: lower case, Default: a", "A", "lower case"),
        ("Type: String, MinLength: 2, Default: ab", "a", "the least length is 2"),
        ("Type: String, MaxLength: '2', Default: ab", "abc", "the greatest length is 2"),
        ("Type: Number, MaxValue: 10, Default: 1", "11", "the greatest value is 10"),
        ("Type: Number, Default: 1", "one", "it is not a number"),
        ("Type: String, AllowedValues: [a], Default: b", None, "default of the parameter P is 'b'"),
    ],
)
def test_a_value_that_cloudformation_would_refuse_is_refused(declaration, value, said):
    with pytest.raises(ParameterError, match=said):
        shown(declaration, Given({} if value is None else {"P": value}))


def test_a_value_from_a_deployments_file_is_a_name_in_parameter_store():
    """CloudFormation takes the name; only the command line can give the text itself."""
    assert "kept in Parameter Store" in refused(
        "Type: AWS::SSM::Parameter::Value<String>, Default: /a", Given.in_file({"P": "/sms"})
    )


def test_the_command_line_has_the_last_word():
    assert shown("Type: String", Given.in_file({"P": "file"}).overridden({"P": "line"})) == "line {####}"


# ---- files ----

LIST = json.dumps([{"ParameterKey": "P", "ParameterValue": "a=b"}, {"ParameterKey": "Q", "ParameterValue": "1,2"}])
SAM = """
version = 0.1
[default.global.parameters]
stack_name = "shop"
region = "eu-west-1"
[default.deploy.parameters]
parameter_overrides = 'P="a=b" Q="1,2"'
[prod.deploy.parameters]
parameter_overrides = ["P=prod", "Q=3"]
[old.deploy.parameters]
parameter_overrides = "ParameterKey=P,ParameterValue=old ParameterKey=Q,ParameterValue=4"
"""


def load(tmp_path, name, content, environment=None):
    path = tmp_path / name
    path.write_text(content)
    return parameters_file.load(path, environment)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("parameters.json", LIST),
        ("parameters.json", '["P=a=b", "Q=1,2"]'),
        ("configuration.json", '{"Parameters": {"P": "a=b", "Q": "1,2"}, "Tags": {"team": "x"}}'),
        ("parameters.yaml", "P: a=b\nQ: [1, 2]"),
        ("deployment.yaml", "template-file-path: t.yaml\nparameters: {P: a=b, Q: '1,2'}\ntags: {team: x}"),
        ("parameters.yaml", "- ParameterKey: P\n  ParameterValue: a=b\n- ParameterKey: Q\n  ParameterValue: 1,2"),
        ("parameters.json", '{"P": "a=b", "Q": ["1", "2"]}'),
    ],
)
def test_the_formats_of_deployments_are_read(tmp_path, name, content):
    found = load(tmp_path, name, content)

    assert found.values == {"P": "a=b", "Q": "1,2"}
    assert found.strict


def test_a_samconfig_is_read_with_its_stack_and_region(tmp_path):
    found = load(tmp_path, "samconfig.toml", SAM)

    assert found.values == {"P": "a=b", "Q": "1,2", "AWS::StackName": "shop"}
    assert found.region == "eu-west-1"


@pytest.mark.parametrize(("environment", "expected"), [("prod", "prod"), ("old", "old")])
def test_the_environment_of_a_samconfig_is_chosen(tmp_path, environment, expected):
    assert load(tmp_path, "samconfig.toml", SAM, environment).values["P"] == expected


def test_a_samconfig_may_be_yaml(tmp_path):
    content = "default: {deploy: {parameters: {parameter_overrides: {P: x}}}}"

    assert load(tmp_path, "samconfig.yaml", content).values == {"P": "x"}


def test_the_sam_cli_leaves_out_what_the_template_does_not_have(tmp_path):
    found = load(tmp_path, "samconfig.toml", SAM)

    assert shown("Type: String", found) == "a=b {####}"
    with pytest.raises(ParameterError, match="no parameter 'Q'"):
        shown("Type: String", load(tmp_path, "parameters.json", LIST))


def test_a_previous_value_is_not_known(tmp_path):
    found = load(tmp_path, "parameters.json", '[{"ParameterKey": "P", "UsePreviousValue": true}]')

    assert "leaves P at its previous value" in refused("Type: String, Default: x", found)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("parameters.json", "5", "not a file of parameters"),
        ("parameters.json", "[5]", "not of the form NAME=VALUE"),
        ("parameters.json", '[{"ParameterKey": "P"}]', "no ParameterKey and ParameterValue"),
        ("parameters.json", '{"P": {"a": "b"}}', "the value of P is not a string"),
        ("parameters.json", '{"P": null}', "the value of P is not a string"),
        ("samconfig.toml", "[prod.deploy.parameters]", "no environment 'default'"),
        ("samconfig.toml", "[default.deploy.parameters]\nparameter_overrides = 'P'", "not of the form NAME=VALUE"),
        ("samconfig.toml", "[default.deploy.parameters]\nparameter_overrides = 'P=\"'", "cannot be read"),
        ("samconfig.toml", "= x", "not valid TOML"),
    ],
)
def test_what_is_not_a_file_of_parameters_is_said(tmp_path, name, content, said):
    with pytest.raises(ParameterError, match=said):
        load(tmp_path, name, content)


@pytest.mark.parametrize(("name", "content"), [("parameters.json", "{"), ("parameters.yaml", "a: [")])
def test_a_broken_file_is_said(tmp_path, name, content):
    with pytest.raises(TemplateError, match="not valid"):
        load(tmp_path, name, content)


def test_only_a_samconfig_has_environments(tmp_path):
    with pytest.raises(ParameterError, match="--config-env belongs to a samconfig file"):
        load(tmp_path, "parameters.json", LIST, "prod")
