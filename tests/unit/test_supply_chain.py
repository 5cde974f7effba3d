"""What is installed is what was locked, with the hash of every file; and its licence is listed."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
LOCKS = SCRIPTS / "tools"


def script(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        spec.loader.exec_module(module)
    return module


def locked(path):
    """name==version -> number of its hashes."""
    found, current = {}, None
    for line in path.read_text().splitlines():
        if re.match(r"[\w.-]+==", line):
            current = line.split()[0]
            found[current] = 0
        found[current] += line.count("--hash=sha256:")
    return found


def test_every_tool_has_its_lock():
    tools = script("lock_tools").TOOLS

    assert {path.stem for path in LOCKS.glob("*.txt")} == set(tools)
    for name, package in tools.items():
        assert package in locked(LOCKS / f"{name}.txt"), f"run scripts/lock_tools.py: {name}"


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_package_of_a_tool_is_pinned_with_hashes(path):
    packages = locked(path)

    assert packages
    assert [name for name, hashes in packages.items() if not hashes] == []


@pytest.mark.parametrize("lock", [LOCKS, ROOT / "docs" / "sample-app"], ids=lambda lock: lock.name)
def test_every_javascript_package_is_pinned_with_its_hash(lock):
    project = json.loads((lock / "package.json").read_text())
    packages = json.loads((lock / "package-lock.json").read_text())["packages"]
    kinds = [kind for kind in ("dependencies", "devDependencies") if kind in project]

    assert {kind: packages[""][kind] for kind in kinds} == {kind: project[kind] for kind in kinds}
    inner = {name: package for name, package in packages.items() if name and not package.get("inBundle")}
    assert [name for name, package in inner.items() if not package["integrity"].startswith("sha512-")] == []
    versions = [version for kind in kinds for version in project[kind].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_nothing_is_installed_past_the_locks():
    for path in (SCRIPTS / "test", SCRIPTS / "check", SCRIPTS / "audit", *SCRIPTS.glob("*.py"), ROOT / ".ci" / "run"):
        text = path.read_text()
        assert "npx" not in text, path
        assert "tool install" not in text, path
        assert not re.search(r"pip install(?! --quiet --no-deps --require-hashes)", text), path
    environment = (SCRIPTS / "environment.py").read_text()
    assert "--require-hashes" in environment
    assert '"ci"' in environment


def test_the_licence_of_every_package_is_listed():
    licences = script("licences")
    written = (ROOT / "docs" / "licences.md").read_text().splitlines()

    missing = [line for line in licences.page().splitlines() if line not in written]

    assert missing == [], "run scripts/licences.py"
    assert not [line for line in written if "| unknown |" in line]
