"""The sample suite is run by test_sample_suite.py, as its user would run it."""

import os
import subprocess
import sys

import pytest

from sms_redirect.testkit.sandbox import running_sandbox

collect_ignore = ["sample_suite"]


@pytest.fixture(scope="session")
def own_sandbox():
    """A sandbox in a process of its own, as a user's tests have it."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def environment(scrubbed_environment):
    """For commands: no AWS settings, and nothing of the pytest-xdist that may run this test."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}


@pytest.fixture
def run_pytest(environment):
    """Runs pytest in a folder as its user would; answers its output, which must report success."""

    def run_pytest(folder, *arguments, **more_environment):
        command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", *arguments]
        run = subprocess.run(
            command, cwd=folder, env=environment | more_environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    return run_pytest
