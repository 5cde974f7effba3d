"""The calls to AWS, through botocore itself."""

import http.server
import json
import threading

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from fake_stack import STACK_KEY
from pool_attachment.errors import (
    DeniedError,
    ExplicitlyDeniedError,
    PoolGoneError,
    RefusedError,
    RejectedError,
    SmsRoleError,
    TransientError,
)
from pool_attachment.pool import Aws
from random_pools import POOL_ARN, POOL_ID, POOL_KEY
from strict_cognito import AwsError, Fault, RawBody, StrictCognito

ALIAS = "arn:aws:kms:eu-west-1:123456789012:alias/pool"


@pytest.fixture
def cognito():
    cognito = StrictCognito()
    cognito.add({"Id": POOL_ID, "Arn": POOL_ARN, "FutureSetting": {"Deep": 1.5}}, {"FutureFactor": {"On": True}})
    return cognito


@pytest.fixture
def aws(cognito):
    return Aws.of(cognito.session())


def test_members_that_botocore_does_not_know_are_read(aws):
    pool = aws.pool(POOL_ID)

    assert pool.settings().raw["FutureSetting"] == {"Deep": 1.5}
    assert pool.mfa()["FutureFactor"] == {"On": True}


@pytest.mark.parametrize("content", ["<html>", "{}"])
def test_a_response_that_cannot_be_read_may_pass(aws, cognito, monkeypatch, content):
    monkeypatch.setattr(cognito, "_answer", lambda *_: AWSResponse("", 200, {}, RawBody(content.encode())))

    with pytest.raises(TransientError) as failed:
        aws.pool(POOL_ID).settings()
    assert not failed.value.may_have_landed  # nothing was changed


def test_a_pool_that_does_not_exist_is_gone(aws):
    with pytest.raises(PoolGoneError, match="eu-west-1_None"):
        aws.pool("eu-west-1_None").settings()


def test_a_pool_that_goes_while_it_is_changed_is_gone(aws, cognito):
    cognito.pools.clear()

    with pytest.raises(PoolGoneError):
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID})


def test_something_else_that_is_not_found_does_not_mean_the_pool(aws, cognito, monkeypatch):
    def not_found(_body):
        raise AwsError("ResourceNotFoundException", "Role not found")

    monkeypatch.setattr(cognito, "_update_user_pool", not_found)

    with pytest.raises(RejectedError, match="Role not found"):
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID})


@pytest.mark.parametrize(
    ("fault", "kind", "may_have_landed"),
    [
        (Fault.THROTTLED, TransientError, False),
        (Fault.BUSY, TransientError, False),
        (Fault.ROLE_NOT_PROPAGATED, SmsRoleError, None),
        (Fault.CONNECT_TIMEOUT, TransientError, False),
        (Fault.SERVER_ERROR_BEFORE, TransientError, True),
        (Fault.READ_TIMEOUT_BEFORE, TransientError, True),
        (Fault.DENIED, DeniedError, None),
    ],
)
def test_each_call_is_made_once_and_its_failure_says_whether_it_may_have_landed(
    aws, cognito, fault, kind, may_have_landed
):
    cognito.fail(0, fault)

    with pytest.raises(kind) as failed:
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID})

    assert cognito.calls == ["UpdateUserPool"]
    assert getattr(failed.value, "may_have_landed", None) is may_have_landed


@pytest.fixture
def refuse(cognito, monkeypatch):
    def refuse(code, message):
        def refused(_body):
            raise AwsError(code, message)

        monkeypatch.setattr(cognito, "_update_user_pool", refused)

    return refuse


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidParameterException", "Role does not have permission to publish with SNS"),
        ("InvalidParameterException", "Role does not have a trust relationship allowing Cognito to assume the role"),
        ("InvalidSmsRoleAccessPolicyException", "no"),
        ("InvalidSmsRoleTrustRelationshipException", "no"),
    ],
)
def test_of_an_sms_role_that_cognito_cannot_use_the_error_says_which_and_what_to_do(aws, refuse, code, message):
    refuse(code, message)
    role = "arn:aws:iam::123456789012:role/sms"

    with pytest.raises(SmsRoleError, match=f"Cognito cannot use {role}.*external id theirs"):
        aws.pool(POOL_ID).update(
            {"UserPoolId": POOL_ID, "SmsConfiguration": {"SnsCallerArn": role, "ExternalId": "theirs"}}
        )


@pytest.mark.parametrize(("status", "may_have_landed"), [(429, False), (500, True), (503, True), (499, None)])
def test_of_an_error_that_nobody_knows_its_status_says_whether_it_may_pass(
    aws, cognito, monkeypatch, status, may_have_landed
):
    def new(_body):
        raise AwsError("ExceptionOfTomorrow", "no", status=status)

    monkeypatch.setattr(cognito, "_update_user_pool", new)

    with pytest.raises(RejectedError if may_have_landed is None else TransientError) as failed:
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID})
    assert getattr(failed.value, "may_have_landed", None) is may_have_landed


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        ("InvalidParameterException", "KMS key is pending deletion", f"{POOL_KEY}.*cancel-key-deletion"),
        ("InvalidEmailRoleAccessPolicyException", "no", "Amazon SES"),
        ("InvalidParameterException", "Email address is not verified", "Amazon SES"),
        ("UserImportInProgressException", "busy", "import"),
        ("FeatureUnavailableInTierException", "no", "Correct that setting"),
    ],
)
def test_a_refusal_says_what_to_do(aws, refuse, code, message, remedy):
    refuse(code, message)

    with pytest.raises(RejectedError, match=remedy):
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID, "LambdaConfig": {"KMSKeyID": POOL_KEY}})


def test_a_denial_by_name_is_not_one_that_may_pass(aws, refuse):
    refuse("AccessDeniedException", "User is not authorized with an explicit deny in a service control policy")

    with pytest.raises(ExplicitlyDeniedError, match="service control policy"):
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID})


def test_a_denial_names_whose_permission_is_missing(cognito, refuse):
    refuse("AccessDeniedException", "no")

    with pytest.raises(DeniedError, match="Your credentials, or the KMS key's policy"):
        Aws.of(cognito.session(), caller="Your credentials").pool(POOL_ID).update({"UserPoolId": POOL_ID})


def test_of_a_pool_id_that_names_another_region_the_error_says_that(aws):
    with pytest.raises(PoolGoneError, match=r"does not exist in eu-west-1\. Its id says us-east-1"):
        aws.pool("us-east-1_AbCdEfGhI").settings()


def test_a_replica_has_the_id_of_its_primary_and_is_read_where_we_are(aws, cognito):
    cognito.add({"Id": "us-east-1_AbCdEfGhI", "Arn": POOL_ARN})

    assert aws.pool("us-east-1_AbCdEfGhI").settings().arn == POOL_ARN


def test_the_other_regions_of_a_pool_are_known(aws, cognito):
    cognito.replicas = {"eu-central-1": "ACTIVE", "us-east-1": "INACTIVE"}

    assert aws.pool(POOL_ID).replicas() == {"eu-central-1": "ACTIVE", "us-east-1": "INACTIVE"}


@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.READ_TIMEOUT_BEFORE, Fault.SERVER_ERROR_BEFORE])
def test_regions_that_cannot_be_found_out_are_no_error(aws, cognito, fault):
    cognito.fail(0, fault)

    assert aws.pool(POOL_ID).replicas() == {}


def test_replicas_are_read_page_by_page(aws, cognito, monkeypatch):
    def pages(body):
        region, token = ("us-east-1", {}) if "NextToken" in body else ("us-west-2", {"NextToken": "next"})
        return {"UserPoolReplicas": [{"RegionName": region, "Status": "ACTIVE"}], **token}

    monkeypatch.setattr(cognito, "_list_user_pool_replicas", pages)

    assert set(aws.pool(POOL_ID).replicas()) == {"us-east-1", "us-west-2"}


def test_the_key_is_known_by_its_own_arn_also_when_an_alias_was_passed(aws, cognito):
    cognito.add_key(STACK_KEY, ALIAS)

    key = aws.key(ALIAS, None)

    assert key.arn == STACK_KEY
    assert key.is_the(ALIAS)


def test_the_pools_alias_of_the_same_key_is_recognised(aws, cognito):
    cognito.add_key(POOL_KEY, ALIAS)

    assert aws.key(POOL_KEY, ALIAS).is_the(ALIAS)


@pytest.mark.parametrize("other", [POOL_KEY, STACK_KEY.replace("bbbb", "cccc")])
def test_the_pools_alias_of_another_key_is_not(aws, cognito, other):
    cognito.add_key(other, ALIAS)
    cognito.add_key(STACK_KEY)

    assert not aws.key(STACK_KEY, ALIAS).is_the(ALIAS)


def test_an_alias_that_we_may_not_look_at_names_another_key(aws, cognito):
    cognito.add_key(STACK_KEY)
    cognito.fail(1, Fault.DENIED)

    assert not aws.key(STACK_KEY, ALIAS).is_the(ALIAS)


@pytest.mark.parametrize("region", ["ap-south-1", "us-east-1"])
def test_a_key_of_another_region_is_not_even_asked_for(aws, cognito, region):
    with pytest.raises(RefusedError):
        aws.key(STACK_KEY.replace("eu-west-1", region), None)

    assert cognito.calls == []


def test_a_key_that_may_not_be_looked_at_is_a_denial_of_that_call(aws, cognito):
    cognito.add_key(STACK_KEY)
    cognito.fail(0, Fault.DENIED)

    with pytest.raises(DeniedError, match=r"^DescribeKey: AccessDeniedException"):
        aws.key(STACK_KEY, None)


def test_a_refusal_to_read_names_no_setting_to_correct(aws, cognito, monkeypatch):
    def refused(_body):
        raise AwsError("InvalidParameterException", "no")

    monkeypatch.setattr(cognito, "_describe_user_pool", refused)

    with pytest.raises(RejectedError) as failed:
        aws.pool(POOL_ID).settings()
    assert str(failed.value) == "DescribeUserPool: InvalidParameterException: no"


@pytest.mark.parametrize("key", [STACK_KEY, STACK_KEY.replace("eu-west-1", "us-east-1")])
def test_a_key_that_is_not_there_is_refused(aws, key):
    with pytest.raises(RefusedError, match="does not exist in eu-west-1"):
        aws.key(key, None)


def test_the_endpoint_of_the_environment_is_used_and_raw_bodies_come_over_a_real_connection(monkeypatch):
    class Cognito(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"UserPool": {"Id": POOL_ID, "FutureSetting": 1}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Cognito) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        session = boto3.session.Session("test", "test", region_name="eu-west-1")
        aws = Aws.of(session)

        settings = aws.pool(POOL_ID).settings()

        aws.cognito.close()
        server.shutdown()
        thread.join()
    assert settings.unknown == ("FutureSetting",)
