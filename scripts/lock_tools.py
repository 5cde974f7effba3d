"""Writes the lock files of the programs that tests and checks use: `python3 scripts/lock_tools.py`, with a new version.

Each gets its own, because they do not share an environment: with the hash of every package, and nothing else is
installed (`environment.install_tool`). npm's are named in the package.json of scripts/tools and of docs/sample-app.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

import environment

# program -> the package that has it
TOOLS = {
    "aws": "awscli==1.46.3",
    "checkov": "checkov==3.3.30",
    "cosmic-ray": "cosmic-ray==8.7.0",
    "pip-audit": "pip-audit==2.10.1",
    "sam": "aws-sam-cli==1.170.0",
}


def main() -> None:
    uv = environment.install_uv()
    for name, package in TOOLS.items():
        compile_ = ["pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate", "--no-header"]
        oldest = ".".join(map(str, environment.OLDEST_PYTHON))
        target = environment.LOCKS / f"{name}.txt"
        subprocess.run(
            [uv, *compile_, "--python-version", oldest, "--upgrade", "--output-file", str(target), "-"],
            input=package,
            text=True,
            check=True,
        )
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is missing, so the files package-lock.json stay as they are: https://nodejs.org/")
    for lock in environment.NODE_LOCKS.values():
        subprocess.run([npm, "install", "--package-lock-only", "--silent"], cwd=lock, check=True)


if __name__ == "__main__":
    main()
