"""What is deployed: the pinned dependencies, no second boto3, at most 7 MB, for the processor that was asked for."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
SENDER = REPOSITORY / "functions" / "sender"
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html: the Python runtime has boto3 and what that needs.
IN_THE_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
NOT_AT_RUN_TIME = {"pycparser"}  # cffi needs it to compile declarations, which cryptography did when it was built
LARGEST = 7 * 1024 * 1024


def requirements():
    lines = (SENDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def locked():
    packages = tomllib.loads((REPOSITORY / "uv.lock").read_text(encoding="utf-8"))["package"]
    return {package["name"]: package for package in packages}


def needed(name, packages):
    dependencies = {each["name"] for each in packages[name].get("dependencies", [])} - IN_THE_RUNTIME - NOT_AT_RUN_TIME
    return {name}.union(*(needed(each, packages) for each in dependencies))


def test_the_requirements_are_the_encryption_sdk_and_what_it_needs_beyond_the_runtime():
    assert set(requirements()) == needed("aws-encryption-sdk", locked())


def test_the_versions_are_those_that_are_tested():
    assert requirements() == {name: locked()[name]["version"] for name in requirements()}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_the_package_imports_only_itself_the_sdk_and_botocore():
    names = {name for path in (SENDER / "sms_sender").glob("*.py") for name in imported(path)}

    assert names - set(sys.stdlib_module_names) == {"sms_sender", "aws_encryption_sdk", "botocore"}


@pytest.mark.parametrize("module", ["encoding", "message", "flows", "findings", "event"])
def test_the_pure_middle_needs_no_library(module):
    names = set(imported(SENDER / "sms_sender" / f"{module}.py"))

    assert names - set(sys.stdlib_module_names) <= {"sms_sender"}


def make(folder, **environment):
    return subprocess.run(
        [shutil.which("make") or pytest.skip("make is not installed"), "-C", SENDER, "build-SenderFunction"],
        env=os.environ | {"ARTIFACTS_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_build_without_uv_says_what_to_install(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "test", "echo"):
        (tools / tool).symlink_to(shutil.which(tool))

    built = make(tmp_path / "artifacts", PATH=str(tools))

    assert built.returncode != 0
    assert "uv is missing" in built.stderr
    assert "https://docs.astral.sh/uv/" in built.stderr


def test_a_build_for_an_unknown_processor_names_the_known_ones(tmp_path):
    built = make(tmp_path, SMS_REDIRECT_ARCH="mips")

    assert built.returncode != 0
    assert "SMS_REDIRECT_ARCH is 'mips'; it must be arm64 or x86_64" in built.stderr


@pytest.mark.e2e
@pytest.mark.parametrize(("architecture", "machine"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_the_built_package_is_small_and_has_no_second_boto3(tmp_path, architecture, machine):
    if not shutil.which("uv"):
        pytest.skip("uv is not installed")

    built = make(tmp_path / "artifacts", SMS_REDIRECT_ARCH=architecture)

    assert built.returncode == 0, built.stderr
    names = {path.name for path in (tmp_path / "artifacts").iterdir()}
    assert {"sms_sender", "aws_encryption_sdk", "cryptography", "cffi", "attr", "wrapt"} <= names
    assert not names & {"boto3", "botocore", "s3transfer", "bin", "Makefile"}
    [compiled] = (tmp_path / "artifacts").glob("_cffi_backend*.so")
    assert compiled.name == f"_cffi_backend.cpython-313-{machine}-linux-gnu.so"
    assert zipped(tmp_path / "artifacts", tmp_path / "package.zip") <= LARGEST


def zipped(folder, archive):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for path in folder.rglob("*"):
            package.write(path, path.relative_to(folder))
    return archive.stat().st_size
