"""Clients that nobody here wrote, each in a process of its own and driven through the flows of a user's life.

A journey prints a line of JSON for each step, and asks for codes: see tests/integration/clients/journey.js.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
# The packages of a lock file -> the lock file.
LOCKS = {
    TOOLS / "node" / "node_modules": ROOT / "scripts" / "tools" / "package-lock.json",
    TOOLS / "sample-app" / "node_modules": ROOT / "docs" / "sample-app" / "package-lock.json",
}
PATIENCE = 60
OLDEST_NODE = 20  # aws-amplify's and the SDK's


def node_is_missing() -> str | None:
    """Why the journeys of Node.js cannot run here, and what to install; None if they can."""
    node = shutil.which("node")
    if node is None:
        return f"Node.js is not installed: install Node.js {OLDEST_NODE} or newer with npm, then run scripts/test"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(re.match(r"v(\d+)", version)[1]) < OLDEST_NODE:
        return f"Node.js is {version}: install Node.js {OLDEST_NODE} or newer"
    if not all(_is_installed(folder, lock) for folder, lock in LOCKS.items()):
        return "the JavaScript libraries of the lock files are not installed: install npm, then run scripts/test"
    return None


def _is_installed(folder: Path, lock: Path) -> bool:
    """By the stamp that scripts/environment.py leaves."""
    return (folder / f".{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}").exists()


@dataclass(frozen=True, slots=True)
class Traveller:
    """A user of a journey, with the number that it begins with and the one that it changes to."""

    name: str
    number: str
    new_number: str


class Journey:
    """A client's process, which goes on while the test does something else. `code(flow, number)` brings its codes."""

    def __init__(self, command: list[str], environment: dict[str, str], code: Callable[[str, str], str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._code = code
        self._steps: dict[str, Any] = {}
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def steps(self) -> dict[str, Any]:
        """What each step came to, when the client has arrived."""
        self._thread.join(PATIENCE)
        problem = None if self._process.poll() == 0 else self._said()
        assert problem is None, f"after {list(self._steps)}:\n{problem}"
        return self._steps

    def end(self) -> None:
        self._process.kill()
        self._thread.join(PATIENCE)
        self._process.wait(PATIENCE)
        with suppress(BrokenPipeError):  # of a code that it did not live to read
            self._process.stdin.close()
        self._process.stdout.close()
        self._log.close()

    def _follow(self) -> None:
        try:
            for line in self._process.stdout:
                step = json.loads(line)
                if "need" in step:
                    self._process.stdin.write(self._code(step["need"], step["number"]) + "\n")
                    self._process.stdin.flush()
                else:
                    self._steps[step["step"]] = step["value"]
            self._process.wait(PATIENCE)
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to
            self._process.kill()
            self._process.wait(PATIENCE)
            self._log.write(f"{type(error).__name__}: {error}".encode())

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")


def node_environment(environment: dict[str, str]) -> dict[str, str]:
    return os.environ | environment | {"NODE_PATH": os.pathsep.join(map(str, LOCKS))}
