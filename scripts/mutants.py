"""Mutation testing of the two functions: changes them line by line, and sees whether a test fails.

`scripts/test --mutants [NUMBER] [--seed N] [--only PART]` samples mutants that cosmic-ray can make, and runs the unit
tests of the function on each. It works on copies of the repository, so nothing here is changed.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import environment

ALLOWED = 0.05  # of the mutants may survive
TIMEOUT = 180.0  # seconds for the tests of one mutant
TESTS = {
    "functions/sender/sms_sender": "tests/unit/sender",
    "functions/attachment/pool_attachment": "tests/unit/attachment",
}
"""By package."""
NO_WITNESSES = {"test_against_moto.py", "test_build.py"}
"""They start slowly, and look at what is around the code."""
LAST = {"test_faults.py", "test_many_hands.py", "test_owner_edits.py", "test_round_trip.py"}
"""Thousands of pools: few mutants live to see them."""
# The same where the operands are the same object, as texts and small numbers are.
ALIKE = ("_Eq_Is", "_NotEq_IsNot", "_Is_Eq", "_IsNot_NotEq")
CONFIGURATION = """
[cosmic-ray]
module-path = {package!r}
timeout = {timeout}
excluded-modules = []
test-command = {command!r}
[cosmic-ray.distributor]
name = "local"
"""
# One failing example is enough; it need not be the simplest.
HYPOTHESIS = """
from hypothesis import Phase, settings

settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None, deadline=None)
settings.load_profile("mutants")
"""

Place = tuple[int, int]  # line and column


@dataclass(frozen=True, order=True)
class Mutant:
    module: str
    place: Place
    operator: str

    @property
    def family(self) -> str:
        """One place has many mutants of a family, such as eleven other operators for a plus: one stands for all."""
        return self.operator.partition("_")[0]


def main(arguments: list[str]) -> None:
    options = _options(arguments)
    cosmic_ray = environment.install_tool("cosmic-ray")
    survivors: list[str] = []
    tested = 0
    packages = [package for package in TESTS if any(options.only in name for name in _modules(package))]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for package in packages:
            copies = [Copy(Path(folder), package, cosmic_ray, number) for number in range(options.jobs)]
            environment.say(f"{package}: its tests without a mutant")
            copies[0].check_tests()
            chosen = _sample(copies[0].mutants(), options.only, options.number // len(packages), options.seed)
            environment.say(f"{package}: {len(chosen)} mutants")
            with ThreadPoolExecutor(options.jobs) as threads:
                shares = [chosen[number :: options.jobs] for number in range(options.jobs)]
                survivors += [each for found in threads.map(Copy.survivors, copies, shares) for each in found]
            tested += len(chosen)
    print("\n".join(survivors))
    print(f"{len(survivors)} of {tested} mutants survived, with seed {options.seed}.")
    sys.exit(1 if len(survivors) > ALLOWED * tested else 0)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/test --mutants", description=__doc__)
    parser.add_argument("number", nargs="?", type=int, default=300, help="mutants to sample (300)")
    parser.add_argument("--seed", type=int, default=1, help="the sample's seed (1)")
    parser.add_argument("--only", default="", metavar="PART", help="only modules with PART in their path")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at a time (one per processor)")
    return parser.parse_args(arguments)


def _tests(package: str) -> list[str]:
    paths = [path for path in (environment.ROOT / TESTS[package]).glob("test_*.py") if path.name not in NO_WITNESSES]
    in_order = sorted(paths, key=lambda path: (path.name in LAST, path.name))
    return [str(path.relative_to(environment.ROOT)) for path in in_order]


def _modules(package: str) -> list[str]:
    return [str(path.relative_to(environment.ROOT)) for path in (environment.ROOT / package).glob("**/*.py")]


def _sample(mutants: list[Mutant], only: str, number: int, seed: int) -> list[Mutant]:
    """One mutant of a family at one place, and none where it would change nothing."""
    chance = random.Random(seed)  # noqa: S311 - a sample that can be drawn again
    places: dict[tuple[str, Place, str], list[Mutant]] = {}
    for each in sorted(mutants):
        if only in each.module and not each.operator.endswith(ALIKE) and not _is_annotation(each):
            places.setdefault((each.module, each.place, each.family), []).append(each)
    one_each = [chance.choice(family) for family in places.values()]
    return chance.sample(one_each, min(len(one_each), number))


def _is_annotation(mutant: Mutant) -> bool:
    """Annotations are not evaluated."""
    return any(begin <= mutant.place < end for begin, end in _annotations(mutant.module))


@cache
def _annotations(module: str) -> list[tuple[Place, Place]]:
    nodes = ast.walk(ast.parse((environment.ROOT / module).read_text(encoding="utf-8")))
    found = [getattr(node, name, None) for node in nodes for name in ("annotation", "returns")]
    return [
        ((each.lineno, each.col_offset), (each.end_lineno or 0, each.end_col_offset or 0))
        for each in found
        if isinstance(each, ast.expr)
    ]


class Copy:
    """A copy of the repository, in which mutants of one package are made and tested, one after the other."""

    def __init__(self, folder: Path, package: str, cosmic_ray: str, number: int) -> None:
        self._root = folder / f"{Path(package).name}-{number}"
        self._cosmic_ray = cosmic_ray
        _copy_repository(self._root)
        (self._root / "quick_hypothesis.py").write_text(HYPOTHESIS, encoding="utf-8")
        options = [
            "-q",
            "-x",
            "--tb=no",
            "-m",
            "not e2e",
            "-p",
            "no:cacheprovider",
            "-p",
            "quick_hypothesis",
            "--hypothesis-seed=0",
        ]
        self._command = [str(environment.VENV / "bin" / "python"), "-m", "pytest", *options, *_tests(package)]
        configuration = CONFIGURATION.format(
            package=str(self._root / package), timeout=TIMEOUT, command=shlex.join(self._command)
        )
        (self._root / "mutants.toml").write_text(configuration, encoding="utf-8")
        self._run(cosmic_ray, "init", "mutants.toml", "mutants.sqlite")

    def check_tests(self) -> None:
        try:
            self._run(*self._command)
        except subprocess.CalledProcessError:
            sys.exit("The tests fail without a mutant.")

    def mutants(self) -> list[Mutant]:
        return list(self._jobs())

    def survivors(self, chosen: list[Mutant]) -> list[str]:
        """The changes that no test noticed, as diffs."""
        jobs = self._jobs()
        kept = [jobs[mutant] for mutant in chosen]
        for table in ("mutation_specs", "work_items"):
            marks = ", ".join("?" * len(kept))
            self._query(f"DELETE FROM {table} WHERE job_id NOT IN ({marks})", *kept)  # noqa: S608 - question marks
        self._run(self._cosmic_ray, "exec", "mutants.toml", "mutants.sqlite")
        rows = self._query("SELECT diff FROM work_results WHERE test_outcome = 'SURVIVED'")
        return [diff.replace(f"{self._root}/", "") for (diff,) in rows]

    def _jobs(self) -> dict[Mutant, str]:
        """Ids of cosmic-ray's jobs. Each copy has its own."""
        rows = self._query(
            "SELECT module_path, start_pos_row, start_pos_col, operator_name, job_id FROM mutation_specs"
        )
        return {
            Mutant(str(Path(module).relative_to(self._root)), (row, column), operator): job
            for module, row, column, operator, job in rows
        }

    def _run(self, *command: str) -> None:
        folders = (self._root / name for name in ("", "functions/sender", "functions/attachment", "scripts"))
        variables = environment.environment() | {"PYTHONPATH": os.pathsep.join(map(str, folders))}
        subprocess.run(command, cwd=self._root, env=variables, stdout=subprocess.DEVNULL, check=True)

    def _query(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self._root / "mutants.sqlite") as database:
            return database.execute(sql, values).fetchall()


def _copy_repository(target: Path) -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=environment.ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        source = environment.ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
