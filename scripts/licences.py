"""Writes docs/licences.md: `uv run scripts/licences.py`. What the package installs and the functions deploy, and under
which licence, as the packages themselves say.
"""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
HEAD = """# Licences

sms-redirect is under the [MIT licence](../LICENSE). Below is each package that it installs (with all extras) or deploys
with a function, and its licence by its own metadata. Written by `scripts/licences.py`; a test compares.

| package | licence | part of |
|---|---|---|
"""


def page() -> str:
    """The whole file, as it must read."""
    deployed = {
        path.parent.name: functions_packages(path) for path in sorted(ROOT.glob("functions/*/requirements.txt"))
    }
    extras = distribution("sms-redirect").metadata.get_all("Provides-Extra", [])
    installed = installed_packages("sms-redirect", frozenset(extras))
    rows = []
    for name in sorted(installed.union(*deployed.values())):
        parts = [*(["package"] if name in installed else []), *(each for each in deployed if name in deployed[each])]
        rows.append(f"| {name} | {licence(name)} | {', '.join(parts)} |")
    return HEAD + "\n".join(rows) + "\n"


def functions_packages(requirements: Path) -> set[str]:
    return {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", requirements.read_text(), re.MULTILINE)}


def installed_packages(name: str, extras: frozenset[str] = frozenset(), known: set[str] | None = None) -> set[str]:
    """Everything that a package needs, on this platform; without the package itself."""
    found: set[str] = set() if known is None else known
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        if needed.marker and not any(needed.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        inner = canonicalize_name(needed.name)
        if inner not in found or needed.extras:
            if inner != name:
                found.add(inner)
            installed_packages(inner, frozenset(needed.extras), found)
    return found


def licence(name: str) -> str:
    """By the expression, the classifier or the field, which are from newest to oldest ways to say it."""
    metadata = distribution(name).metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    classifiers = [text for text in metadata.get_all("Classifier", []) if text.startswith("License :: OSI Approved ::")]
    said = [text.rpartition(" :: ")[2] for text in classifiers] or str(metadata.get("License") or "").splitlines()[:1]
    return ", ".join(said) or "unknown"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
