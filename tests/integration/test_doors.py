"""The AWS port answers those who have the run's key, and everyone only what AWS serves without one."""

import hashlib
import http.client
import json
import uuid
from contextlib import closing
from dataclasses import replace
from typing import ClassVar

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sms_redirect.sandbox.server import Sandbox, SandboxSettings

JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded"
ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
READS = [
    ("cognito-idp", "list_user_pools", {"MaxResults": 1}),
    ("kms", "list_keys", {}),
    ("logs", "describe_log_groups", {}),
    ("sqs", "list_queues", {}),
    ("sns", "list_topics", {}),
    ("iam", "list_roles", {}),
    ("sts", "get_caller_identity", {}),
    ("cloudformation", "list_stacks", {}),
    ("lambda", "list_functions", {}),
    ("s3", "list_buckets", {}),
]
SERVICES = [service for service, _, _ in READS]


def client(sandbox, service, *, key=None, secret=None, token=None):
    environment = sandbox.environment
    return boto3.client(
        service,
        endpoint_url=sandbox.endpoint_url,
        region_name=environment["AWS_REGION"],
        aws_access_key_id=key or environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=secret or environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=token,
        config=ONCE,
    )


def refusal(sandbox, service, **credentials):
    """Code and status of the refusal of a harmless call."""
    operation, arguments = next((operation, arguments) for name, operation, arguments in READS if name == service)
    with pytest.raises(ClientError) as caught:
        getattr(client(sandbox, service, **credentials), operation)(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def send(sandbox):
    """One request as it is, nothing added but what HTTP needs: status, headers and body of the response."""

    def send(method, url, headers=(), body=None):
        host, port = sandbox.endpoint_url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        try:
            connection.request(method, url, body, dict(headers))
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    return send


@pytest.mark.parametrize(("service", "operation", "arguments"), READS, ids=SERVICES)
def test_every_service_accepts_the_key_of_the_run(sandbox, service, operation, arguments):
    getattr(client(sandbox, service), operation)(**arguments)


UNKNOWN_KEY = dict.fromkeys(SERVICES, ("InvalidClientTokenId", 403)) | {
    "cognito-idp": ("UnrecognizedClientException", 400),
    "kms": ("UnrecognizedClientException", 400),
    "logs": ("UnrecognizedClientException", 400),
    "lambda": ("UnrecognizedClientException", 403),
    "s3": ("InvalidAccessKeyId", 403),
}
WRONG_SECRET = dict.fromkeys(SERVICES, ("SignatureDoesNotMatch", 403)) | {
    "cognito-idp": ("InvalidSignatureException", 400),
    "kms": ("InvalidSignatureException", 400),
    "logs": ("InvalidSignatureException", 400),
    "lambda": ("InvalidSignatureException", 403),
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("key", ["test", "123456789012", "AKIAIOSFODNN7EXAMPLE"])
def test_an_unknown_key_gets_the_error_of_aws(sandbox, service, key):
    assert refusal(sandbox, service, key=key, secret="test") == UNKNOWN_KEY[service]


@pytest.mark.parametrize("service", SERVICES)
def test_a_wrong_secret_gets_the_error_of_aws(sandbox, service):
    assert refusal(sandbox, service, secret="wrong") == WRONG_SECRET[service]


def test_an_unknown_key_is_told_to_the_person_at_the_terminal(sandbox, caplog):
    refusal(sandbox, "sns", key="test", secret="test")

    assert "'test', which this sandbox did not give out" in caplog.text
    assert "Export the environment" in caplog.text


UNSIGNED = [
    ("POST", "/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminCreateUser", "Content-Type": JSON}, b"{}",
     400, "MissingAuthenticationTokenException"),
    ("POST", "/", {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}, b"{}",
     400, "MissingAuthenticationTokenException"),
    ("POST", "/", {"Content-Type": FORM}, b"Action=CreateStack&StackName=evil&TemplateBody=%7B%7D",
     403, "<Code>MissingAuthenticationToken</Code>"),
    ("GET", "/?Action=CreateStack&StackName=evil&TemplateBody=%7B%7D", {}, None, 403, "MissingAuthenticationToken"),
    ("POST", "/", {"Content-Type": FORM}, b"Action=AssumeRole&RoleArn=a&RoleSessionName=b&Version=2011-06-15",
     403, "MissingAuthenticationToken"),
    ("GET", "/2015-03-31/functions", {}, None, 403, "MissingAuthenticationToken"),
    ("GET", "/", {}, None, 403, "AccessDenied"),
    ("GET", "/sms-redirect-packages-123456789012", {}, None, 403, "AccessDenied"),
    ("PUT", "/new-bucket", {}, None, 403, "AccessDenied"),
    ("POST", "/v2/email/outbound-emails", {"Content-Type": "application/json"}, b"{}", 403, "AccessDenied"),
    ("POST", "/Execute", {"Content-Type": "application/json"}, b"{}", 403, "AccessDenied"),
    ("GET", "/v20180820/bucket", {}, None, 403, ""),
    ("GET", "/iceberg/v1/config", {}, None, 403, ""),
    ("GET", "/v2/_catalog", {}, None, 403, ""),
    ("GET", "/latest/meta-data/iam/security-credentials/", {}, None, 403, ""),
    ("GET", "/_alb/a/b", {}, None, 403, ""),
    ("GET", "/_aws/execute-api/a/b", {}, None, 403, ""),
    ("DELETE", "/_ministack/reset", {}, None, 403, "closed"),
    ("POST", "/_ministack/config", {}, b"{}", 403, "closed"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "url", "headers", "body", "status", "code"), UNSIGNED)
def test_everything_else_needs_a_signature(send, method, url, headers, body, status, code):
    answer = send(method, url, headers, body)

    assert answer[0] == status
    assert code in answer[2].decode()


@pytest.mark.parametrize("host", ["a.execute-api.localhost", "a.lambda-url.us-east-1.localhost", "bucket.localhost"])
def test_other_hosts_of_this_machine_open_nothing(send, sandbox, host):
    port = sandbox.endpoint_url.rpartition(":")[2]

    assert send("GET", "/logout", {"Host": f"{host}:{port}"})[0] == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4566", "127.0.0.1.evil.example", "169.254.169.254", ""])
@pytest.mark.parametrize(
    "path", ["/", "/_sandbox/mails", "/oauth2/authorize", "/confirmation.html", "/_ministack/health"]
)
def test_a_rebound_host_name_is_refused(send, host, path):
    assert send("GET", path, {"Host": host})[0] == 403


def test_an_app_signs_up_without_any_key(sandbox, user, phone_number):
    app = boto3.client("cognito-idp", endpoint_url=sandbox.endpoint_url, region_name="us-east-1",
                       aws_access_key_id="none", aws_secret_access_key="none")  # fmt: skip

    answer = app.sign_up(**user, Password="Passw0rd!", UserAttributes=[{"Name": "phone_number", "Value": phone_number}])

    assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "SMS"


def test_discovery_and_keys_of_a_pool_are_open(send, stack):
    pool = stack["UserPoolId"]

    assert "keys" in json.loads(send("GET", f"/{pool}/.well-known/jwks.json")[2])
    assert "issuer" in json.loads(send("GET", f"/{pool}/.well-known/openid-configuration")[2])


def test_a_presigned_url_opens_what_it_was_made_for(sandbox, stack, send):
    s3 = client(sandbox, "s3")
    bucket = next(bucket["Name"] for bucket in s3.list_buckets()["Buckets"])
    s3.put_object(Bucket=bucket, Key="a b/ü+.txt", Body=b"content")
    sigv4 = boto3.client("s3", config=Config(signature_version="s3v4"))

    for signer in (s3, sigv4):
        url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü+.txt"}, ExpiresIn=60)
        path = url.removeprefix(sandbox.endpoint_url)
        assert send("GET", path)[2] == b"content"
        assert send("PUT", path, {}, b"other")[0] == 403
        assert send("GET", path.replace("a%20b", "a%20c"))[0] == 403
    expired = sigv4.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=60)
    assert send("GET", expired.replace("Expires=60", "Expires=6000").removeprefix(sandbox.endpoint_url))[0] == 403
    s3.delete_object(Bucket=bucket, Key="a b/ü+.txt")


def test_a_presigned_call_of_another_service(sandbox, send):
    url = client(sandbox, "sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")

    assert b"arn:aws:iam::123456789012:root" in send("GET", url.removeprefix(sandbox.endpoint_url))[2]


def test_temporary_credentials_work_with_their_token_only(sandbox, session):
    iam, name = session.client("iam"), f"role-{uuid.uuid4()}"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust | {"Version": "2012-10-17"}))
    given = session.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="test")["Credentials"]
    key, secret, token = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]

    identity = client(sandbox, "sts", key=key, secret=secret, token=token).get_caller_identity()
    assert identity["Arn"].endswith(f"assumed-role/{name}/test")
    assert refusal(sandbox, "iam", key=key, secret=secret, token=token) == ("AccessDenied", 403)
    assert refusal(sandbox, "iam", key=key, secret=secret) == ("InvalidClientTokenId", 403)
    assert refusal(sandbox, "iam", key=key, secret=secret, token="another") == ("InvalidClientTokenId", 403)
    assert refusal(sandbox, "iam", key=key, secret="wrong", token=token) == ("SignatureDoesNotMatch", 403)
    assert refusal(sandbox, "iam", token=token) == ("InvalidClientTokenId", 403)
    iam.delete_role(RoleName=name)


def test_a_user_s_own_key_works_until_it_is_switched_off(sandbox, session):
    iam, name = session.client("iam"), f"user-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    assert client(sandbox, "sts", **credentials).get_caller_identity()["Arn"].endswith(f"user/{name}")
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refusal(sandbox, "sts", **credentials) == ("InvalidClientTokenId", 403)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def test_the_link_to_a_function_s_code_is_signed(session, stack, send, sandbox):
    function = session.client("lambda").get_function(FunctionName=stack["SenderFunctionName"])
    path = function["Code"]["Location"].removeprefix(sandbox.endpoint_url)

    assert send("GET", path)[2].startswith(b"PK")
    assert send("GET", path.partition("?")[0])[0] == 403
    assert send("GET", path.replace("X-Amz-Signature=", "X-Amz-Signature=0"))[0] == 403


def test_a_function_s_key_is_not_the_one_that_the_emulator_would_give_it(session, stack):
    config = session.client("lambda").get_function(FunctionName=stack["SenderFunctionName"])["Configuration"]
    known = hashlib.sha256(f"{config['FunctionArn']}:{config['Role']}".encode()).hexdigest()
    from ministack.core import lambda_runtime

    given = lambda_runtime.execution_credentials(config)

    assert given["AWS_ACCESS_KEY_ID"] != f"ASIA{known[:16].upper()}"
    assert given == lambda_runtime.execution_credentials(config)


def test_the_clock_of_the_sandbox_does_not_make_signatures_old(sandbox):
    sandbox.clock.advance(3600)

    client(sandbox, "sts").get_caller_identity()


def signed_headers(sandbox, service, body, headers):
    request = AWSRequest("POST", f"{sandbox.endpoint_url}/", headers, body)
    environment = sandbox.environment
    credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return dict(request.headers)


def test_tls_cannot_be_feigned_away(sandbox, send):
    """The topic's policy denies plain connections; on this machine every one counts as encrypted."""
    body = b"Action=ListTopics&Version=2010-03-31"

    answer = send(
        "POST", "/", signed_headers(sandbox, "sns", body, {"Content-Type": FORM}) | {"X-Forwarded-Proto": "http"}, body
    )

    assert answer[0] == 200


class TestBrowsers:
    """By their headers; tests/browser/test_doors.py does the same with Chromium."""

    PAGE: ClassVar = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}

    def test_even_a_signed_request_of_another_page_is_refused(self, sandbox, send):
        body = b"Action=ListTopics&Version=2010-03-31"
        headers = signed_headers(sandbox, "sns", body, {"Content-Type": FORM})

        status, answered, content = send("POST", "/", headers | self.PAGE, body)

        assert status == 403
        assert b"--allow-origin" in content
        assert "access-control-allow-origin" not in answered

    def test_a_web_app_may_sign_up_and_read_the_response(self, send):
        target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser", "Content-Type": JSON}
        asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-amz-target"}

        preflight = send("OPTIONS", "/", self.PAGE | asks)
        status, headers, content = send("POST", "/", self.PAGE | target, b'{"AccessToken": "x"}')

        assert preflight[0] == 200
        assert preflight[1]["access-control-allow-origin"] == "*"
        assert "x-amz-target" in preflight[1]["access-control-allow-headers"].lower()
        assert status == 400
        assert headers["access-control-allow-origin"] == "*"
        assert b"NotAuthorizedException" in content

    @pytest.mark.parametrize(
        "path", ["/2015-03-31/functions", "/bucket/key", "/_ministack/cfn-response/a", "/_sandbox/clock"]
    )
    def test_other_requests_are_not_even_asked_about(self, send, path):
        asks = {"Access-Control-Request-Method": "PUT"}

        status, headers, _ = send("OPTIONS", path, self.PAGE | asks)

        assert status == 403
        assert "access-control-allow-origin" not in headers

    def test_the_link_of_an_email_opens_by_a_click_alone(self, send):
        page = {"Sec-Fetch-Site": "cross-site"}
        path = "/unsubscribe.html?SubscriptionArn=a&Endpoint=b"

        assert send("GET", path, page | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})[0] == 400
        assert send("GET", path, page | {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"})[0] == 403
        assert send("GET", path, page | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"})[0] == 403

    def test_programs_get_no_headers_for_pages(self, send, stack):
        headers = send("GET", f"/{stack['UserPoolId']}/.well-known/jwks.json")[1]

        assert not [name for name in headers if name.startswith("access-control-")]


def test_options_lists_the_methods(send):
    status, headers, _ = send("OPTIONS", "/")

    assert status == 204
    assert {"GET", "POST", "PUT", "DELETE", "OPTIONS"} <= set(headers["allow"].split(", "))


def test_two_runs_have_two_keys():
    first, second = Sandbox(), Sandbox()

    assert first.access_key.id != second.access_key.id
    assert first.access_key.secret != second.access_key.secret
    assert first.access_key.secret not in repr(Sandbox(SandboxSettings(access_key=first.access_key)).settings)


def root(sandbox, method="GET", **headers):
    with closing(http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=30)) as connection:
        connection.request(method, "/", headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read().decode()


def test_a_browser_at_the_root_gets_a_page_without_a_secret(sandbox):
    status, headers, page = root(sandbox, Accept="text/html,application/xhtml+xml,*/*;q=0.8")

    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{sandbox.port}" in page
    assert sandbox.access_key.id not in page
    assert sandbox.access_key.secret not in page
    assert root(sandbox, "HEAD", Accept="text/html")[::2] == (200, "")


def test_the_root_keeps_its_meaning_for_clients_of_aws(sandbox, session):
    assert root(sandbox, Accept="*/*")[0] == 403
    assert "Buckets" in session.client("s3", config=ONCE).list_buckets()
    signed = AWSRequest("GET", f"http://127.0.0.1:{sandbox.port}/", headers={"Accept": "text/html, */*"})
    S3SigV4Auth(Credentials(sandbox.access_key.id, sandbox.access_key.secret), "s3", "us-east-1").add_auth(signed)

    status, _, listed = root(sandbox, **dict(signed.headers))

    assert status == 200
    assert "ListAllMyBucketsResult" in listed


def test_the_page_at_the_root_leads_to_the_inbox_and_to_a_first_sms(sandbox, monkeypatch):
    connection = replace(sandbox.home.connection, user_pool_id="us-east-1_Abc123", user_pool_client_id="4client")
    monkeypatch.setattr(sandbox.home, "connection", connection)
    monkeypatch.setattr(sandbox.home, "inbox_port", 8025)

    page = root(sandbox, Accept="text/html", Host=f"localhost:{sandbox.port}")[2]

    assert 'href="http://127.0.0.1:8025/"' in page
    assert "export USER_POOL_CLIENT_ID=4client" in page
    assert "AWSCognitoIdentityProviderService.SignUp" in page
