"""Requests that are not of the API model's shape are refused as the service refuses them."""

import pytest

from sms_redirect.pool_rules import model
from sms_redirect.sandbox.cognito.api import requests
from sms_redirect.sandbox.errors import CognitoError

POOL = {"UserPoolId": "us-east-1_abc123"}


def refusal(request, operation="UpdateUserPool"):
    with pytest.raises(CognitoError) as caught:
        requests.check(operation, request)
    return caught.value.code, caught.value.message


def test_a_missing_member_is_named():
    assert refusal({}) == (
        "InvalidParameterException",
        "1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null",
    )


@pytest.mark.parametrize(
    ("settings", "member", "constraint"),
    [
        (
            {"EmailVerificationMessage": ""},
            "Value '' at 'emailVerificationMessage'",
            "Member must have length greater than or equal to 6",
        ),
        (
            {"SmsAuthenticationMessage": "{####}" + "x" * 135},
            "'smsAuthenticationMessage'",
            "Member must have length less than or equal to 140",
        ),
        (
            {"SmsVerificationMessage": "no place for it"},
            "Value 'no place for it' at 'smsVerificationMessage'",
            r"Member must satisfy regular expression pattern: .*\{####\}.*",
        ),
        (
            {"MfaConfiguration": "MAYBE"},
            "Value 'MAYBE' at 'mfaConfiguration'",
            "Member must satisfy enum value set: [OFF, ON, OPTIONAL]",
        ),
        (
            {"Policies": {"PasswordPolicy": {"MinimumLength": 5}}},
            "Value '5' at 'policies.passwordPolicy.minimumLength'",
            "Member must have value greater than or equal to 6",
        ),
        (
            {"AccountRecoverySetting": {"RecoveryMechanisms": []}},
            "'accountRecoverySetting.recoveryMechanisms'",
            "Member must have length greater than or equal to 1",
        ),
        (
            {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1}]}},
            "Value null at 'accountRecoverySetting.recoveryMechanisms.1.member.name'",
            "Member must not be null",
        ),
        ({"UserPoolAddOns": {}}, "Value null at 'userPoolAddOns.advancedSecurityMode'", "Member must not be null"),
        (
            {"UserPoolTags": {"team": "x" * 257}},
            "'userPoolTags.team.member'",
            "Member must have length less than or equal to 256",
        ),
        (
            {"LambdaConfig": {"KMSKeyID": "alias/my-own-key-of-pools"}},
            "Value 'alias/my-own-key-of-pools' at 'lambdaConfig.kMSKeyID'",
            "Member must satisfy regular expression pattern: arn:",
        ),
        ({"FutureSetting": {}}, "'futureSetting'", "Member is not known to the sandbox"),
        (
            {"LambdaConfig": {"FutureTrigger": "x"}},
            "'lambdaConfig.futureTrigger'",
            "Member is not known to the sandbox",
        ),
    ],
)
def test_a_value_out_of_its_bounds_is_named_with_the_bound(settings, member, constraint):
    code, message = refusal(POOL | settings)

    assert code == "InvalidParameterException"
    assert "validation error" in message
    assert f"{member} failed to satisfy constraint: {constraint}" in message


def test_everything_that_is_wrong_is_said_at_once():
    _, message = refusal(POOL | {"MfaConfiguration": "MAYBE", "SmsVerificationMessage": ""})

    assert message.startswith("3 validation errors detected: ")  # too short, and no {####}
    assert message.count("; ") == 2


@pytest.mark.parametrize(
    ("settings", "met"),
    [
        ({"MfaConfiguration": 1}, "NUMBER_VALUE"),
        ({"LambdaConfig": []}, "START_ARRAY"),
        ({"AutoVerifiedAttributes": {}}, "START_OBJECT"),
        ({"Policies": {"PasswordPolicy": {"MinimumLength": "8"}}}, "STRING_VALUE"),
        ({"Policies": {"PasswordPolicy": {"MinimumLength": True}}}, "TRUE_VALUE"),
        ({"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": 0}}, "NUMBER_VALUE"),
    ],
)
def test_a_value_of_another_type_cannot_be_read(settings, met):
    code, message = refusal(POOL | settings)

    assert code == "SerializationException"
    assert message.startswith(f"{met} can not be converted")


def test_a_null_is_a_member_left_out():
    request = model.without_nulls(POOL | {"LambdaConfig": {"PreSignUp": None}, "MfaConfiguration": None})

    assert request == POOL | {"LambdaConfig": {}}


def test_a_templates_strings_become_what_the_api_takes():
    properties = {
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": "true"},
        "Policies": {"PasswordPolicy": {"MinimumLength": "12", "RequireSymbols": "False"}},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": "1"}]},
        "UserPoolTags": {"cost": 7},
        "EnabledMfas": ["SMS_MFA"],
    }

    request = model.from_template(model.input_shape("CreateUserPool"), properties)

    assert request == {
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
        "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False}},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]},
        "UserPoolTags": {"cost": "7"},
        "EnabledMfas": ["SMS_MFA"],
    }


def test_read_only_is_what_describing_shows_and_updating_cannot_set():
    read_only = model.read_only_members()

    assert {"Id", "Name", "Arn", "SchemaAttributes", "EstimatedNumberOfUsers", "UsernameConfiguration"} <= read_only
    assert not read_only & {"LambdaConfig", "UserPoolTags", "PoolName"}


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"[1]", b'"x"', b"{", b"\xff", b'{"ClientId": ' + b"[" * 200 + b"]" * 200 + b"}"]
)
def test_a_body_that_is_no_request_is_refused(body):
    with pytest.raises(CognitoError, match="SerializationException"):
        requests.parsed("SignUp", body)


def test_a_lone_surrogate_is_no_text():
    with pytest.raises(CognitoError, match="SerializationException"):
        requests.parsed("GetUser", b'{"AccessToken": "\\ud800"}')


@pytest.mark.parametrize(
    ("name", "is_a_name"), [("alice", True), ("Zoë", True), ("アリス", True), ("a b", False), ("a\u00a0b", False)]
)
def test_unicode_classes_are_those_of_unicode(name, is_a_name):
    request = {"UserPoolId": POOL["UserPoolId"], "Username": name}

    if is_a_name:
        requests.check("AdminGetUser", request)
    else:
        assert r"pattern: [\p{L}\p{M}" in refusal(request, "AdminGetUser")[1]
