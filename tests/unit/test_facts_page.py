"""docs/cognito-facts.md and the comments that cite it belong together."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cognito-facts.md").read_text(encoding="utf-8")
HEADINGS = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
KNOWN_AS = re.compile(r"\*[^*]*(?:documented|observed|checked|inferred)[^*]*\*", re.IGNORECASE)
SOURCES = [
    path
    for folder in ("scripts", "functions", "tests", "docs")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md"} and path.name != Path(__file__).name
]


def facts():
    """Each list entry of the page, on one line."""
    for entry in re.split(r"^- ", PAGE.partition("\n## ")[2].partition("\n## Unknown")[0], flags=re.MULTILINE)[1:]:
        yield " ".join(entry.partition("\n## ")[0].split())


def cited_in(path):
    """The headings that a file's comments, docstrings or text cite."""
    text = re.sub(r"\s+(?:# )?", " ", path.read_text(encoding="utf-8"))
    for cited in re.findall(r"cognito-facts\.md, ((?:\"[^\"]+\"(?:,? and |, )?)+)", text):
        yield from re.findall(r'"([^"]+)"', cited)


def test_every_cited_heading_exists():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert set(cited_in(path)) <= HEADINGS, path
        assert not re.search(r"\bfacts \d", text), f"{path}: cite a heading of docs/cognito-facts.md"


@pytest.mark.parametrize("folder", ["functions/sender", "functions/attachment", "scripts/sms_redirect/sandbox"])
def test_code_that_relies_on_facts_cites_them(folder):
    assert {heading for path in (ROOT / folder).rglob("*.py") for heading in cited_in(path)}


@pytest.mark.parametrize("fact", list(facts()), ids=lambda fact: fact[:40])
def test_every_fact_says_how_it_is_known(fact):
    assert KNOWN_AS.search(fact)
