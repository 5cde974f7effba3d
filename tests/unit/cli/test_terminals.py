"""What every command does without credentials, colours, width or space."""

import errno

import click
import pytest
from botocore.exceptions import (
    CredentialRetrievalError,
    PartialCredentialsError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from click.testing import CliRunner

from doctor_world import World
from sms_redirect.aws import explained
from sms_redirect.cli import COMMANDS, LazyCommands, doctor, main
from sms_redirect.doctor import examine, words
from sms_redirect.doctor.subject import Subject
from sms_redirect.errors import NotAuthenticated

TOKEN = "2336412f37fb687f5d51e6e2425c464de12884d217"
POOL = ["--user-pool-id", "us-east-1_AbCdEf123"]
NEEDS = {
    "attach": ["--yes"],
    "confirm": [TOKEN],
    "detach": [*POOL, "--yes"],
    "doctor": [],
    "gallery": POOL,
    "inbox": ["--port", "0"],
    "plan": POOL,
    "subscribe": ["a@example.com"],
    "subscriptions": [],
    "unsubscribe": ["a@example.com"],
    "wait": ["--timeout", "1"],
}
ENDED = [
    PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
    CredentialRetrievalError(provider="process", error_msg="exit status 1"),
    TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
    SSOTokenLoadError(error_msg="not found"),
    UnauthorizedSSOTokenError(),
]


@pytest.fixture
def prints(monkeypatch):
    """Lets `sms-redirect doctor` be a command of the test's own."""

    def prints(callback):
        monkeypatch.setattr(LazyCommands, "get_command", lambda *_: click.Command("doctor", callback=callback))

    return prints


def test_each_command_that_needs_credentials_is_tried():
    assert COMMANDS.keys() - NEEDS.keys() == {"demo", "sandbox"}


@pytest.mark.parametrize("command", NEEDS)
def test_without_credentials_the_remedy_is_named(monkeypatch, command):
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    done = CliRunner().invoke(main, [command, *NEEDS[command]])

    assert done.exit_code == 1, done.output
    assert "aws sso login" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("error", ENDED, ids=lambda error: type(error).__name__)
def test_a_login_that_has_ended_has_the_same_remedy(error):
    with pytest.raises(NotAuthenticated, match="aws sso login"), explained("Reading"):
        raise error


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_are_left_out_where_they_are_not_wanted(prints, environment, coloured):
    prints(lambda: click.secho("text", fg="red", bold=True))
    usual = {"NO_COLOR": "", "TERM": "xterm"}

    done = CliRunner(env=usual | environment).invoke(main, ["doctor"], color=True)

    assert ("\x1b" in done.output) is coloured
    assert "text" in done.output


def test_a_full_disk_is_a_sentence(prints):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    prints(full)

    done = CliRunner().invoke(main, ["doctor"])

    assert (done.exit_code, done.output) == (1, "Error: There is no space left for the output.\n")


@pytest.mark.parametrize("width", [1, 40, 80, 200])
def test_the_doctor_keeps_its_indentation_at_every_width(width):
    report = examine.examined(World(), Subject())

    lines = list(words.lines(report, "SMS", width))

    breakable = [line for line in lines if " " in line.strip() and "arn:" not in line]
    assert max(map(len, breakable)) <= max(width, words.NARROWEST)
    assert not [line for line in lines if line.startswith("arn:")]


def test_the_doctor_colours_its_marks():
    assert doctor._coloured("  PROBLEM   x") == f"  {click.style('PROBLEM', fg='red')}   x"
    assert doctor._coloured("            ok x") == "            ok x"
