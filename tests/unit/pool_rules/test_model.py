"""The API's own shapes decide what a setting may be."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_redirect.pool_rules import model
from sms_redirect.pool_rules.violation import Key, as_the_service_writes

CREATE = model.input_shape("CreateUserPool")
SMS = model.at(CREATE, "SmsVerificationMessage")


def rules(value, *path):
    return [each.rule for each in model.violations(model.at(CREATE, *path), value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Your code: {####}", []),
        ("{####}", []),
        ("Your code: {####}\n", ["pattern"]),
        ("Your\ncode: {####}", ["pattern"]),
        ("Your code: {####}\r", ["pattern"]),
        ("Your code: {####}\u2028", ["pattern"]),
        ("Your code", ["pattern"]),
        ("{###}", ["length", "pattern"]),
        ("{####}" + "x" * 134, []),
        ("{####}" + "x" * 135, ["length"]),
    ],
)
def test_a_text_for_a_code_has_the_models_length_and_pattern(text, expected):
    assert rules(text, "SmsVerificationMessage") == expected


def test_an_invitation_may_hold_line_breaks():
    assert rules("{username}\n{####}", "AdminCreateUserConfig", "InviteMessageTemplate", "SMSMessage") == []


def test_a_violation_names_setting_constraint_and_source():
    (found,) = model.violations(CREATE, {"PoolName": "shop", "MfaConfiguration": "REQUIRED"})

    assert (found.setting, found.rule, found.value) == ("MfaConfiguration", "enum", "REQUIRED")
    assert found.constraint == "Member must satisfy enum value set: [OFF, ON, OPTIONAL]"
    assert found.source == "Cognito API model, UserPoolMfaType"


def test_a_place_in_a_list_is_written_as_in_a_template_and_as_the_service_does():
    recovery = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 3}]}

    (found,) = model.violations(CREATE, {"PoolName": "shop", "AccountRecoverySetting": recovery})

    assert found.setting == "AccountRecoverySetting.RecoveryMechanisms[0].Priority"
    assert as_the_service_writes(found.path) == "accountRecoverySetting.recoveryMechanisms.1.member.priority"


def test_a_key_of_a_map_keeps_its_spelling():
    (found,) = model.violations(CREATE, {"PoolName": "shop", "UserPoolTags": {"Team": "x" * 257}})

    assert found.path == ("UserPoolTags", Key("Team"))
    assert as_the_service_writes(found.path) == "userPoolTags.Team.member"


@pytest.mark.parametrize("value", [[], {}, 5, True, None])
def test_a_value_of_the_wrong_type_is_one_violation(value):
    assert rules(value, "SmsVerificationMessage") == ["type"]


def test_a_yaml_boolean_reaches_cognito_as_a_word():
    """An unquoted OFF: see aws-cdk#875 and rosberglinhares/CloudFormationCognitoCustomResources#1."""
    request = model.from_template(CREATE, {"MfaConfiguration": False})

    assert request == {"MfaConfiguration": "false"}
    assert rules(request["MfaConfiguration"], "MfaConfiguration") == ["enum"]


@given(st.text(max_size=150))
def test_a_text_is_fine_exactly_when_length_and_pattern_are(text):
    line_ends = re.search("[\n\r\x85\u2028\u2029]", text)
    fine = 6 <= len(text) <= 140 and "{####}" in text and not line_ends

    assert (list(model.violations(SMS, text)) == []) == fine


def test_the_rules_need_nothing_of_the_sandbox():
    script = (
        "import sys; from sms_redirect.pool_rules import conflicts, model, texts; model.input_shape('CreateUserPool');"
        "print([m for m in sys.modules if m.partition('.')[0] in {'ministack', 'aws_encryption_sdk', 'samtranslator'}"
        " or m.startswith('sms_redirect.sandbox')])"
    )

    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert found.stdout == "[]\n"
