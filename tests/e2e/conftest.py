"""The SAM CLI against a sandbox that runs as a user would run it, in a process of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools" / "bin"
STACK = "sms-redirect-e2e"
PATIENCE = 120
DEFAULTS = {"Email": "qa@example.com"}


def tool(name):
    """A program that scripts/test installs, or that is on PATH."""
    found = shutil.which(name, path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed; scripts/test installs it")
    return found


@pytest.fixture(scope="session")
def running():
    """The first line that `sms-redirect sandbox --json` prints."""
    program = Path(sys.executable).with_name("sms-redirect")
    command = [program, "sandbox", "--port", "0", "--inbox-port", "0", "--auto-confirm", "--no-deploy", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.fixture(scope="session")
def sandbox_environment(running):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | running["environment"] | {
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }  # fmt: skip


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A copy of what a build needs: nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("template.yaml", "samconfig.yaml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def sam(project, sandbox_environment):
    """Run the SAM CLI in the project; answers the finished process."""

    def sam(*arguments, check=True, answers=""):
        done = subprocess.run(
            [tool("sam"), *arguments],
            cwd=project,
            env=sandbox_environment,
            input=answers,  # a question without an answer fails
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert not check or done.returncode == 0, f"sam {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    return sam


@pytest.fixture(scope="session")
def built(sam):
    tool("uv")
    return sam("build")


@pytest.fixture
def session(running, monkeypatch):
    for name, value in running["environment"].items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


@pytest.fixture
def deploy(sam, built):
    """`sam deploy` with these parameters."""

    def deploy(check=True, **parameters):
        overrides = [f'{name}="{value}"' for name, value in (DEFAULTS | parameters).items()]
        arguments = [
            "--stack-name",
            STACK,
            "--no-progressbar",
            "--no-fail-on-empty-changeset",
        ]
        return sam("deploy", *arguments, "--parameter-overrides", *overrides, check=check)

    return deploy


@pytest.fixture
def sam_delete(sam):
    def sam_delete():
        sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "us-east-1")

    return sam_delete


@pytest.fixture
def delete(session):
    """What `sam delete` asks of CloudFormation, without the 30 seconds that it waits between two looks."""

    def delete():
        cloudformation = session.client("cloudformation")
        cloudformation.delete_stack(StackName=STACK)
        waiter = cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": PATIENCE})

    return delete


@pytest.fixture
def outputs(session):
    def outputs():
        stack = session.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    return outputs


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
