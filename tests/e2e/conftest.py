"""The SAM CLI and a real build against a harsh sandbox that runs as a user would run it, in a process of its own."""

import itertools
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import pytest

from our_stack import OurStack
from sam_cli import Sam

BUCKET = "sms-redirect-e2e-packages"
NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def running():
    """The first line that `sms-redirect sandbox --json` prints."""
    program = Path(sys.executable).with_name("sms-redirect")
    command = [program, "sandbox", "--port", "0", "--inbox-port", "0", "--auto-confirm", "--no-deploy", "--json"]
    with subprocess.Popen([*command, "--harsh"], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.fixture(scope="session")
def sam(running, tmp_path_factory):
    """Run the SAM CLI in a copy of the project; answers the finished process."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Sam.copied(tmp_path_factory.mktemp("project"), clean | running["environment"])


@pytest.fixture(scope="session")
def built(sam):
    sam.build()
    return sam.project / ".aws-sam" / "build"


@pytest.fixture(scope="session")
def session_for_fixtures(running):
    environment = running["environment"]
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )


@pytest.fixture(scope="session")
def packaged(sam, built, session_for_fixtures, running):
    """The template of the build, uploaded once for all tests."""
    session_for_fixtures.client("s3", endpoint_url=running["endpoint_url"]).create_bucket(Bucket=BUCKET)
    return sam.package(BUCKET)


@pytest.fixture
def session(running, monkeypatch):
    for name, value in running["environment"].items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


@pytest.fixture
def stack(session, packaged):
    """Our stack as `sam deploy` would make it, but without the seconds that the SAM CLI takes for each command."""
    stack = OurStack(session, f"sms-redirect-e2e-{next(NUMBERS)}", packaged)
    yield stack
    clean_up(stack)


@pytest.fixture
def second_stack(session, packaged):
    stack = OurStack(session, f"sms-redirect-e2e-{next(NUMBERS)}", packaged)
    yield stack
    clean_up(stack)


def clean_up(stack):
    """Delete a stack whatever state a test left it in."""
    if stack.status() in (None, "DELETE_COMPLETE"):
        return
    if stack.delete() == "DELETE_FAILED":
        failed = [name for name, status in stack.resources().items() if status == "DELETE_FAILED"]
        assert stack.delete(RetainResources=failed) == "DELETE_COMPLETE"


@pytest.fixture
def iam_has_spread(running):
    """Call it to wait until the policies of now count."""
    body = json.dumps({"advance_seconds": 5}).encode()
    return lambda: urllib.request.urlopen(f"{running['endpoint_url']}/_sandbox/clock", body).read()


@pytest.fixture
def next_sms(running):
    """The next SMS in the inbox for a number: the wait is held by the server."""

    def next_sms(phone_number, since=""):
        query = f"phone_number=%2B{phone_number.removeprefix('+')}&wait=30" + (f"&since={since}" if since else "")
        with urllib.request.urlopen(f"{running['inbox_url']}/api/messages/next?{query}") as answer:
            assert answer.status == 200, f"no SMS for {phone_number}"
            return json.load(answer)

    return next_sms


@pytest.fixture
def sign_up(session):
    """Sign a user up and answer what Cognito said."""

    def sign_up(client_id, phone_number):
        return session.client("cognito-idp").sign_up(
            ClientId=client_id,
            Username=f"user{phone_number}",
            Password="Passw0rd!Passw0rd!",
            UserAttributes=[{"Name": "phone_number", "Value": phone_number}],
        )

    return sign_up
