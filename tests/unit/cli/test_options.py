"""What each command says of its options, and of values that it does not take."""

import pytest
from click.testing import CliRunner

from sms_redirect.cli import COMMANDS, main


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--test-code", "12ab"), "must be 1 to 8 digits, such as 424242"),
        (("--host", "localhost"), "must be an IPv4 address of this machine, or 0.0.0.0 for all of them"),
        (("--host", "::"), "must be an IPv4 address of this machine"),
        (("--allow-host", "http://sandbox"), "must be a host name or an IPv4 address without a port"),
        (("--allow-host", "sandbox:4566"), "must be a host name or an IPv4 address without a port"),
        (("--allow-host", "*"), "must be a host name or an IPv4 address without a port"),
        (("--smtp", "localhost"), "must be HOST:PORT, such as 127.0.0.1:1025"),
        (("--smtp", "localhost:25", "--smtp-user", "me"), "SMS_REDIRECT_SMTP_PASSWORD"),
        (("--sender-fault", "explode"), "'explode' is not one of"),
        (("--port", "many"), "'many' is not a valid integer"),
        (("--port", "70000"), "70000 is not in the range 0<=x<=65535"),
        (("--inbox-port", "-1"), "-1 is not in the range"),
        (("--stack-name", "bad name"), "must be letters, digits and hyphens"),
        (("--region", "nowhere"), "must be a region such as eu-west-1"),
        (("--access-key-id", "A" * 16), "needs its secret, best in the environment variable SMS_REDIRECT_SECRET"),
        (("--secret-access-key", "s" * 16), "needs --access-key-id"),
        (("--access-key-id", "short", "--secret-access-key", "s" * 16), "16 to 128 letters, digits and underscores"),
        (("--access-key-id", "A" * 16, "--secret-access-key", "short"), "16 to 128 printable ASCII characters"),
        (("--allow-origin", "localhost:3000"), "must be an origin such as http://localhost:3000"),
    ],
)
def test_a_bad_option_says_what_it_should_be(options, expected):
    done = CliRunner(env={"SMS_REDIRECT_SMTP_PASSWORD": ""}).invoke(main, ["sandbox", *options])

    assert done.exit_code == 2
    assert expected in done.stderr


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_every_command_has_a_help_text(command):
    done = CliRunner().invoke(main, [*command, "--help"], prog_name="sms-redirect")

    assert done.exit_code == 0
    assert "Usage: sms-redirect" in done.stdout
