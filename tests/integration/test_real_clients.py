"""The sandbox driven by clients that nobody here wrote: the AWS CLI and a JavaScript library."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
LIBRARY = TOOLS / "node" / "node_modules"
PATIENCE = 60


@pytest.fixture
def environment(sandbox):
    path = f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return os.environ | sandbox.environment | {"PATH": path, "NODE_PATH": str(LIBRARY), "AWS_PAGER": ""}


@pytest.fixture
def aws(environment):
    """Run the AWS CLI; answers its output, or its error text."""
    program = shutil.which("aws", path=environment["PATH"])
    if program is None:
        pytest.skip("the AWS CLI is not installed; scripts/test installs it")

    def aws(*arguments):
        command = [program, "--output", "json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
        return json.loads(done.stdout or "{}") if done.returncode == 0 else done.stderr

    return aws


def test_a_journey_with_the_aws_cli(aws, user, phones, phone_number):
    names = ("--client-id", user["ClientId"], "--username", user["Username"])

    signed_up = aws(
        "cognito-idp", "sign-up", *names, "--password", "Passw0rd!",
        "--user-attributes", f"Name=phone_number,Value={phone_number}",
    )  # fmt: skip
    code = phones.next(phone_number, "SignUp").code
    wrong = aws("cognito-idp", "confirm-sign-up", *names, "--confirmation-code", f"{(int(code) + 1) % 10**6:06d}")
    confirmed = aws("cognito-idp", "confirm-sign-up", *names, "--confirmation-code", code)
    aws("cognito-idp", "forgot-password", *names)
    recovery = phones.next(phone_number, "ForgotPassword").code
    reset = aws(
        "cognito-idp", "confirm-forgot-password", *names,
        "--confirmation-code", recovery, "--password", "An0ther-one",
    )  # fmt: skip
    tokens = aws(
        "cognito-idp", "initiate-auth", "--client-id", user["ClientId"], "--auth-flow", "USER_PASSWORD_AUTH",
        "--auth-parameters", f"USERNAME={user['Username']},PASSWORD=An0ther-one",
    )  # fmt: skip

    assert signed_up["CodeDeliveryDetails"]["Destination"] == f"+*******{phone_number[-4:]}"
    assert "CodeMismatchException" in wrong
    assert confirmed in ({}, {"Session": ""})
    assert reset == {}
    assert tokens["AuthenticationResult"]["AccessToken"]


@pytest.fixture
def javascript(environment, sandbox, stack, user, phone_number):
    """The journey of javascript_client.js, started."""
    node = shutil.which("node")
    if node is None or not LIBRARY.exists():
        pytest.skip("Node.js or its library is not installed; scripts/test installs the library where Node.js is")
    script = Path(__file__).with_name("javascript_client.js")
    arguments = [sandbox.endpoint_url, stack["UserPoolId"], user["ClientId"], user["Username"], phone_number]
    with subprocess.Popen(
        [node, script, *arguments], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_journey_with_a_javascript_client(javascript, phones, phone_number):
    steps = []
    for line in javascript.stdout:
        step = json.loads(line)
        if "need" in step:
            javascript.stdin.write(phones.next(phone_number, step["need"]).code + "\n")
            javascript.stdin.flush()
        else:
            steps.append(step)

    assert javascript.wait(PATIENCE) == 0
    assert [step["step"] for step in steps] == [
        "signUp", "confirm", "signedIn", "preferSms", "mfaRequired", "signedIn",
    ]  # fmt: skip
    assert steps[0]["details"]["DeliveryMedium"] == "SMS"
    assert steps[4]["challenge"] == "SMS_MFA"
