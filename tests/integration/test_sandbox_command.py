"""`sms-redirect sandbox` as a person runs it: what it prints, where it listens, how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest

PROGRAM = Path(sys.executable).with_name("sms-redirect")
ANY_PORTS = ("--port", "0", "--inbox-port", "0")
PATIENCE = 60


@pytest.fixture
def start(tmp_path):
    """Start it with its files below tmp_path; answers the process, which is ended with the test."""
    processes = []

    def start(*options):
        process = subprocess.Popen(
            [PROGRAM, "sandbox", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path)},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def run(*options, **environment):
    return subprocess.run(
        [PROGRAM, *options], capture_output=True, text=True, check=False, timeout=PATIENCE, env=os.environ | environment
    )


def listening(pid):
    """The addresses on which a process listens."""
    inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    lines = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    listed = [line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in inodes]
    return {socket.inet_ntoa(bytes.fromhex(address.split(":")[0])[::-1]) for address in listed}


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_it_prints_one_line_of_json_listens_on_loopback_and_ends_without_a_trace(start, tmp_path, number):
    process = start(*ANY_PORTS, "--auto-confirm", "--json")
    ready = json.loads(process.stdout.readline())
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

    assert set(ready) == {
        "endpoint_url", "region", "stack_name", "user_pool_id", "user_pool_client_id", "topic_arn", "inbox_url",
        "environment",
    }  # fmt: skip
    assert ready["environment"]["AWS_ENDPOINT_URL"] == ready["endpoint_url"]
    assert listening(process.pid) == {"127.0.0.1"}
    with urllib.request.urlopen(f"{ready['inbox_url']}/api/messages") as answer:
        assert json.load(answer)["messages"] == []
    workers = children.read_text().split()
    process.send_signal(number)

    assert process.wait(PATIENCE) == 0
    assert process.stdout.read() == ""
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []
    assert list(tmp_path.iterdir()) == []


def test_for_people_it_prints_what_to_export_and_where_things_are_and_each_sms(start, tmp_path):
    env_file = tmp_path / "app.env"
    process = start(*ANY_PORTS, "--env-file", str(env_file))
    exports = [process.stdout.readline().strip() for _ in range(5)]
    told = []
    for line in process.stderr:
        told.append(line.strip())
        if "Ctrl-C" in line:
            break

    assert exports[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
    assert exports[1].startswith("export AWS_ACCESS_KEY_ID=SANDBOX")
    assert re.fullmatch("export AWS_SECRET_ACCESS_KEY=[A-Za-z0-9]{40}", exports[2])
    assert any(line.startswith("Inbox") for line in told)
    assert "tester@example.com receives no email until you open its confirmation link:" in told
    written = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if line[0] != "#")
    assert f"Client id  {written['VITE_USER_POOL_CLIENT_ID']}" in told
    boto3.client("cognito-idp", endpoint_url=written["AWS_ENDPOINT_URL"], region_name=written["AWS_REGION"]).sign_up(
        ClientId=written["USER_POOL_CLIENT_ID"],
        Username="alice",
        Password="Passw0rd!",
        UserAttributes=[{"Name": "phone_number", "Value": "+12065550100"}],
    )
    arrived = next(line for line in process.stderr if "SignUp" in line)
    assert re.fullmatch(r"\d\d:\d\d:\d\d SignUp \+1 206-555-0100 alice GSM-7, 1 part\n", arrived)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert not env_file.exists()


def test_a_key_can_be_fixed_without_naming_its_secret_in_the_arguments(start, monkeypatch):
    monkeypatch.setenv("SMS_REDIRECT_SECRET_ACCESS_KEY", "a-secret-for-the-compose-file")

    process = start(*ANY_PORTS, "--no-deploy", "--json", "--access-key-id", "COMPOSE_FILE_KEY")

    environment = json.loads(process.stdout.readline())["environment"]
    assert environment["AWS_ACCESS_KEY_ID"] == "COMPOSE_FILE_KEY"
    assert environment["AWS_SECRET_ACCESS_KEY"] == "a-secret-for-the-compose-file"
    boto3.client(
        "sts",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="COMPOSE_FILE_KEY",
        aws_secret_access_key="a-secret-for-the-compose-file",
    ).get_caller_identity()


def test_with_a_token_inbox_and_control_api_require_it(start):
    ready = json.loads(start(*ANY_PORTS, "--no-deploy", "--json", "--token").stdout.readline())

    assert ready["environment"]["SMS_REDIRECT_TOKEN"] == ready["token"]
    for url in (f"{ready['inbox_url']}/api/messages", f"{ready['endpoint_url']}/_sandbox/mails"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(url)
        bearer = urllib.request.Request(url, headers={"Authorization": f"Bearer {ready['token']}"})
        assert urllib.request.urlopen(bearer).status == 200


def test_a_token_of_one_s_own_comes_from_the_environment_and_is_in_the_link_for_people(start, monkeypatch):
    monkeypatch.setenv("SMS_REDIRECT_TOKEN", "a-token-of-this-machine")

    process = start(*ANY_PORTS, "--no-deploy")

    exports = [process.stdout.readline().strip() for _ in range(6)]
    link = next(line for line in process.stderr if line.startswith("Inbox"))
    assert "export SMS_REDIRECT_TOKEN=a-token-of-this-machine" in exports
    assert link.strip().endswith("/?token=a-token-of-this-machine")


def test_a_container_or_a_phone_reaches_it_by_a_name_that_is_allowed_and_no_other(start):
    options = ("--host", "127.0.0.2", "--allow-host", "sandbox.test")
    process = start(*ANY_PORTS, "--no-deploy", "--json", *options)
    ready = json.loads(process.stdout.readline())
    elsewhere = ready["endpoint_url"].replace("127.0.0.1", "127.0.0.2")
    key = ready["environment"]

    def status(url, host):
        try:
            return urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host})).status
        except urllib.error.HTTPError as error:
            return error.code

    assert listening(process.pid) == {"127.0.0.1", "127.0.0.2"}
    client = boto3.client(
        "cognito-idp",
        endpoint_url=elsewhere,
        region_name="us-east-1",
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
    )
    assert client.list_user_pools(MaxResults=1)["UserPools"] == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):  # unsigned, so it is let in by its host alone
        client.confirm_sign_up(ClientId="none", Username="alice", ConfirmationCode="123456")
    for url in (f"{elsewhere}/_sandbox/clock", f"{ready['inbox_url']}/api/messages"):
        assert status(url, "sandbox.test:4566") == 200
        assert status(url, "evil.example") == 403
        assert status(url, "127.0.0.3:4566") == 403


@pytest.mark.parametrize("option", ["--port", "--inbox-port"])
def test_a_port_that_is_taken_is_a_sentence_and_not_a_traceback(option):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        ports = {"--port": "0", "--inbox-port": "0"} | {option: port}
        done = run("sandbox", "--no-deploy", *(word for pair in ports.items() for word in pair))

    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be used: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr
