"""Whatever the docs call unknown is asked of AWS, or it is said why it cannot be."""

import re
from pathlib import Path

from real_account.questions import FACTS, FIDELITY, NOT_TO_BE_SETTLED, QUESTIONS

DOCS = Path(__file__).parents[3] / "docs"
OPERATIONS = "docs/fidelity.md, Operations: "
SETTLED = {each for question in QUESTIONS for each in question.settles} | set(NOT_TO_BE_SETTLED)


def rows():
    for line in (DOCS / "fidelity.md").read_text().splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def unknown_behaviours():
    return {FIDELITY + row[2].partition("::")[2] for row in rows() if len(row) == 4 and row[3].startswith("unknown")}


def unknown_operations():
    return {OPERATIONS + row[0].strip("`") for row in rows() if len(row) == 2 and "unknown on AWS" in row[1]}


def unknown_facts():
    section = (DOCS / "cognito-facts.md").read_text().partition("\n## Unknown\n")[2].partition("\n## ")[0]
    return {re.sub("^Whether ", "", each) for each in " ".join(section.split()).strip(" .").split("; ")}


def test_every_unknown_row_of_the_fidelity_page_is_settled_by_a_question():
    assert unknown_behaviours()
    assert unknown_behaviours() - SETTLED == set()


def test_every_operation_that_is_unknown_is_settled_by_a_question():
    assert unknown_operations()
    assert unknown_operations() - SETTLED == set()


def test_every_unknown_fact_is_settled_by_a_question():
    assert unknown_facts()
    assert {FACTS + each for each in unknown_facts()} - SETTLED == set()


def test_questions_settle_only_what_is_unknown():
    unknown = unknown_behaviours() | unknown_operations() | {FACTS + each for each in unknown_facts()}

    assert SETTLED - unknown == set()


def test_names_of_questions_are_names_of_files_and_are_there_once():
    names = [question.name for question in QUESTIONS]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)
