"""docs/development.md names files that exist, and each room has its line."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
BASES = (ROOT, *(ROOT / base.strip("/") for base in re.findall(r"\(`((?:functions|scripts)/[\w/]+/)`\)", PAGE)))
NAMED = sorted(set(re.findall(r"`([\w./*-]+(?:\.(?:py|js|md|yaml|toml)|/))`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_every_file_and_folder_exists(name):
    folders = [
        *BASES,
        ROOT / "scripts/sms_redirect/sandbox",
        ROOT / "scripts/sms_redirect/sandbox/cognito",
        ROOT / "tests",
    ]

    assert any(list(folder.glob(name.rstrip("/"))) for folder in folders)


def test_every_room_has_its_line():
    package = ROOT / "scripts" / "sms_redirect"
    rooms = [path.name for path in package.iterdir() if (path / "__init__.py").exists()]

    assert [room for room in rooms if f"| `scripts/sms_redirect/{room}/` |" not in PAGE] == []
