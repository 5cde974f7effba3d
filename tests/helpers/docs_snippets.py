"""Code of a docs page, by the name of the file that stands above it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def snippet(page: str, name: str) -> str:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.search(rf"^`{re.escape(name)}`\n\n```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/{page} has no {name}"
    return found[1]
