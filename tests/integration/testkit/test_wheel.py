"""The project as a package in an environment of its user's own: installed from the wheel, nothing of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SAMPLE = Path(__file__).with_name("sample_suite")


@pytest.fixture(scope="session")
def uv():
    path = f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    found = shutil.which("uv", path=path)
    if found is None:
        pytest.skip("uv is not installed; scripts/test installs it")
    return found


@pytest.fixture(scope="session")
def wheel(uv, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def install(uv, wheel, tmp_path):
    """Makes an environment with the wheel and further packages; answers its Python."""

    def install(extras="", *packages):
        python = tmp_path / "environment" / "bin" / "python"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "environment"], check=True)
        command = [uv, "pip", "install", "--quiet", "--python", python, f"{wheel}{extras}", *packages]
        subprocess.run(command, check=True)
        return python

    return install


def test_a_test_needs_only_the_plain_package(install, environment):
    python = install()

    def run(*command):
        return subprocess.run(
            command, env=environment, cwd=python.parent, check=True, capture_output=True, text=True
        ).stdout

    names = run(python, "-c", "from sms_redirect import SmsInbox, Sms, SmsTimeout, SmsFailed; print(SmsInbox.__name__)")
    installed = run(
        python, "-c", "from importlib.metadata import distributions as d; print(*sorted(x.name for x in d()))"
    )
    plugin = run(
        python, "-c", "from importlib.metadata import entry_points as e; print(*(x.value for x in e(group='pytest11')))"
    )
    typed = run(
        python, "-c", "import sms_redirect; from importlib.resources import files as f; "
        "print((f(sms_redirect) / 'py.typed').is_file())"
    )  # fmt: skip
    usage = run(python.with_name("sms-redirect"), "wait", "--help")

    assert names.strip() == "SmsInbox"
    assert not {"starlette", "ministack", "pytest"} & set(installed.split())
    assert plugin.strip() == "sms_redirect.pytest_plugin"
    assert typed.strip() == "True"
    assert "--phone-number" in usage


@pytest.mark.slow
def test_the_sample_suite_passes_with_the_sandbox_of_the_wheel(install, environment, tmp_path):
    python = install("[sandbox]", "pytest")
    folder = shutil.copytree(SAMPLE, tmp_path / "sample_suite", ignore=shutil.ignore_patterns("__pycache__"))
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "7 passed" in run.stdout
