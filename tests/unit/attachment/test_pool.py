"""The calls to AWS, through botocore itself."""

import http.server
import json
import threading

import boto3
import pytest

from fake_stack import STACK_KEY
from pool_attachment.errors import DeniedError, PassingError, PoolGoneError, RefusedError, RejectedError
from pool_attachment.pool import Aws
from random_pools import POOL_ARN, POOL_ID, POOL_KEY
from strict_cognito import AwsError, Fault, StrictCognito

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
        (Fault.THROTTLED, PassingError, False),
        (Fault.BUSY, PassingError, False),
        (Fault.ROLE_NOT_PROPAGATED, PassingError, False),
        (Fault.CONNECT_TIMEOUT, PassingError, False),
        (Fault.SERVER_ERROR_BEFORE, PassingError, True),
        (Fault.READ_TIMEOUT_BEFORE, PassingError, True),
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


def test_a_role_that_may_not_publish_yet_may_pass(aws, cognito, monkeypatch):
    def not_yet(_body):
        raise AwsError("InvalidParameterException", "Role does not have permission to publish with SNS")

    monkeypatch.setattr(cognito, "_update_user_pool", not_yet)

    with pytest.raises(PassingError):
        aws.pool(POOL_ID).update({"UserPoolId": POOL_ID})


def test_the_key_is_known_by_its_own_arn_also_when_an_alias_was_passed(aws, cognito):
    cognito.add_key(STACK_KEY, ALIAS)

    assert aws.key(ALIAS, None).arn == STACK_KEY


def test_the_pools_alias_of_the_same_key_is_recognised(aws, cognito):
    cognito.add_key(POOL_KEY, ALIAS)

    assert aws.key(POOL_KEY, ALIAS).is_the(ALIAS)


def test_the_pools_alias_of_another_key_is_not(aws, cognito):
    cognito.add_key(POOL_KEY, ALIAS)
    cognito.add_key(STACK_KEY)

    assert not aws.key(STACK_KEY, ALIAS).is_the(ALIAS)


def test_an_alias_that_we_may_not_look_at_names_another_key(aws, cognito):
    cognito.add_key(STACK_KEY)
    cognito.fail(1, Fault.DENIED)

    assert not aws.key(STACK_KEY, ALIAS).is_the(ALIAS)


@pytest.mark.parametrize("key", [STACK_KEY, STACK_KEY.replace("eu-west-1", "us-east-1")])
def test_a_key_that_is_not_there_is_refused(aws, key):
    with pytest.raises(RefusedError, match="does not exist in eu-west-1"):
        aws.key(key, None)


def test_the_endpoint_of_the_environment_is_used_and_raw_bodies_come_over_a_real_connection(monkeypatch):
    class Cognito(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = json.dumps({"UserPool": {"Id": POOL_ID, "FutureSetting": 1}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

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
