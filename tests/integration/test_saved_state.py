"""`sms-redirect sandbox --state`: an app's users are there after a restart, with the stack's own ids."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

from sms_redirect.sandbox.server import Sandbox, SandboxError, SandboxSettings

PROGRAM = [str(Path(sys.executable).with_name("sms-redirect")), "sandbox", "--port", "0", "--inbox-port", "0", "--json"]


@contextmanager
def sandbox(folder):
    process = subprocess.Popen([*PROGRAM, "--state", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield json.loads(line) if line else process.communicate()[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def cognito(started):
    environment = started["environment"]
    return boto3.client(
        "cognito-idp",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def test_users_survive_a_restart(tmp_path, scrubbed_environment):
    folder = str(tmp_path / "state")
    with sandbox(folder) as first:
        cognito(first).admin_create_user(UserPoolId=first["user_pool_id"], Username="alice", MessageAction="SUPPRESS")
    with sandbox(folder) as second:
        assert second["user_pool_id"] == first["user_pool_id"]
        assert second["user_pool_client_id"] == first["user_pool_client_id"]
        users = cognito(second).list_users(UserPoolId=second["user_pool_id"])["Users"]
        assert [user["Username"] for user in users] == ["alice"]


def test_a_damaged_state_is_said(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "sandbox.sqlite3").write_bytes(b"not a database" * 100)

    with pytest.raises(SandboxError, match="damaged, or is not the state of a sandbox"):
        Sandbox(SandboxSettings(state=folder)).start()
