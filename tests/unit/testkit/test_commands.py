"""`sms-redirect wait` and `sms-redirect inbox`: results, exit codes, and what they say to bad input."""

from __future__ import annotations

import builtins
import json
import signal
import socket
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from sms_documents import document
from sms_publisher import publish
from sms_redirect.cli import inbox, main, wait
from sms_redirect.cli.ending import ends_cleanly
from sms_redirect.errors import NotAllowed
from sms_redirect.topic.queue import TemporaryQueue

FAILURE = {"reason": "The code could not be decrypted.", "hint": "Use the pool's own key."}


@pytest.fixture
def run(session):
    """Run a command; answers click's result."""
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def stack(monkeypatch, topic_arn):
    """The deployed stack, found by its name."""
    for command in (inbox.stack, sys.modules["sms_redirect.testkit.sms_inbox"].stack):
        monkeypatch.setattr(command, "topic_arn", lambda *_: topic_arn)


@pytest.fixture
def causes(monkeypatch, sns, topic_arn, stack):
    """Lets the command that `wait` runs cause an SMS."""

    def causes(**changes):
        monkeypatch.setattr(wait, "_run", lambda _: publish(sns, topic_arn, 1, **changes))

    return causes


@pytest.mark.parametrize("url", ["localhost:4566", "http://", "http://127.0.0.1:port", "ftp://127.0.0.1"])
@pytest.mark.parametrize(
    "command",
    [("wait", "--", "app"), ("inbox",), ("gallery",), ("attach", "--dry-run", "--user-pool-id", "us-east-1_AbCdEf123")],
)
def test_an_invalid_endpoint_url_is_a_usage_error(run, command, url):
    name, *others = command

    done = run(name, "--endpoint-url", url, *others)

    assert done.exit_code == 2
    assert "must look like http://127.0.0.1:4566" in " ".join(done.stderr.split())


def test_a_command_whose_packages_are_missing_says_how_to_install_them():
    source = "import sys; sys.modules['uvicorn'] = None; from sms_redirect.cli import main; main(['sandbox'])"

    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "pip install '/path/to/checkout[sandbox]'" in done.stderr
    assert "Traceback" not in done.stderr


# ---- wait ----


def test_wait_prints_only_the_code(run, causes, left):
    causes()

    done = run("wait", "--phone-number", "+12065551212", "--flow", "SignUp", "--user-name", "alice", "--", "app")

    assert (done.exit_code, done.stdout, done.stderr) == (0, "000001\n", "")
    assert left() == []


def test_wait_prints_the_document_for_programs(run, causes):
    causes(text="ВАШ КОД {####}")

    done = run("wait", "--json", "--", "app")

    assert json.loads(done.stdout) == document(1, text="ВАШ КОД {####}")


def test_wait_lists_what_arrived_instead(run, causes):
    causes(phone_number="+12065550199")

    done = run("wait", "--phone-number", "+12065550100", "--flow", "signup", "--timeout", "0.5", "--", "app")

    assert done.exit_code == 1
    assert "SignUp SMS to +12065550199, user alice, code ******" in done.stderr
    assert "000001" not in done.stderr


def test_wait_reports_a_failure(run, causes):
    causes(code=None, text=None, failure=FAILURE)

    done = run("wait", "--", "app")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "could not be decrypted" in done.stderr
    assert "own key" in done.stderr


def test_wait_reports_an_sms_without_a_code(run, causes):
    causes(code=None, flow="AccountTakeOverNotification")

    done = run("wait", "--", "app")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "AccountTakeOverNotification SMS arrived, but it has no code" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "-1"], "--timeout"),
        (["--timeout", "soon"], "--timeout"),
        (["--phone-number", "2065550100"], "must be E.164"),
        (["--flow", ""], "flow must not be empty"),
        (["--", "/nonexistent/app"], "'/nonexistent/app' cannot be run: No such file"),
    ],
)
def test_wait_refuses_invalid_options(run, stack, left, arguments, said):
    done = run("wait", *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert left() == []


def test_wait_fails_if_the_stack_does_not_exist(run):
    done = run("wait", "--stack-name", "qa")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "There is no stack 'qa' in us-east-1" in done.stderr


def test_wait_passes_options_after_the_command_to_the_command(run, stack, monkeypatch):
    given = []
    monkeypatch.setattr(wait, "_run", given.append)

    run("wait", "--timeout", "0.01", "app", "--json", "--flow", "x")

    assert given == [("app", "--json", "--flow", "x")]


def test_sigterm_ends_a_command_as_an_exception():
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(SystemExit) as caught, ends_cleanly():
        signal.raise_signal(signal.SIGTERM)

    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


# ---- inbox ----


@pytest.fixture
def at_once(monkeypatch):
    """The inbox ends as soon as it is ready, as by Ctrl-C."""

    class Interrupted(threading.Event):
        def wait(self, _timeout=None):
            raise KeyboardInterrupt

    class AtOnce(inbox._End):
        def __init__(self):
            super().__init__()
            self._reached = Interrupted()

    monkeypatch.setattr(inbox, "_End", AtOnce)


def test_inbox_prints_its_address_and_leaves_nothing(run, stack, at_once, left):
    done = run("inbox", "--port", "0")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("http://127.0.0.1:")
    assert left() == []


def test_inbox_starts_without_permission_to_sweep(run, stack, at_once, monkeypatch):
    def refuse(*_, **__):
        raise NotAllowed("Listing queues is not allowed.", {})

    monkeypatch.setattr(inbox, "sweep", refuse)

    done = run("inbox", "--port", "0")

    assert done.exit_code == 0
    assert "may have left behind were not removed. Listing queues is not allowed." in done.stderr


def test_inbox_on_a_taken_port_fails_and_leaves_nothing(run, stack, left):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = run("inbox", "--port", str(listener.getsockname()[1]))

    assert done.exit_code == 1
    assert "cannot be used" in done.stderr
    assert left() == []


def test_inbox_without_its_packages_says_what_to_install(run, stack, monkeypatch):
    real = builtins.__import__

    def without_starlette(name, *arguments, **names):
        if name.startswith("starlette"):
            raise ModuleNotFoundError(name, name="starlette")
        return real(name, *arguments, **names)

    for name in [name for name in sys.modules if name.startswith(("sms_redirect.inbox.web", "sms_redirect.inbox.api"))]:
        monkeypatch.delitem(sys.modules, name)
    import sms_redirect.inbox as package

    monkeypatch.delattr(package, "web", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_starlette)

    done = run("inbox")

    assert done.exit_code == 1
    assert "needs the package starlette: install sms-redirect[inbox]" in done.stderr


def test_sweep_says_what_it_removed(run, aws, topic_arn, left):
    queue = TemporaryQueue(aws, topic_arn)
    queue.open()

    kept = run("inbox", "--sweep")
    gone = run("inbox", "--sweep", "--older-than", "0")

    assert (kept.exit_code, kept.stdout) == (0, "")
    assert gone.stdout.splitlines()[0] == queue.name
    assert "Removed 1 queue(s) and 1 subscription(s)." in gone.stderr
    assert left() == []


def test_sweep_prints_json_for_programs(run):
    assert json.loads(run("inbox", "--sweep", "--json").stdout) == {"queues": [], "subscriptions": []}


def test_older_than_needs_sweep(run):
    done = run("inbox", "--older-than", "5")

    assert done.exit_code == 2
    assert "--older-than has an effect only with --sweep" in done.stderr
