"""The README stays short, names commands and files that exist, and shows the picture that its script draws."""

import re
import runpy
from pathlib import Path

import click
import pytest

from sms_redirect.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_LINES = 90


def test_it_is_short():
    assert len(README.splitlines()) < MOST_LINES


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`sms-redirect ([a-z]+)", README))))
def test_each_command_exists(command):
    assert main.get_command(click.Context(main), command)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"(?:\]\(|srcset=\"|src=\")((?!https?:)[^)\"]+)", README))))
def test_each_link_leads_to_a_file(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["flow", "doctor"])
def test_each_picture_is_what_its_script_draws(name, scheme):
    """If not: python docs/images/NAME_picture.py ."""
    script = runpy.run_path(str(ROOT / "docs" / "images" / f"{name}_picture.py"))

    picture = (ROOT / "docs" / "images" / f"{name}-{scheme}.svg").read_text(encoding="utf-8")
    assert script["picture"](script["SCHEMES"][scheme]) == picture
