"""The program `sms-redirect` itself: Ctrl-C ends it without a traceback, whatever it was doing."""

import signal
import sys

import click
import pytest
from click.testing import CliRunner

from sms_redirect import __main__ as program
from sms_redirect import cli

INTERRUPTED = 130


@click.command()
def interrupted(**_):
    raise KeyboardInterrupt


def test_ctrl_c_in_a_command_ends_it_with_the_exit_code_of_an_interrupt(monkeypatch):
    monkeypatch.setitem(sys.modules, "sms_redirect.cli.demo", type("demo", (), {"command": interrupted}))

    ended = CliRunner().invoke(cli.main, ["demo"])

    assert ended.exit_code == INTERRUPTED
    assert ended.output == "\nStopped.\n"


@click.command()
def coloured():
    click.echo(click.style("bold", bold=True))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"NO_COLOR": "1", "TERM": "xterm"}, "bold\n"),
        ({"NO_COLOR": "", "TERM": "dumb"}, "bold\n"),
        ({"NO_COLOR": "", "TERM": "xterm"}, "\x1b[1mbold\x1b[0m\n"),
    ],
)
def test_a_terminal_that_asks_for_no_colour_gets_none(monkeypatch, environment, expected):
    monkeypatch.setitem(sys.modules, "sms_redirect.cli.demo", type("demo", (), {"command": coloured}))

    assert CliRunner(env=environment).invoke(cli.main, ["demo"], color=True).output == expected


def test_ctrl_c_while_the_command_line_is_loaded_is_silent(monkeypatch, capsys):
    monkeypatch.setattr(cli, "main", interrupted.callback)

    with pytest.raises(SystemExit) as ended:
        program.main()

    assert ended.value.code == INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_it_takes_the_ctrl_c_that_the_scripts_hold_back(monkeypatch):
    monkeypatch.setattr(cli, "main", lambda **_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    program.main()

    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
