"""What of a pool's raw JSON goes back to UpdateUserPool."""

import botocore.session
from botocore.model import ListShape, MapShape, StructureShape

from pool_attachment.settings import SettingsModel

SERVICE = botocore.session.get_session().get_service_model("cognito-idp")
MODEL = SettingsModel.of(SERVICE)


def update(**raw):
    return MODEL.read({"Id": "eu-west-1_A", **raw}).update


def test_read_only_members_do_not_go_back():
    assert update(Name="pool", Status="Enabled", SchemaAttributes=[{"Name": "sub"}], Domain="d", Arn="arn") == {}


def test_the_mfa_configuration_does_not_go_back():
    """Sent beside SmsConfiguration it can switch SMS MFA on for good (cloudformation-coverage-roadmap#1981)."""
    settings = MODEL.read({"Id": "eu-west-1_A", "MfaConfiguration": "OPTIONAL", "SmsConfiguration": {"SnsRegion": "x"}})

    assert settings.update == {"SmsConfiguration": {"SnsRegion": "x"}}
    assert settings.unknown == ()


def test_every_other_member_that_both_operations_know_goes_back():
    assert MODEL.read_only == {
        *("Id", "Name", "Arn", "Status", "CreationDate", "LastModifiedDate", "SchemaAttributes", "AliasAttributes"),
        *("UsernameAttributes", "UsernameConfiguration", "EstimatedNumberOfUsers", "Domain", "CustomDomain"),
        *("SmsConfigurationFailure", "EmailConfigurationFailure"),
    }


def test_nested_members_are_the_same_in_both_directions():
    """A nested read-only member would be refused as unknown: this botocore has none."""
    for name in set(MODEL.writable.members) & set(MODEL.readable.members):
        assert members(MODEL.writable.members[name]) == members(MODEL.readable.members[name])


def members(shape):
    if isinstance(shape, StructureShape):
        return {name: members(each) for name, each in shape.members.items()}
    if isinstance(shape, ListShape):
        return [members(shape.member)]
    if isinstance(shape, MapShape):
        return {"*": members(shape.value)}
    return shape.type_name


def test_unset_texts_and_nulls_are_dropped():
    emulated = {"SmsVerificationMessage": "", "SmsAuthenticationMessage": None, "EmailConfiguration": {"SourceArn": ""}}

    assert update(**emulated) == {"EmailConfiguration": {}}


def test_an_empty_string_is_kept_where_it_is_a_value():
    settings = {"UserPoolTags": {"flag": ""}, "SmsConfiguration": {"ExternalId": ""}}

    assert update(**settings) == settings


def test_what_aws_rejects_when_empty_is_dropped():
    assert update(SmsConfiguration={}, UserPoolAddOns={}, AccountRecoverySetting={"RecoveryMechanisms": []}) == {}


def test_what_is_harmless_when_empty_goes_back_as_it_is():
    settings = {"LambdaConfig": {}, "AdminCreateUserConfig": {}, "AutoVerifiedAttributes": []}

    assert update(**settings) == settings


def test_an_empty_trigger_inside_the_triggers_is_dropped():
    assert update(LambdaConfig={"CustomSMSSender": {}, "PreSignUp": ""}) == {"LambdaConfig": {}}


def test_aws_tags_are_not_sent_back():
    tags = {"aws:cloudformation:stack-name": "owner", "AWS:x": "y", "awsome": "z"}

    assert update(UserPoolTags=tags) == {"UserPoolTags": {"awsome": "z"}}


def test_the_deprecated_validity_yields_to_its_successor():
    old = {"UnusedAccountValidityDays": 7, "AllowAdminCreateUserOnly": True}

    assert update(AdminCreateUserConfig=old) == {"AdminCreateUserConfig": old}
    assert update(AdminCreateUserConfig=old, Policies={"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}}) == {
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
        "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}},
    }


def test_values_survive_as_they_are():
    settings = {
        "UserPoolTier": "A_TIER_OF_TOMORROW",
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": False},
        "Policies": {"PasswordPolicy": {"PasswordHistorySize": 0}},
        "AcrConfiguration": {"Level1": {"AcrValue": "urn:acr:1"}},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    }

    assert update(**settings) == settings


def test_what_is_not_of_its_shape_is_left_for_the_check_before_sending():
    assert update(UserPoolTags="none", AutoVerifiedAttributes="email") == {
        "UserPoolTags": "none",
        "AutoVerifiedAttributes": "email",
    }


def test_unknown_members_are_named_by_their_path_wherever_they_are():
    raw = {
        "Id": "eu-west-1_A",
        "FutureSetting": None,
        "LambdaConfig": {"FutureTrigger": "arn", "CustomSMSSender": {"LambdaArn": "a", "Future": 1}},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Future": 1}]},
        "AcrConfiguration": {"Level1": {"AcrValue": "a", "Future": 1}},
        "Policies": "none",
        "SchemaAttributes": [{"FutureConstraint": 1}],
    }

    assert set(MODEL.read(raw).unknown) == {
        "FutureSetting",
        "LambdaConfig.FutureTrigger",
        "LambdaConfig.CustomSMSSender.Future",
        "AccountRecoverySetting.RecoveryMechanisms[].Future",
        "AcrConfiguration.Level1.Future",
        "Policies",
    }
