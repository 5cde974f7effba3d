"""The sandbox of a test run lives as long as the run, however that ends."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sms_redirect import SmsInbox
from sms_redirect.testkit import sandbox
from sms_redirect.testkit.sandbox import SandboxUnavailable, running_sandbox

START_AND_WAIT = """
import json, sys
from sms_redirect.testkit.sandbox import running_sandbox
with running_sandbox(["--no-deploy"]) as sandbox:
    print(json.dumps(sandbox.endpoint_url), flush=True)
    sys.stdin.read()
"""
PATIENCE = 60.0  # seconds; not spent where the behaviour is right


def listens(url):
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def started_by_a_test_run(environment):
    """A process that has started a sandbox, and the sandbox's endpoint."""
    command = [sys.executable, "-c", START_AND_WAIT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as run:
        try:
            yield run, json.loads(run.stdout.readline())
        finally:
            run.kill()


def test_it_provides_pool_client_inbox_and_environment(own_sandbox):
    described = own_sandbox.client("cognito-idp").describe_user_pool_client(
        UserPoolId=own_sandbox.user_pool_id, ClientId=own_sandbox.user_pool_client_id
    )

    assert described["UserPoolClient"]["ClientId"] == own_sandbox.user_pool_client_id
    assert listens(own_sandbox.inbox_url)
    assert own_sandbox.environment["AWS_ENDPOINT_URL"] == own_sandbox.endpoint_url


def test_its_repr_shows_no_credentials(own_sandbox):
    assert "SECRET" not in repr(own_sandbox)


def test_an_inbox_finds_the_sandboxs_stack_by_its_name(own_sandbox):
    with SmsInbox(
        stack_name=own_sandbox.stack_name, session=own_sandbox.session, endpoint_url=own_sandbox.endpoint_url
    ) as inbox:
        assert inbox.messages() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_PROFILE", "not-there"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("AWS_SESSION_TOKEN", "of a real account"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ],
)
def test_it_ignores_the_shells_aws_settings(own_sandbox, monkeypatch, name, value):
    fields = {field.name for field in dataclasses.fields(own_sandbox)} - {"session"}
    document = {field: getattr(own_sandbox, field) for field in fields}
    monkeypatch.setenv(name, value)

    place = sandbox.described(document)
    with SmsInbox(topic_arn=place.topic_arn, session=place.session, endpoint_url=place.endpoint_url):
        queues = place.client("sqs").list_queues(QueueNamePrefix="sms-redirect-inbox-")["QueueUrls"]

    assert queues


def test_it_ends_with_its_context():
    with running_sandbox(["--no-deploy"]) as started:
        endpoint = started.endpoint_url
        assert listens(endpoint)

    assert not listens(endpoint)


def test_it_ends_with_a_test_run_that_is_killed(environment):
    with started_by_a_test_run(environment) as (run, endpoint):
        address = urlsplit(endpoint)
        with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
            run.kill()

            assert connection.recv(1) == b"", "the sandbox has closed the connection"


def test_ctrl_c_does_not_end_it_before_the_tests(environment):
    """A terminal sends SIGINT to every process of its foreground group."""
    with started_by_a_test_run(environment) as (run, _):
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="ascii").split()

        assert [os.getpgid(int(child)) == os.getpgid(run.pid) for child in children] == [False]


def test_a_sandbox_that_does_not_start_says_why():
    with (
        pytest.raises(SandboxUnavailable, match=r"(?s)did not start.*No such option.*--no-such-option"),
        running_sandbox(["--no-such-option"]),
    ):
        pass


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(sandbox, "NEEDED", ("sys", "no_such_package"))

    with pytest.raises(SandboxUnavailable, match="pip install '/path/to/checkout\\[sandbox\\]'"), running_sandbox():
        pass
