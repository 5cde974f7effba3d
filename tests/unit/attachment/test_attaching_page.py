"""docs/attaching.md and the README: a command to copy never updates a stack that somebody has."""

from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_command_that_attaches_names_a_stack_of_its_own():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    commands = [
        line
        for page in pages
        for line in page.read_text().splitlines()
        if "sam deploy" in line and "UserPoolId=" in line
    ]

    assert commands
    assert [line for line in commands if "--stack-name sms-redirect-attached" not in line] == []
