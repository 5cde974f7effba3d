"""Writes the requirements of both functions from uv.lock: `uv run scripts/function_requirements.py`.

One owner for the versions: what is deployed is what the tests run with. Each line carries the hashes of the wheels that
Lambda's Python uses on either processor, and `sam build` installs nothing else (--require-hashes).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
PYTHON = (3, 13)
# As in the sender's Makefile: manylinux2014, that is glibc 2.17. Lambda's Amazon Linux 2023 has a newer one.
MACHINES = ("aarch64", "x86_64")
GLIBC_MINOR = 17
LEGACY_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html: the Python runtime has boto3 and what that needs.
IN_THE_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
# cffi needs it to compile declarations, which cryptography did when it was built.
NOT_AT_RUN_TIME = {"pycparser"}

# function -> (what it imports, what it leaves out)
FUNCTIONS = {
    "sender": ("aws-encryption-sdk", IN_THE_RUNTIME | NOT_AT_RUN_TIME),
    # Bundled: it must know every setting that UpdateUserPool resets, and Lambda's own boto3 may be too old for that.
    "attachment": ("boto3", set[str]()),
}

Packages = Mapping[str, Mapping[str, Any]]


def locked() -> Packages:
    """The packages of uv.lock by name."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    return {package["name"]: package for package in packages}


def requirements(function: str, packages: Packages) -> str:
    """The whole file, as it must read."""
    root, left_out = FUNCTIONS[function]
    lines = ["# Written by scripts/function_requirements.py from uv.lock."]
    for name in sorted(_needed(root, left_out, packages)):
        lines.append(f"{name}=={packages[name]['version']} \\")
        hashes = sorted({_wheel(packages[name]["wheels"], machine) for machine in MACHINES})
        lines.append(" \\\n".join(f"    --hash={value}" for value in hashes))
    return "\n".join(lines) + "\n"


def _needed(name: str, left_out: set[str], packages: Packages) -> set[str]:
    needed = {each["name"] for each in packages[name].get("dependencies", ())} - left_out
    return {name}.union(*(_needed(each, left_out, packages) for each in needed))


def _wheel(wheels: list[dict[str, str]], machine: str) -> str:
    """The hash of the wheel that an installer chooses for this machine."""
    best_first = list(_tags(machine))
    ranks = {wheel["hash"]: _rank(wheel["url"], best_first) for wheel in wheels}
    return min(ranks, key=ranks.__getitem__)


def _rank(url: str, best_first: list[Tag]) -> int:
    tags = parse_wheel_filename(url.rpartition("/")[2])[3]
    return min((best_first.index(tag) for tag in tags if tag in best_first), default=len(best_first))


def _tags(machine: str) -> Iterator[Tag]:
    platforms = []
    for minor in range(GLIBC_MINOR, min(LEGACY_NAMES) - 1, -1):
        platforms.append(f"manylinux_2_{minor}_{machine}")
        if minor in LEGACY_NAMES:
            platforms.append(f"{LEGACY_NAMES[minor]}_{machine}")
    yield from cpython_tags(PYTHON, platforms=platforms)
    yield from compatible_tags(PYTHON, "cp313", platforms=platforms)


if __name__ == "__main__":
    for function in FUNCTIONS:
        path = ROOT / "functions" / function / "requirements.txt"
        path.write_text(requirements(function, locked()), encoding="utf-8")
