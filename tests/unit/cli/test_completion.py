"""Completion as docs/shell-completion.md sets it up, in the shells that are installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class

from sms_redirect import cli

PAGE = (Path(__file__).parents[3] / "docs" / "shell-completion.md").read_text(encoding="utf-8")
LINES = {shell: line.replace("\\|", "|") for shell, line in re.findall(r"^\| (\w+).*\| `(.+)` \|$", PAGE, re.MULTILINE)}
VARIABLE = "_SMS_REDIRECT_COMPLETE"
# Sets the line up as a shell's file would, and prints what "sms-redirect att" completes to.
ASKS = {
    "bash": (
        "{line}; COMP_WORDS=(sms-redirect att); COMP_CWORD=1; _sms_redirect_completion sms-redirect; echo $COMPREPLY"
    ),
    "zsh": (
        "autoload -Uz compinit; compinit -D; {line}; words=(sms-redirect att); CURRENT=2; "
        "_describe() {{ print -- ${{(P)3}} }}; _sms_redirect_completion"
    ),
    "fish": "{line}; complete -C 'sms-redirect att'",
}


def completed(*words):
    complete = get_completion_class("bash")(cli.main, {}, "sms-redirect", VARIABLE)
    return [item.value for item in complete.get_completions(list(words[:-1]), words[-1])]


def test_commands_complete_by_name_without_loading_any(monkeypatch):
    monkeypatch.setattr(cli.LazyCommands, "get_command", lambda *_: pytest.fail("a command was loaded"))

    assert completed("") == sorted(cli.COMMANDS)
    assert completed("su") == ["subscribe", "subscriptions"]
    assert "--version" in completed("--v")


def test_options_and_values_complete():
    assert completed("demo", "--e") == ["--existing"]
    assert completed("sandbox", "--issuer", "") == ["aws", "local"]


@pytest.mark.parametrize("shell", ASKS)
def test_the_line_of_the_page_completes_in_the_shell(shell, tmp_path):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        [program, "-c", ASKS[shell].format(line=LINES[shell])],
        env={"PATH": path, "HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert re.split(r"[\s:]", done.stdout)[0] == "attach", done.stderr
