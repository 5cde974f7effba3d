"""docs/fidelity.md and the tests that it names belong together."""

import ast
import re
from pathlib import Path

from sms_redirect.sandbox.cognito.api.page import BEGIN, END, rewritten

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "tests" / "integration"
STATES = re.compile(r"(same|simplified|unknown)(: .+)?")
# Every test of these files is a behaviour of Cognito's, and so a row.
FLOWS = ("test_sign_up.py", "test_passwords.py", "test_attributes.py", "test_sign_in.py", "test_other_pools.py")


def rows():
    page = (ROOT / "docs" / "fidelity.md").read_text()
    before, _, rest = page.partition(BEGIN)
    lines = (before + rest.partition(END)[2]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "behaviour"]


def names_of_tests_in(name):
    folder = ROOT / "tests" if name.startswith("unit/") else INTEGRATION
    tree = ast.parse((folder / name).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_row_has_a_source_a_test_that_exists_and_a_state():
    for behaviour, source, test, state in rows():
        file, _, name = test.partition("::")
        assert source, behaviour
        assert name in names_of_tests_in(file), test
        assert STATES.fullmatch(state), (behaviour, state)


def test_every_test_of_a_flow_has_a_row():
    named = {row[2] for row in rows()}

    missing = [
        f"{file}::{name}" for file in FLOWS for name in names_of_tests_in(file) if f"{file}::{name}" not in named
    ]

    assert missing == []


def test_the_table_of_operations_is_that_of_the_sandbox():
    """If not: .venv/bin/python -m sms_redirect.sandbox.cognito.api.page docs/fidelity.md."""
    page = (ROOT / "docs" / "fidelity.md").read_text()

    assert rewritten(page) == page
