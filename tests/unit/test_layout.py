"""Where things are, and which way the arrows point: docs/development.md draws it, these tests hold it."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "scripts" / "sms_redirect" / "sandbox"
MOST_MODULES = 20  # at the sandbox's own level; more than that wants a room
PRIVATE = re.compile(r"_[a-z]\w*")


def test_imports_follow_the_arrows():
    """The contracts are in pyproject.toml, below [tool.importlinter]."""
    # In a process of its own: it switches the loggers off that are there already.
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_the_sandboxs_own_level_stays_small():
    modules = [path.name for path in SANDBOX.glob("*.py") if path.name != "__init__.py"]

    assert len(modules) <= MOST_MODULES, modules


def test_only_the_emulators_room_uses_private_names_of_the_emulator():
    files = [path for path in SANDBOX.rglob("*.py") if SANDBOX / "emulator" not in path.parents]

    assert [found for path in files for found in private_names(path)] == []


def private_names(path):
    """Keys such as record["_users"], attributes such as emulator_sns._topics and steps such as
    replace_step("_add_event"), with their places.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_the_emulator = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "emulator" in f"{node.module}.{node.names[0].name}"
        for name in node.names
    }
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key))) if PRIVATE.fullmatch(key):
                yield f"{path}:{node.lineno}: {key}"
            case ast.Call(
                func=ast.Attribute(attr="get" | "pop" | "setdefault" | "replace_step"),
                args=[ast.Constant(value=str(key)), *_],
            ):
                if PRIVATE.fullmatch(key):
                    yield f"{path}:{node.lineno}: {key}"
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                if owner in of_the_emulator and PRIVATE.fullmatch(attribute):
                    yield f"{path}:{node.lineno}: {owner}.{attribute}"


def test_the_tests_own_level_has_folders_only():
    files = [path.name for path in (ROOT / "tests").iterdir() if path.is_file()]

    assert files == ["conftest.py"]


# ---- helpers that only move a line elsewhere ----

OF_ONE_STATEMENT, OF_THREE = 3, 10  # per 1,000 lines, of private helpers that are called once


def statements_in(function):
    docstring = 1 if ast.get_docstring(function) else 0
    return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1 - docstring


def private_helpers_called_once(path):
    """Statements of each. One that is passed on, decorated or defined twice is no such helper."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    names = Counter(function.name for function in functions)
    used = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    used.update(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    called |= {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    for function in functions:
        name = function.name
        private = name.startswith("_") and not name.startswith("__") and not function.decorator_list
        if private and names[name] == used[name] == 1 and name in called:
            yield statements_in(function)


def test_few_helpers_are_called_once():
    """Inline one whose name says no more than its body.

    Counted are private functions and methods of up to three statements (docstrings aside, nested ones included) that
    are called once, in their own module. Those of four or more are steps of a longer function: inlined, they would
    hide what it does. They are about two thirds of all that are called once, and are not limited.
    """
    files = [path for folder in ("functions", "scripts") for path in (ROOT / folder).rglob("*.py")]
    thousands = sum(bool(line.strip()) for path in files for line in path.read_text().splitlines()) / 1000
    sizes = Counter(size for path in files for size in private_helpers_called_once(path))

    assert sizes[1] / thousands < OF_ONE_STATEMENT
    assert (sizes[1] + sizes[2] + sizes[3]) / thousands < OF_THREE
