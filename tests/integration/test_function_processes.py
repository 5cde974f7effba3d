"""A function's process gets what Lambda gives it and nothing of the user's, and ends with the sandbox in any case."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import boto3
import pytest

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import functions

PROGRAM = Path(sys.executable).with_name("sms-redirect")
PATIENCE = 60
SECRETS = {
    "GITHUB_TOKEN": "ghp_secret",
    "SMS_REDIRECT_SMTP_PASSWORD": "smtp-secret",
    "HTTPS_PROXY": "http://user:proxy-secret@proxy.example",
    "AWS_SOMETHING": "secret-setting",
    "PYTHONPATH": "/secret/path",
}
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
LOOKS_AROUND = """
    import os, stat, tempfile

    def handler(event, context):
        mask = os.umask(0o777)
        os.umask(mask)
        return {
            "environment": dict(os.environ),
            "descriptors": sorted(os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) > 2
                                  and os.path.exists(f"/proc/self/fd/{n}")),
            "temporary": tempfile.gettempdir(),
            "mode": stat.S_IMODE(os.stat(tempfile.gettempdir()).st_mode),
            "umask": mask,
            "code": os.path.dirname(__file__),
            "home": os.path.expanduser("~"),
            "pid": os.getpid(),
        }
"""
TALKS = """
    import sys, time

    print("starting")

    def handler(event, context):
        for n in range(event["lines"]):
            print("line", n)
        time.sleep(event.get("seconds", 0))
        left = context.get_remaining_time_in_millis() > 0
        return {"lines": event["lines"], "left": left} if event["lines"] else 1 / 0
"""
NEVER_ENDS = """
    import os, signal, subprocess, time

    def handler(event, context):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "600"])
        with open(event["path"], "w") as file:
            file.write(f"{os.getpid()} {child.pid}")
        time.sleep(600)
"""


def packed(source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", textwrap.dedent(source))
    return buffer.getvalue()


def deploy(session, name, source, **options):
    role = session.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    session.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": packed(source)},
        **options,
    )


@pytest.fixture
def start(tmp_path):
    """Start the command with a user's secrets in its environment; answers the process and what it printed."""
    started = []

    def start():
        command = [PROGRAM, "sandbox", "--port", "0", "--inbox-port", "0", "--no-deploy", "--json"]
        environment = os.environ | SECRETS | {"TMPDIR": str(tmp_path)}
        environment.pop("PYTHONPATH")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        return process, json.loads(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def session_of(ready):
    environment = ready["environment"]
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    client = session.client
    session.client = lambda name: client(name, endpoint_url=ready["endpoint_url"])
    return session


@pytest.fixture
def seen(session, monkeypatch):
    """What a function sees of its surroundings, in the sandbox of all tests."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    name = "looks-around"
    deploy(session, name, LOOKS_AROUND, Environment={"Variables": {"OWN": "value", "LANG": "C"}}, MemorySize=256)
    answer = session.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    yield json.load(answer["Payload"])
    session.client("lambda").delete_function(FunctionName=name)
    session.client("iam").delete_role(RoleName=name)


def test_a_function_sees_what_lambda_sets_and_its_own_variables(seen, sandbox):
    environment = seen["environment"]

    assert environment["OWN"] == "value"
    assert environment["LANG"] == "C"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "looks-around"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/looks-around"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_ENDPOINT_URL"] == sandbox.endpoint_url
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["TZ"] == ":UTC"
    assert environment["PATH"] == os.environ["PATH"]


@pytest.fixture
def talking(session):
    """Invokes a function that logs as it is told and fails if it is told nothing, in a thread that waits for it."""
    name = "talks"
    deploy(session, name, TALKS, Timeout=2)
    arn = session.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]

    def invoke(**event):
        with emulator.scope("us-east-1"):
            return functions.invoke_and_wait(arn, event)

    yield invoke
    session.client("lambda").delete_function(FunctionName=name)
    session.client("iam").delete_role(RoleName=name)


def lines_of(invocation):
    """What the function itself logged."""
    return [line for line in invocation.log.splitlines() if line.startswith(("starting", "line"))]


def test_each_invocation_has_its_own_log_whole_and_the_first_one_what_was_logged_before(talking):
    for n, expected in ((3, ["starting", "line 0", "line 1", "line 2"]), (1, ["line 0"]), (2, ["line 0", "line 1"])):
        invocation = talking(lines=n)

        assert invocation.response == {"lines": n, "left": True}
        assert lines_of(invocation) == expected


def test_a_function_that_fails_says_why_and_the_next_event_starts_another_process(talking):
    talking(lines=1)

    failed, after = talking(lines=0), talking(lines=1)

    assert "division by zero" in failed.said
    assert "ZeroDivisionError" in failed.log
    assert lines_of(after) == ["starting", "line 0"]


def test_a_function_that_takes_too_long_is_ended(talking):
    talking(lines=1)

    assert "Task timed out after 2.00 seconds" in talking(lines=1, seconds=60).said
    assert lines_of(talking(lines=1)) == ["starting", "line 0"]


def test_and_nothing_else(seen, sandbox):
    environment = seen["environment"]
    known = {
        "OWN", "LANG", "PATH", "TZ", "HOME", "TMPDIR", "NO_PROXY", "LAMBDA_TASK_ROOT", "PYTHONUSERBASE", "LC_CTYPE",
        "_LAMBDA_FUNCTION_ARN", "_LAMBDA_TIMEOUT", "_MINISTACK_INVOKE_DEPTH",
    }  # fmt: skip

    assert {name for name in environment if not name.startswith("AWS_")} <= known
    text = json.dumps(environment)
    assert not [name for name, value in SECRETS.items() if value in text]
    assert sandbox.access_key.id not in text
    assert sandbox.access_key.secret not in text


def test_its_files_are_its_own(seen):
    assert seen["mode"] == 0o700
    assert seen["umask"] == 0o077
    assert seen["home"] == seen["temporary"]
    assert not seen["code"].startswith(seen["temporary"])
    assert seen["descriptors"] == []


def test_the_state_is_for_nobody_else(sandbox):
    folder = sandbox._folder.path

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [path for path in folder.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077]


@pytest.fixture
def busy(start, tmp_path):
    """A sandbox in the middle of an invocation that ignores SIGTERM: its process, and those of the function."""
    process, ready = start()
    session = session_of(ready)
    deploy(session, "never-ends", NEVER_ENDS, Timeout=600)
    path = tmp_path / "pids"
    session.client("lambda").invoke(
        FunctionName="never-ends", InvocationType="Event", Payload=json.dumps({"path": str(path)}).encode()
    )
    until(lambda: path.exists() and len(path.read_text().split()) == 2)
    pids = [int(pid) for pid in path.read_text().split()]
    path.unlink()
    return process, pids


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)  # a poll: another process is to do it


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_functions_and_files_are_gone_with_a_sandbox_that_is_killed(busy, tmp_path):
    process, pids = busy
    assert all(runs(pid) for pid in pids)

    process.kill()
    process.wait(PATIENCE)

    until(lambda: not any(runs(pid) for pid in pids))
    until(lambda: not list(tmp_path.iterdir()))


def test_what_is_left_even_so_is_swept_at_the_next_start(busy, start, tmp_path):
    process, pids = busy
    watchman = next(
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"{tmp_path}/" in (text := path.read_bytes().decode()) and "watchman.py" in text
    )
    os.kill(watchman, signal.SIGKILL)
    process.kill()
    process.wait(PATIENCE)
    assert any(runs(pid) for pid in pids)
    (left,) = tmp_path.iterdir()

    start()

    assert not left.exists()
    until(lambda: not any(runs(pid) for pid in pids))
