"""The SAM CLI on a copy of the project."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools" / "bin"
PATIENCE = 180


def tool(name):
    """A program that scripts/test installs, or that is on PATH."""
    found = shutil.which(name, path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed; scripts/test installs it")
    return found


@dataclass(frozen=True)
class Sam:
    """`environment` says which AWS it talks to."""

    project: Path
    environment: dict[str, str]
    patience: float = PATIENCE  # seconds that a command may take

    @classmethod
    def copied(cls, folder, environment, patience=PATIENCE):
        """A copy of what a build needs: nothing is left in the checkout."""
        for name in ("template.yaml", "samconfig.yaml"):
            shutil.copy(ROOT / name, folder / name)
        shutil.copytree(ROOT / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
        path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
        return cls(folder, environment | {"PATH": path, "SAM_CLI_TELEMETRY": "0"}, patience)

    def __call__(self, *arguments, check=True, answers=""):
        """Run it; returns the finished process."""
        done = subprocess.run(
            [tool("sam"), *arguments],
            cwd=self.project,
            env=self.environment,
            input=answers,  # a question without an answer fails
            capture_output=True,
            text=True,
            check=False,
            timeout=self.patience,
        )
        assert not check or done.returncode == 0, f"sam {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    def build(self):
        tool("uv")
        self("build")

    def package(self, bucket):
        """Upload what was built to a bucket; returns the template that points there."""
        packaged = self.project / "packaged.yaml"
        self("package", "--s3-bucket", bucket, "--output-template-file", str(packaged), "--no-progressbar")
        return packaged.read_text()
