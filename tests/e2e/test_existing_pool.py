"""Attaching with the real SAM CLI, IAM enforced: whatever happens, the pool comes back as it was."""

import base64
import io
import json
import zipfile

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import CommitmentPolicy

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

PHONE = "+12065550199"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
PUBLISH = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]}
CHANGES_BY_ITSELF = ("LastModifiedDate", "EstimatedNumberOfUsers")


@pytest.fixture
def cognito(session):
    return session.client("cognito-idp")


@pytest.fixture
def key(session):
    return session.client("kms").create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def sms_role(session):
    iam = session.client("iam")
    iam.create_role(RoleName="their-sms-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="their-sms-role", PolicyName="publish", PolicyDocument=json.dumps(PUBLISH))
    yield iam.get_role(RoleName="their-sms-role")["Role"]["Arn"]
    iam.delete_role_policy(RoleName="their-sms-role", PolicyName="publish")
    iam.delete_role(RoleName="their-sms-role")


@pytest.fixture
def their_function(session):
    """The owner's own sender."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    iam = session.client("iam")
    trust = json.dumps(TRUST).replace("cognito-idp", "lambda")
    role = iam.create_role(RoleName="their-function", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    yield session.client("lambda").create_function(
        FunctionName="theirs",
        Runtime="python3.13",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": buffer.getvalue()},
    )["FunctionArn"]
    session.client("lambda").delete_function(FunctionName="theirs")
    iam.delete_role(RoleName="their-function")


@pytest.fixture
def make_pool(cognito, sms_role):
    """A pool of the owner's, with settings that an UpdateUserPool without them would reset."""
    pools = []

    def make_pool(**settings):
        pool_id = cognito.create_user_pool(
            PoolName=f"theirs-{len(pools)}",
            AutoVerifiedAttributes=["phone_number"],
            SmsConfiguration={"SnsCallerArn": sms_role, "ExternalId": "theirs"},
            SmsVerificationMessage="{####} is your code for Their App",
            UserPoolTags={"team": "mobile"},
            AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]},
            DeviceConfiguration={"ChallengeRequiredOnNewDevice": True},
            Policies={"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": 3}},
            **settings,
        )["UserPool"]["Id"]
        pools.append(pool_id)
        return pool_id

    yield make_pool
    for pool_id in pools:
        try:
            cognito.delete_user_pool(UserPoolId=pool_id)
        except cognito.exceptions.ResourceNotFoundException:
            continue


@pytest.fixture
def settings_of(cognito):
    def settings_of(pool_id):
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
        mfa.pop("ResponseMetadata")
        return {name: value for name, value in pool.items() if name not in CHANGES_BY_ITSELF} | {"mfa": mfa}

    return settings_of


@pytest.fixture
def client_of(cognito):
    def client_of(pool_id):
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows)
        return client["UserPoolClient"]["ClientId"]

    return client_of


@pytest.fixture(autouse=True)
def no_stack_left(delete, session):
    yield
    if any(s["StackStatus"] != "DELETE_COMPLETE" for s in _stacks(session)):
        delete()


def _stacks(session):
    stacks = session.client("cloudformation").list_stacks()["StackSummaries"]
    return [stack for stack in stacks if stack["StackName"] == "sms-redirect-e2e"]


def reasons(session):
    """What CloudFormation's events say of failures."""
    events = session.client("cloudformation").describe_stack_events(StackName=_stacks(session)[0]["StackId"])
    return " ".join(event.get("ResourceStatusReason", "") for event in events["StackEvents"])


def sender(function_arn):
    return {"LambdaVersion": "V1_0", "LambdaArn": function_arn}


def test_a_pool_is_redirected_and_comes_back_as_it_was(
    make_pool, settings_of, client_of, deploy, delete, sign_up, next_sms
):
    pool_id = make_pool()
    client_id = client_of(pool_id)
    before = settings_of(pool_id)

    deploy(UserPoolId=pool_id)
    sign_up(client_id, PHONE)
    sms = next_sms(PHONE)
    delete()

    assert sms["text"] == f"{sms['code']} is your code for Their App"
    assert settings_of(pool_id) == before


def test_a_previous_sender_is_given_back(make_pool, settings_of, deploy, delete, key, their_function):
    pool_id = make_pool(LambdaConfig={"CustomSMSSender": sender(their_function), "KMSKeyID": key})
    before = settings_of(pool_id)

    deploy(UserPoolId=pool_id, KmsKeyArn=key)
    attached = settings_of(pool_id)
    delete()

    assert attached["LambdaConfig"]["CustomSMSSender"]["LambdaArn"] != their_function
    assert attached["LambdaConfig"]["KMSKeyID"] == key
    assert settings_of(pool_id) == before


def test_a_pool_with_its_own_key_is_refused_without_it_and_its_email_sender_goes_on_decrypting(
    make_pool, settings_of, deploy, delete, key, their_function, session
):
    pool_id = make_pool(LambdaConfig={"CustomEmailSender": sender(their_function), "KMSKeyID": key})
    before = settings_of(pool_id)

    refused = deploy(check=False, UserPoolId=pool_id)
    assert refused.returncode != 0
    assert key in reasons(session)
    assert "KmsKeyArn" in reasons(session)
    assert settings_of(pool_id) == before
    delete()

    deploy(UserPoolId=pool_id, KmsKeyArn=key)
    attached = settings_of(pool_id)["LambdaConfig"]
    assert attached["CustomEmailSender"] == sender(their_function)
    assert decrypts(encrypted_for_email(key, pool_id), attached["KMSKeyID"]) == "123456"
    delete()
    assert settings_of(pool_id) == before


def encrypted_for_email(key, pool_id):
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
    provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key])
    ciphertext, _ = client.encrypt(source=b"123456", key_provider=provider, encryption_context={"userpool-id": pool_id})
    return base64.b64encode(ciphertext)


def decrypts(code, key):
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)
    provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key])
    return client.decrypt(source=base64.b64decode(code), key_provider=provider)[0].decode()


def test_a_pool_that_looks_like_production_is_refused(make_pool, settings_of, deploy, cognito, session):
    pool_id = make_pool()
    for number in range(2):
        cognito.admin_create_user(UserPoolId=pool_id, Username=f"u{number}", MessageAction="SUPPRESS")
    before = settings_of(pool_id)

    refused = deploy(check=False, UserPoolId=pool_id, MaxPoolUsers="1")

    assert refused.returncode != 0
    assert "MaxPoolUsers" in reasons(session)
    assert settings_of(pool_id) == before


def test_a_failing_update_leaves_the_pool_attached_as_before(make_pool, settings_of, deploy, delete, session):
    pool_id = make_pool()
    before = settings_of(pool_id)
    deploy(UserPoolId=pool_id)
    attached = settings_of(pool_id)

    failed = deploy(check=False, UserPoolId="us-east-1_NoSuchPool")

    assert failed.returncode != 0
    assert settings_of(pool_id) == attached
    delete()
    assert settings_of(pool_id) == before


def test_a_move_to_another_pool_gives_the_first_one_back(
    make_pool, settings_of, deploy, delete, client_of, sign_up, next_sms
):
    first, second = make_pool(), make_pool()
    before_first, before_second = settings_of(first), settings_of(second)
    deploy(UserPoolId=first)

    deploy(UserPoolId=second)
    sign_up(client_of(second), "+12065550177")

    assert settings_of(first) == before_first
    assert next_sms("+12065550177")["user_pool_id"] == second
    delete()
    assert settings_of(second) == before_second


@pytest.mark.slow
def test_a_stack_changes_between_its_own_pool_and_an_existing_one(make_pool, settings_of, deploy, delete, outputs):
    pool_id = make_pool()
    before = settings_of(pool_id)

    deploy()
    own = outputs()["UserPoolId"]
    deploy(UserPoolId=pool_id)
    assert outputs()["UserPoolId"] == pool_id
    assert settings_of(pool_id)["LambdaConfig"]["CustomSMSSender"]
    deploy(UserPoolId="")
    assert outputs()["UserPoolId"] not in (own, pool_id)
    assert settings_of(pool_id) == before
    delete()


def test_a_stack_whose_pool_is_gone_still_deletes(make_pool, deploy, delete, cognito, session):
    pool_id = make_pool()
    deploy(UserPoolId=pool_id)
    cognito.delete_user_pool(UserPoolId=pool_id)

    delete()

    assert {stack["StackStatus"] for stack in _stacks(session)} == {"DELETE_COMPLETE"}


def test_an_owner_who_pointed_the_trigger_elsewhere_keeps_that(make_pool, deploy, delete, cognito, their_function, key):
    pool_id = make_pool()
    deploy(UserPoolId=pool_id)
    theirs = {"CustomSMSSender": sender(their_function), "KMSKeyID": key}
    roles = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["SmsConfiguration"]
    cognito.update_user_pool(
        UserPoolId=pool_id, AutoVerifiedAttributes=["phone_number"], SmsConfiguration=roles, LambdaConfig=theirs
    )

    delete()

    assert cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["LambdaConfig"] == theirs
