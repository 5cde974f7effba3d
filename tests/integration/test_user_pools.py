"""User pools are as strict as Cognito's in the sandbox, and stricter: what an update leaves out is reset."""

import json
import uuid

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

pytestmark = pytest.mark.usefixtures("iam_at_once")

LENIENT = Config(parameter_validation=False, retries={"total_max_attempts": 1})
TRUST = {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "sts:AssumeRole"}
SEND = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
NEEDED = ["cognito-idp:CreateUserPool", "cognito-idp:UpdateUserPool", "cognito-idp:SetUserPoolMfaConfig"]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def name():
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def cognito(session):
    return session.client("cognito-idp", config=LENIENT)


@pytest.fixture
def iam(session):
    return session.client("iam")


@pytest.fixture
def key_arn(session):
    return session.client("kms").create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def new_role(iam):
    """Make an SMS role; by default one that Cognito accepts."""

    def make(trust=TRUST, permissions=(SEND,)):
        role = iam.create_role(RoleName=name(), AssumeRolePolicyDocument=policy(trust))["Role"]
        if permissions:
            iam.put_role_policy(RoleName=role["RoleName"], PolicyName="sms", PolicyDocument=policy(*permissions))
        return role["Arn"]

    return make


@pytest.fixture
def new_pool(cognito):
    def make(**settings):
        return cognito.create_user_pool(PoolName=name(), **settings)["UserPool"]

    return make


@pytest.fixture
def caller(session, iam):
    """A Cognito client that may do what its policy says, and nothing else."""

    def make(*statements):
        user = iam.create_user(UserName=name())["User"]["UserName"]
        iam.put_user_policy(UserName=user, PolicyName="permissions", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        mine = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=session.region_name)
        return mine.client("cognito-idp", config=LENIENT)

    return make


@pytest.fixture
def pool_fault(sandbox):
    yield sandbox.pool_fault
    sandbox.pool_fault.set("none", 0)


def describe(cognito, pool):
    return cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]


def sender(key_arn, trigger="CustomSMSSender"):
    function = "arn:aws:lambda:us-east-1:123456789012:function:sender"
    return {trigger: {"LambdaVersion": "V1_0", "LambdaArn": function}, "KMSKeyID": key_arn}


def full_settings(key_arn, role_arn):
    """Every kind of setting, also those that the emulator itself does not store."""
    return {
        "Policies": {
            "PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False, "TemporaryPasswordValidityDays": 2},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]},
        },
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": sender(key_arn),
        "AutoVerifiedAttributes": ["phone_number"],
        "SmsVerificationMessage": "Verify with {####}",
        "EmailVerificationSubject": "Verify",
        "VerificationMessageTemplate": {"SmsMessage": "Verify with {####}", "DefaultEmailOption": "CONFIRM_WITH_LINK"},
        "SmsAuthenticationMessage": "Sign in with {####}",
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["phone_number"]},
        "MfaConfiguration": "OPTIONAL",
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "qa@example.com"},
        "SmsConfiguration": {"SnsCallerArn": role_arn, "ExternalId": "qa", "SnsRegion": "us-east-1"},
        "UserPoolTags": {"team": "qa"},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": {"SMSMessage": "{username}: {####}"},
        },
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]},
        "UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
        "KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key_arn},
        "IssuerConfiguration": {"Type": "UPDATED"},
        "DcrConfiguration": {"EnableStatus": "Enabled", "OpenDcrEnabled": False},
        "AcrConfiguration": {"Level1": {"AcrValue": "urn:one"}},
    }


def includes(whole, part):
    """Is every member of `part` in `whole`, with its value, at every depth?"""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and includes(whole[key], part[key]) for key in part)
    return whole == part


def test_creating_keeps_every_setting(cognito, new_pool, key_arn, new_role):
    settings = full_settings(key_arn, new_role())

    pool = new_pool(**settings)

    assert includes(pool, settings)
    assert includes(describe(cognito, pool), settings)


def test_an_update_resets_every_setting_that_it_leaves_out(cognito, new_pool, key_arn, new_role):
    pool, plain = new_pool(**full_settings(key_arn, new_role())), new_pool()

    cognito.update_user_pool(UserPoolId=pool["Id"], MfaConfiguration="OFF")

    of_its_own = {"Id", "Name", "Arn", "CreationDate", "LastModifiedDate"}
    reset, never_set = describe(cognito, pool), describe(cognito, plain)
    assert {k: v for k, v in reset.items() if k not in of_its_own} == {
        k: v for k, v in never_set.items() if k not in of_its_own
    }
    assert reset["Name"] == pool["Name"]


def test_the_mfa_configuration_stays_if_it_is_left_out(cognito, new_pool, new_role):
    sms = {"SnsCallerArn": new_role()}
    pool = new_pool(SmsConfiguration=sms, MfaConfiguration="OPTIONAL")

    cognito.update_user_pool(UserPoolId=pool["Id"], SmsConfiguration=sms)

    assert describe(cognito, pool)["MfaConfiguration"] == "OPTIONAL"


def test_an_update_that_sends_everything_back_changes_nothing(cognito, new_pool, key_arn, new_role):
    pool = new_pool(**full_settings(key_arn, new_role()))
    shown = describe(cognito, pool)
    factors = cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
    request = {member: shown[member] for member in full_settings(key_arn, "")}
    del request["AdminCreateUserConfig"]["UnusedAccountValidityDays"]

    cognito.update_user_pool(UserPoolId=pool["Id"], **request)

    after, factors_after = describe(cognito, pool), cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
    shown["AdminCreateUserConfig"] = after["AdminCreateUserConfig"]
    assert after | {"LastModifiedDate": None} == shown | {"LastModifiedDate": None}
    assert factors_after["SmsMfaConfiguration"] == factors["SmsMfaConfiguration"]
    assert after["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 2


def test_a_setting_that_no_model_knows_is_shown_and_is_lost_with_an_update(cognito, new_pool, pool_settings):
    pool = new_pool()
    pool_settings(pool["Id"], FutureSetting={"On": True})
    seen = []
    cognito.meta.events.register("before-parse.*", lambda response_dict, **_: seen.append(response_dict["body"]))

    describe(cognito, pool)
    cognito.update_user_pool(UserPoolId=pool["Id"])
    describe(cognito, pool)

    assert b'"FutureSetting"' in seen[0]
    assert b'"FutureSetting"' not in seen[-1]


def test_an_update_renames(cognito, new_pool):
    pool = new_pool()

    cognito.update_user_pool(UserPoolId=pool["Id"], PoolName="another name")

    assert describe(cognito, pool)["Name"] == "another name"


def test_unset_texts_are_not_described(cognito, new_pool):
    shown = describe(cognito, new_pool())

    assert "" not in shown.values()
    assert not {"SmsVerificationMessage", "SmsAuthenticationMessage", "SmsConfiguration", "Domain"} & shown.keys()
    assert shown["LambdaConfig"] == {}


def test_the_users_are_counted(cognito, new_pool):
    pool = new_pool()
    cognito.admin_create_user(UserPoolId=pool["Id"], Username="pat", MessageAction="SUPPRESS")

    assert describe(cognito, pool)["EstimatedNumberOfUsers"] == 1


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"SmsVerificationMessage": ""}, "'smsVerificationMessage' failed to satisfy constraint"),
        ({"SmsConfiguration": {}}, "SmsConfiguration must not be empty"),
        ({"UserPoolAddOns": {}}, "'userPoolAddOns.advancedSecurityMode' failed to satisfy constraint"),
        ({"AccountRecoverySetting": {}}, "AccountRecoverySetting must not be empty"),
        ({"AutoVerifiedAttributes": ["phone_number"]}, "SMS configuration is required when phone_number is selected"),
        ({"MfaConfiguration": "ON"}, "MFA"),
        ({"LambdaConfig": sender(None)}, "KMSKeyId parameter is required"),
        ({"LambdaConfig": {"KMSKeyID": "not-an-arn-of-a-key"}}, "'lambdaConfig.kMSKeyID' failed to satisfy"),
        ({"UserPoolTags": {"aws:cloudformation:stack-name": "mine"}}, "System tags"),
    ],
)
def test_contradictions_are_refused_and_change_nothing(cognito, new_pool, settings, text):
    pool = new_pool(SmsVerificationMessage="Kept {####}")
    before = describe(cognito, pool)

    with pytest.raises(ClientError, match="InvalidParameterException") as of_update:
        cognito.update_user_pool(UserPoolId=pool["Id"], **settings)
    with pytest.raises(ClientError, match="InvalidParameterException") as of_create:
        cognito.create_user_pool(PoolName=name(), **settings)

    assert text in str(of_update.value)
    assert text in str(of_create.value)
    assert describe(cognito, pool) == before


def test_a_pool_with_another_factor_needs_no_sms_role_for_mfa(cognito, new_pool):
    pool = new_pool()
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool["Id"], MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )

    cognito.update_user_pool(UserPoolId=pool["Id"], MfaConfiguration="ON")

    factors = cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
    assert factors["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    assert "SmsMfaConfiguration" not in factors


def test_setting_the_factors_replaces_all_of_them(cognito, new_pool, new_role):
    sms = {"SnsCallerArn": new_role()}
    pool = new_pool(SmsConfiguration=sms, MfaConfiguration="OPTIONAL", SmsAuthenticationMessage="Hello {####}")

    cognito.set_user_pool_mfa_config(UserPoolId=pool["Id"], SoftwareTokenMfaConfiguration={"Enabled": True})

    factors = cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
    assert factors["MfaConfiguration"] == "OFF"
    assert "SmsMfaConfiguration" not in factors
    assert "SmsConfiguration" not in describe(cognito, pool)


def test_no_factor_at_all_cannot_be_required(cognito, new_pool):
    pool = new_pool()

    with pytest.raises(ClientError, match="can't disable all MFAs"):
        cognito.set_user_pool_mfa_config(UserPoolId=pool["Id"], MfaConfiguration="ON")


def test_verified_phone_numbers_keep_the_sms_role_in_the_factors(cognito, new_pool, new_role):
    pool = new_pool(SmsConfiguration={"SnsCallerArn": new_role()}, AutoVerifiedAttributes=["phone_number"])

    with pytest.raises(ClientError, match="SMS configuration is required when phone_number is selected"):
        cognito.set_user_pool_mfa_config(UserPoolId=pool["Id"], SoftwareTokenMfaConfiguration={"Enabled": True})


def test_factors_are_not_shown_among_the_settings(cognito, new_pool):
    pool = new_pool()
    cognito.set_user_pool_mfa_config(UserPoolId=pool["Id"], SoftwareTokenMfaConfiguration={"Enabled": True})
    seen = []
    cognito.meta.events.register("before-parse.*", lambda response_dict, **_: seen.append(response_dict["body"]))

    describe(cognito, pool)

    assert b"SoftwareTokenMfaConfiguration" not in seen[0]


@pytest.mark.parametrize(
    "trust",
    [
        {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}},
        {**TRUST, "Condition": {"StringEquals": {"sts:ExternalId": "another"}}},
        {**TRUST, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cognito-idp:*:*:userpool/us-east-1_other"}}},
        {**TRUST, "Effect": "Deny"},
    ],
)
def test_an_sms_role_that_does_not_trust_cognito_is_refused(cognito, new_pool, new_role, trust):
    pool = new_pool()

    with pytest.raises(ClientError, match="InvalidSmsRoleTrustRelationshipException") as caught:
        cognito.update_user_pool(
            UserPoolId=pool["Id"], SmsConfiguration={"SnsCallerArn": new_role(trust), "ExternalId": "qa"}
        )

    assert "Role does not have a trust relationship allowing Cognito to assume the role" in str(caught.value)


def test_an_sms_role_that_names_its_pool_and_external_id_is_accepted(cognito, new_pool, new_role):
    pool = new_pool()
    condition = {"StringEquals": {"sts:ExternalId": "qa"}, "ArnLike": {"aws:SourceArn": pool["Arn"]}}
    sms = {"SnsCallerArn": new_role({**TRUST, "Condition": condition}), "ExternalId": "qa"}

    cognito.update_user_pool(UserPoolId=pool["Id"], SmsConfiguration=sms)

    assert describe(cognito, pool)["SmsConfiguration"] == sms


@pytest.mark.parametrize("permissions", [(), ({**SEND, "Resource": "arn:aws:sns:us-east-1:123456789012:topic"},)])
def test_an_sms_role_that_may_not_send_is_refused(cognito, new_pool, new_role, permissions):
    with pytest.raises(ClientError, match="Role does not have permission to publish with SNS"):
        new_pool(SmsConfiguration={"SnsCallerArn": new_role(permissions=permissions)})


def test_an_sms_role_of_another_account_is_refused(new_pool):
    with pytest.raises(ClientError, match="Cross-account pass role is not allowed"):
        new_pool(SmsConfiguration={"SnsCallerArn": "arn:aws:iam::999999999999:role/sms"})


def test_whoever_sets_the_senders_key_needs_create_grant_on_it(caller, new_pool, key_arn):
    pool = new_pool()
    update = {"Effect": "Allow", "Action": NEEDED, "Resource": "*"}
    grant = {"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": key_arn}

    with pytest.raises(ClientError, match="AccessDeniedException") as caught:
        caller(update).update_user_pool(UserPoolId=pool["Id"], LambdaConfig=sender(key_arn))
    caller(update, grant).update_user_pool(UserPoolId=pool["Id"], LambdaConfig=sender(key_arn))

    assert f"is not authorized to perform: kms:CreateGrant on resource: {key_arn}" in str(caught.value)


def test_a_key_policy_must_let_the_caller_create_grants_too(session, caller, new_pool):
    own = {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}
    key_arn = session.client("kms").create_key(Policy=policy(own))["KeyMetadata"]["Arn"]
    anything = {"Effect": "Allow", "Action": ["cognito-idp:*", "kms:*"], "Resource": "*"}
    pool = new_pool()

    with pytest.raises(ClientError, match="kms:CreateGrant"):
        caller(anything).update_user_pool(UserPoolId=pool["Id"], LambdaConfig=sender(key_arn))


def test_whoever_sets_the_sms_role_needs_to_pass_it_to_cognito(caller, new_pool, new_role):
    pool, role_arn = new_pool(), new_role()
    update = {"Effect": "Allow", "Action": NEEDED, "Resource": "*"}
    to_cognito, to_lambda = (
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": "arn:aws:iam::123456789012:role/*",
            "Condition": {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
        }
        for service in ("cognito-idp", "lambda")
    )
    request = {"UserPoolId": pool["Id"], "SmsConfiguration": {"SnsCallerArn": role_arn}}

    for permissions in ((update,), (update, to_lambda)):
        with pytest.raises(ClientError, match=r"AccessDeniedException.*iam:PassRole"):
            caller(*permissions).update_user_pool(**request)
    caller(update, to_cognito).update_user_pool(**request)


def test_setting_the_sms_factor_passes_the_role_too(caller, new_pool, new_role):
    pool = new_pool()
    sms = {"SmsConfiguration": {"SnsCallerArn": new_role()}}

    with pytest.raises(ClientError, match=r"AccessDeniedException.*iam:PassRole"):
        caller({"Effect": "Allow", "Action": NEEDED, "Resource": "*"}).set_user_pool_mfa_config(
            UserPoolId=pool["Id"], SmsMfaConfiguration=sms
        )


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("sms-role-trust", "InvalidSmsRoleTrustRelationshipException"),
        ("sms-role-publish", "InvalidSmsRoleAccessPolicyException"),
        ("concurrent", "ConcurrentModificationException"),
        ("throttle", "TooManyRequestsException"),
    ],
)
def test_trouble_on_request_passes_and_changes_nothing(cognito, new_pool, pool_fault, mode, code):
    pool = new_pool()
    pool_fault.set(mode, 2)

    for _ in range(2):
        with pytest.raises(ClientError, match=code):
            cognito.update_user_pool(UserPoolId=pool["Id"], SmsVerificationMessage="New {####}")
    assert "SmsVerificationMessage" not in describe(cognito, pool)
    cognito.update_user_pool(UserPoolId=pool["Id"], SmsVerificationMessage="New {####}")

    assert describe(cognito, pool)["SmsVerificationMessage"] == "New {####}"


def test_a_lost_response_hides_a_change_that_was_made(cognito, new_pool, pool_fault):
    pool = new_pool()
    pool_fault.set("lost-answer", 1)

    with pytest.raises(ClientError, match="InternalErrorException"):
        cognito.update_user_pool(UserPoolId=pool["Id"], SmsVerificationMessage="New {####}")

    assert describe(cognito, pool)["SmsVerificationMessage"] == "New {####}"


def test_an_unknown_kind_of_trouble_is_named(pool_fault):
    with pytest.raises(ValueError, match="no such fault: 'flood'"):
        pool_fault.set("flood", 1)


def test_a_protected_pool_is_not_deleted(cognito, new_pool):
    pool = new_pool(DeletionProtection="ACTIVE")

    with pytest.raises(ClientError, match="deletion protection is activated"):
        cognito.delete_user_pool(UserPoolId=pool["Id"])
    cognito.update_user_pool(UserPoolId=pool["Id"], DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool["Id"])

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        describe(cognito, pool)


def test_tags_of_the_system_stay_and_are_nobodys_to_change(session, cognito, sandbox):
    stack = PoolStack(session, {"UserPoolTags": {"team": "qa"}})
    pool = stack.pool(cognito)

    cognito.update_user_pool(UserPoolId=pool["Id"], UserPoolTags={"owner": "pat"})
    with pytest.raises(ClientError, match="System tags"):
        cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"aws:cloudformation:stack-name": "x"})
    with pytest.raises(ClientError, match="System tags"):
        cognito.untag_resource(ResourceArn=pool["Arn"], TagKeys=["aws:cloudformation:stack-name"])

    tags = describe(cognito, pool)["UserPoolTags"]
    assert tags.pop("aws:cloudformation:stack-name") == stack.name
    assert {key for key in tags if not key.startswith("aws:")} == {"owner"}


class PoolStack:
    """A stack of one user pool."""

    def __init__(self, session, properties):
        self.name = name()
        self._cloudformation = session.client("cloudformation")
        self._deploy(self._cloudformation.create_stack, properties, "stack_create_complete")

    def update(self, properties):
        self._deploy(self._cloudformation.update_stack, properties, "stack_update_complete")

    def delete(self):
        self._cloudformation.delete_stack(StackName=self.name)
        self._wait("stack_delete_complete")

    def pool(self, cognito):
        resource = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId="Pool")
        return describe(cognito, {"Id": resource["StackResourceDetail"]["PhysicalResourceId"]})

    def reasons(self):
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events if event["LogicalResourceId"] == "Pool"]

    def _deploy(self, call, properties, waiter):
        body = {"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}}
        call(StackName=self.name, TemplateBody=json.dumps(body))
        self._wait(waiter)

    def _wait(self, waiter):
        config = {"Delay": 0.1, "MaxAttempts": 600}
        try:
            self._cloudformation.get_waiter(waiter).wait(StackName=self.name, WaiterConfig=config)
        except WaiterError as error:
            raise PoolStackError(*self.reasons()) from error


class PoolStackError(Exception):
    pass


def test_a_stacks_pool_keeps_every_setting_and_loses_what_its_template_drops(session, cognito, key_arn, new_role):
    settings = full_settings(key_arn, new_role())
    del settings["DcrConfiguration"], settings["AcrConfiguration"]  # CloudFormation has no such properties
    texts = {"SmsAuthenticationMessage": settings["SmsAuthenticationMessage"]}

    stack = PoolStack(session, {**settings, "UserPoolName": "shop", "EnabledMfas": ["SMS_MFA"]})
    made = stack.pool(cognito)
    stack.update({"UserPoolName": "shop", **texts})
    updated = stack.pool(cognito)

    assert made["Name"] == "shop"
    assert includes(made, settings)
    assert updated["Id"] == made["Id"]
    assert updated["SmsAuthenticationMessage"] == "Sign in with {####}"
    assert not {"SmsConfiguration", "KeyConfiguration", "UserAttributeUpdateSettings"} & updated.keys()
    assert updated["LambdaConfig"] == {}


def test_a_stacks_pool_is_held_to_the_same_rules(session, key_arn):
    with pytest.raises(PoolStackError, match="KMSKeyId parameter is required") as of_create:
        PoolStack(session, {"LambdaConfig": {"CustomSMSSender": sender(key_arn)["CustomSMSSender"]}})
    stack = PoolStack(session, {"SmsVerificationMessage": "Kept {####}"})

    with pytest.raises(PoolStackError, match="SMS configuration is required when phone_number is selected"):
        stack.update({"SmsVerificationMessage": "New {####}", "AutoVerifiedAttributes": ["phone_number"]})

    assert "Resource handler returned message" in str(of_create.value)


def test_a_stack_cannot_delete_a_protected_pool(session, cognito):
    stack = PoolStack(session, {"DeletionProtection": "ACTIVE"})

    with pytest.raises(PoolStackError, match="deletion protection is activated"):
        stack.delete()

    assert stack.pool(cognito)["DeletionProtection"] == "ACTIVE"
