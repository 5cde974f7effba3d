"""Attaching what the SAM CLI built, in harsh mode: whatever happens, the pool comes back as it was."""

import base64
import io
import json
import zipfile

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import CommitmentPolicy

from our_stack import DEFAULTS, Refused

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
def sms_role(session, iam_has_spread):
    iam = session.client("iam")
    iam.create_role(RoleName="their-sms-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="their-sms-role", PolicyName="publish", PolicyDocument=json.dumps(PUBLISH))
    iam_has_spread()
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


@pytest.fixture
def attach(stack):
    """Deploy our stack onto a pool; answers the stack's status."""
    return lambda pool_id, **parameters: stack.deploy(**DEFAULTS, UserPoolId=pool_id, **parameters)


def sender(function_arn):
    return {"LambdaVersion": "V1_0", "LambdaArn": function_arn}


@pytest.mark.slow
def test_an_sms_right_after_the_deployment_arrives_though_iam_takes_time(
    make_pool, client_of, attach, sign_up, next_sms
):
    client_id = client_of(pool_id := make_pool())

    attach(pool_id)
    sign_up(client_id, "+12065550198")

    assert next_sms("+12065550198")["code"]


@pytest.mark.slow
def test_a_previous_sender_is_restored(make_pool, settings_of, attach, stack, key, their_function):
    pool_id = make_pool(LambdaConfig={"CustomSMSSender": sender(their_function), "KMSKeyID": key})
    before = settings_of(pool_id)

    assert attach(pool_id, KmsKeyArn=key) == "CREATE_COMPLETE"
    attached = settings_of(pool_id)
    assert stack.delete() == "DELETE_COMPLETE"

    assert attached["LambdaConfig"]["CustomSMSSender"]["LambdaArn"] != their_function
    assert attached["LambdaConfig"]["KMSKeyID"] == key
    assert settings_of(pool_id) == before


@pytest.mark.slow
def test_a_pool_with_its_own_key_is_refused_without_it_and_its_email_sender_goes_on_decrypting(
    make_pool, settings_of, attach, stack, key, their_function
):
    pool_id = make_pool(LambdaConfig={"CustomEmailSender": sender(their_function), "KMSKeyID": key})
    before = settings_of(pool_id)

    assert attach(pool_id) == "ROLLBACK_COMPLETE"
    assert key in stack.reasons()
    assert "KmsKeyArn" in stack.reasons()
    assert settings_of(pool_id) == before
    with pytest.raises(Refused, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        attach(pool_id, KmsKeyArn=key)
    assert stack.delete() == "DELETE_COMPLETE"

    stack.stack_id = None
    assert attach(pool_id, KmsKeyArn=key) == "CREATE_COMPLETE"
    attached = settings_of(pool_id)["LambdaConfig"]
    assert attached["CustomEmailSender"] == sender(their_function)
    assert decrypts(encrypted_for_email(key, pool_id), attached["KMSKeyID"]) == "123456"
    assert stack.delete() == "DELETE_COMPLETE"
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


@pytest.mark.slow
def test_a_pool_that_looks_like_production_is_refused(make_pool, settings_of, attach, stack, cognito):
    pool_id = make_pool()
    for number in range(2):
        cognito.admin_create_user(UserPoolId=pool_id, Username=f"u{number}", MessageAction="SUPPRESS")
    before = settings_of(pool_id)

    assert attach(pool_id, MaxPoolUsers="1") == "ROLLBACK_COMPLETE"

    assert "MaxPoolUsers" in stack.reasons()
    assert settings_of(pool_id) == before


@pytest.mark.slow
def test_a_failing_update_leaves_the_pool_attached_as_before(make_pool, settings_of, attach, stack):
    pool_id = make_pool()
    before = settings_of(pool_id)
    attach(pool_id)
    attached = settings_of(pool_id)

    assert attach("us-east-1_NoSuchPool") == "UPDATE_ROLLBACK_COMPLETE"

    assert settings_of(pool_id) == attached
    assert stack.delete() == "DELETE_COMPLETE"
    assert settings_of(pool_id) == before


def test_a_pool_is_redirected_and_comes_back_as_it_was_by_a_move_to_another_pool_and_by_a_deletion(
    make_pool, settings_of, attach, stack, client_of, sign_up, next_sms, iam_has_spread
):
    first, second = make_pool(), make_pool()
    clients = client_of(first), client_of(second)
    before_first, before_second = settings_of(first), settings_of(second)

    assert attach(first) == "CREATE_COMPLETE"
    iam_has_spread()
    sign_up(clients[0], PHONE)
    of_first = next_sms(PHONE)
    assert attach(second) == "UPDATE_COMPLETE"
    iam_has_spread()
    sign_up(clients[1], "+12065550177")
    of_second = next_sms("+12065550177")

    assert of_first["text"] == f"{of_first['code']} is your code for Their App"
    assert (of_first["user_pool_id"], of_second["user_pool_id"]) == (first, second)
    assert settings_of(first) == before_first
    assert stack.delete() == "DELETE_COMPLETE"
    assert settings_of(second) == before_second


@pytest.mark.slow
def test_a_move_away_from_a_pool_that_cannot_be_restored_is_rolled_back(
    make_pool, settings_of, attach, stack, session, iam_has_spread
):
    first, second = make_pool(), make_pool()
    before_first, before_second = settings_of(first), settings_of(second)
    attach(first)
    attached = settings_of(first)
    role = stack.physical_id("AttachmentRole")
    deny = {"Effect": "Deny", "Action": "cognito-idp:UpdateUserPool", "Resource": f"arn:aws:cognito-idp:*:*:*/{first}"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    session.client("iam").put_role_policy(RoleName=role, PolicyName="deny", PolicyDocument=policy)
    iam_has_spread()

    moved = attach(second)
    left = settings_of(first), settings_of(second)
    session.client("iam").delete_role_policy(RoleName=role, PolicyName="deny")
    iam_has_spread()

    assert moved == "UPDATE_ROLLBACK_COMPLETE"
    assert f"User pool {first} could not be restored: UpdateUserPool: AccessDenied" in stack.reasons()
    assert left == (attached, before_second)
    assert stack.delete() == "DELETE_COMPLETE"
    assert settings_of(first) == before_first


@pytest.mark.slow
def test_a_stack_changes_between_its_own_pool_and_an_existing_one(make_pool, settings_of, attach, stack):
    pool_id = make_pool()
    before = settings_of(pool_id)

    assert stack.deploy(**DEFAULTS) == "CREATE_COMPLETE"
    own = settings_of(stack.outputs()["UserPoolId"])
    assert attach(pool_id) == "UPDATE_COMPLETE"
    assert stack.outputs()["UserPoolId"] == pool_id
    assert settings_of(pool_id)["LambdaConfig"]["CustomSMSSender"]
    assert attach("") == "UPDATE_COMPLETE"
    another = settings_of(stack.outputs()["UserPoolId"])  # of the same id: in the sandbox a stack's ids never change
    assert another["CreationDate"] > own["CreationDate"]
    assert settings_of(pool_id) == before


@pytest.mark.slow
def test_a_stack_whose_pool_is_gone_still_deletes(make_pool, attach, stack, cognito):
    pool_id = make_pool()
    attach(pool_id)
    cognito.delete_user_pool(UserPoolId=pool_id)

    assert stack.delete() == "DELETE_COMPLETE"


@pytest.mark.slow
def test_an_owner_who_pointed_the_trigger_elsewhere_keeps_that(make_pool, attach, stack, cognito, their_function, key):
    pool_id = make_pool()
    attach(pool_id)
    theirs = {"CustomSMSSender": sender(their_function), "KMSKeyID": key}
    roles = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["SmsConfiguration"]
    cognito.update_user_pool(
        UserPoolId=pool_id, AutoVerifiedAttributes=["phone_number"], SmsConfiguration=roles, LambdaConfig=theirs
    )

    assert stack.delete() == "DELETE_COMPLETE"

    assert cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["LambdaConfig"] == theirs


@pytest.mark.slow
def test_a_second_stack_on_the_same_pool_is_refused_and_the_first_one_stays(
    make_pool, settings_of, attach, stack, second_stack
):
    pool_id = make_pool()
    before = settings_of(pool_id)
    attach(pool_id)
    attached = settings_of(pool_id)

    assert second_stack.deploy(**DEFAULTS, UserPoolId=pool_id) == "ROLLBACK_COMPLETE"

    assert stack.stack_id in second_stack.reasons()
    assert settings_of(pool_id) == attached
    assert second_stack.delete() == "DELETE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert settings_of(pool_id) == before


@pytest.mark.slow
def test_two_stacks_on_two_pools_do_not_touch_each_other(make_pool, settings_of, attach, stack, second_stack):
    first, second = make_pool(), make_pool()
    before = settings_of(first), settings_of(second)
    attach(first)
    second_stack.deploy(**DEFAULTS, UserPoolId=second)

    assert stack.delete() == "DELETE_COMPLETE"
    still = settings_of(second)["LambdaConfig"]["CustomSMSSender"]
    assert second_stack.delete() == "DELETE_COMPLETE"

    assert still
    assert (settings_of(first), settings_of(second)) == before


@pytest.mark.slow
def test_deploying_again_with_attach_again_puts_the_redirect_back(make_pool, settings_of, attach, stack, cognito):
    pool_id = make_pool()
    before = settings_of(pool_id)
    attach(pool_id)
    attached = settings_of(pool_id)
    roles = before["SmsConfiguration"]
    cognito.update_user_pool(UserPoolId=pool_id, AutoVerifiedAttributes=["phone_number"], SmsConfiguration=roles)

    unchanged = attach(pool_id)
    again = attach(pool_id, AttachAgain="after Terraform")

    assert (unchanged, again) == ("unchanged", "UPDATE_COMPLETE")
    assert settings_of(pool_id)["LambdaConfig"] == attached["LambdaConfig"]
