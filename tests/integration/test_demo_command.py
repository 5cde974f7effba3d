"""`sms-redirect demo`: what it claims to show, what it leaves behind, and how it ends."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import their_pool
from sms_redirect.cli import demo

DEMO = [Path(sys.executable).with_name("sms-redirect"), "demo"]
PATIENCE = 60
INTERRUPTED = 130
SENT = [
    "SignUp", "ResendCode", "ForgotPassword", "Authentication", "Authentication", "UpdateUserAttribute",
    "AdminCreateUser",
]  # fmt: skip
FOOTER = "If you wish to stop receiving notifications"


@pytest.fixture
def start(tmp_path):
    """Start a command with its files below tmp_path, in a session of its own, as a terminal would."""
    processes = []

    def start(*command):
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def read_until(process, text):
    """What it has said so far, up to a line with this text."""
    said = []
    for line in process.stdout:
        said.append(line)
        if text in line:
            return "".join(said)
    raise AssertionError(f"it ended: {''.join(said)}")


def interrupt(process):
    """Ctrl-C: the terminal sends it to every process of the command."""
    os.killpg(process.pid, signal.SIGINT)


def check_every_flow(said):
    assert re.findall(r"Subject: SMS to \S+: (\w+)", said) == SENT
    assert "refused, CodeMismatchException" in said
    assert re.search(r"SMS_OTP with the one-time password from the email \(\d{8}\)", said)
    assert "temporary password is" in said
    assert said.count(FOOTER) == 1


@pytest.mark.parametrize(
    "existing",
    # A new pool is what the run with --keep has, too.
    [pytest.param(False, id="new pool", marks=pytest.mark.slow), pytest.param(True, id="existing pool")],
)
def test_it_shows_every_flow_and_leaves_nothing(sandbox, session, iam_at_once, capsys, existing):
    demo._run(sandbox, existing=existing)
    if existing:
        their_pool.remove(session)  # it ends with the demo's sandbox; this one stays

    said = capsys.readouterr().out
    check_every_flow(said)
    assert "Nothing is left but the KMS key, which is pending deletion" in said
    assert ("is your code for Their App" in said) is existing
    assert ("is as it was, setting for setting" in said) is existing


def test_keep_leaves_the_sms_in_the_inbox_until_ctrl_c(start, tmp_path):
    process = start(*DEMO, "--keep")
    said = read_until(process, "Ctrl-C")

    check_every_flow(said)
    assert "Next: scripts/sandbox" in said
    inbox = re.search(r"The SMS are in the inbox: (\S+)", said)[1]
    with urllib.request.urlopen(f"{inbox}/api/messages") as answer:
        assert answer.read().count(b'"flow"') >= len(SENT)
    interrupt(process)
    assert process.wait(PATIENCE) == 0
    assert process.stdout.read() == "\nStopping.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["A sandbox is running", pytest.param("SignUp", marks=pytest.mark.slow)])
def test_ctrl_c_ends_it_cleanly(start, tmp_path, moment):
    process = start(*DEMO)
    read_until(process, moment)

    interrupt(process)

    assert process.wait(PATIENCE) == INTERRUPTED
    assert "Traceback" not in process.stdout.read()
    assert list(tmp_path.iterdir()) == []
