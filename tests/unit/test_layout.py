"""Where things are, and which way the arrows point: docs/development.md draws it, these tests hold it."""

import ast
import re
import subprocess
import sys
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
