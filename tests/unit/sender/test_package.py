"""What is deployed: the pinned dependencies, no second boto3, both processors in one package of at most 10 MB."""

import ast
import importlib.util
import inspect
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from sms_sender import libraries

REPOSITORY = Path(__file__).parents[3]
SENDER = REPOSITORY / "functions" / "sender"
LARGEST = 10_000_000  # bytes, zipped
MACHINES = {"aarch64": 183, "x86_64": 62}  # e_machine of ELF


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


function_requirements = module(REPOSITORY / "scripts" / "function_requirements.py")
merge_builds = module(SENDER / "merge_builds.py")


@pytest.mark.parametrize("function", ["sender", "attachment"])
def test_the_requirements_are_what_uv_lock_says_with_a_hash_for_each_processor(function):
    written = (REPOSITORY / "functions" / function / "requirements.txt").read_text(encoding="utf-8")

    assert written == function_requirements.requirements(function, function_requirements.locked()), (
        "run: uv run scripts/function_requirements.py"
    )


def test_the_requirements_are_the_encryption_sdk_and_what_it_needs_beyond_the_runtime():
    lines = (SENDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = {line.partition("==")[0] for line in lines if "==" in line}

    assert names == {"attrs", "aws-encryption-sdk", "cffi", "cryptography", "wrapt"}
    assert sum("--hash=" in line for line in lines) == 8  # three packages are compiled, for two processors


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


def test_both_functions_build_with_hashes_only():
    for function in ("sender", "attachment"):
        makefile = (SENDER.parent / function / "Makefile").read_text(encoding="utf-8")
        assert "--require-hashes" in makefile, function


def test_the_build_is_for_the_runtime_and_the_processors_of_the_template():
    template = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    makefile = (SENDER / "Makefile").read_text(encoding="utf-8")
    version = re.search(r"^PYTHON_VERSION = (.+)$", makefile, re.MULTILINE)[1]

    assert f"Runtime: python{version}" in template
    assert "AllowedValues: [arm64, x86_64]" in template
    assert "MACHINES = aarch64 x86_64" in makefile
    assert merge_builds.SUFFIX.startswith(f".cpython-{version.replace('.', '')}-")


def elf(machine, *, segment=b"code", symbols=b"symbols"):
    """The least of a 64-bit shared object: header, one program header, a segment, and what a linker reads."""
    start, size = 64 + 56, len(segment)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF", 3, MACHINES[machine], 1, 0, 64, start + size, 0, 64, 56, 1, 64, 2, 1
    )
    return header + struct.pack("<IIQQQQQQ", 1, 5, start, start, start, size, size, 4096) + segment + symbols


def installation(folder, machine, python="VERSION = 1"):
    for name in ("pkg/_rust.abi3.so", f"_cffi_backend.cpython-313-{machine}-linux-gnu.so"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(elf(machine))
    (folder / "pkg" / "__init__.py").write_text(python)
    (folder / "pkg" / "tests").mkdir()
    (folder / "pkg" / "tests" / "test_pkg.py").write_text("")
    return folder


def test_compiled_modules_of_both_processors_lie_side_by_side_without_symbols(tmp_path):
    builds = [installation(tmp_path / machine, machine) for machine in MACHINES]

    merge_builds.main(tmp_path / "merged", builds)

    found = {str(path.relative_to(tmp_path / "merged")) for path in (tmp_path / "merged").rglob("*") if path.is_file()}
    assert found == {
        "pkg/__init__.py",
        *(f"pkg/_rust.cpython-313-{machine}-linux-gnu.so" for machine in MACHINES),
        *(f"_cffi_backend.cpython-313-{machine}-linux-gnu.so" for machine in MACHINES),
    }
    for machine in MACHINES:
        stripped = (tmp_path / "merged" / f"pkg/_rust.cpython-313-{machine}-linux-gnu.so").read_bytes()
        assert stripped.endswith(b"code")
        assert struct.unpack_from("<Q", stripped, 40) == (0,)


def test_a_python_file_that_differs_between_the_processors_fails_the_build(tmp_path):
    builds = [installation(tmp_path / machine, machine, f"MACHINE = {machine!r}") for machine in MACHINES]

    with pytest.raises(SystemExit, match="differs between the processors"):
        merge_builds.main(tmp_path / "merged", builds)


@pytest.fixture
def untouched_path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_libraries_lie_beside_the_package():
    assert inspect.signature(libraries.find).parameters["folder"].default == SENDER / "libraries"


def test_packaged_libraries_for_this_python_come_first(tmp_path, untouched_path):
    (tmp_path / f"_cffi_backend{EXTENSION_SUFFIXES[0]}").touch()

    libraries.find(tmp_path)

    assert sys.path[0] == str(tmp_path)


@pytest.mark.parametrize("folder", ["libraries", "missing"])
def test_on_another_python_the_installed_libraries_are_used(tmp_path, untouched_path, folder):
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "_cffi_backend.cpython-20-riscv64-linux-gnu.so").touch()

    libraries.find(tmp_path / folder)

    assert str(tmp_path / folder) not in sys.path


def test_a_package_for_another_python_says_at_once_what_it_was_built_for(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    (tmp_path / "_cffi_backend.cpython-20-riscv64-linux-gnu.so").touch()

    built = r"\.cpython-20-riscv64-linux-gnu\.so"
    wanted = re.escape(EXTENSION_SUFFIXES[0])
    with pytest.raises(ImportError, match=rf"built for {built}, but this Python loads {wanted}\. Run `sam build`"):
        libraries.find(tmp_path)


@pytest.mark.e2e
def test_the_built_package_runs_on_both_processors_is_small_and_has_no_second_boto3(tmp_path):
    if not shutil.which("uv"):
        pytest.skip("uv is not installed")

    built = make(tmp_path / "artifacts")

    assert built.returncode == 0, built.stderr
    packaged = tmp_path / "artifacts" / "libraries"
    assert {path.name for path in (tmp_path / "artifacts").iterdir()} == {"sms_sender", "libraries"}
    names = {path.name for path in packaged.iterdir()}
    assert {"aws_encryption_sdk", "cryptography", "cffi", "attr", "wrapt"} <= names
    assert not names & {"boto3", "botocore", "s3transfer", "bin"}
    for name in ("_cffi_backend", "cryptography/hazmat/bindings/_rust", "wrapt/_wrappers"):
        for machine, number in MACHINES.items():
            compiled = (packaged / f"{name}.cpython-313-{machine}-linux-gnu.so").read_bytes()
            assert struct.unpack_from("<H", compiled, 18) == (number,), name
    assert zipped(tmp_path / "artifacts", tmp_path / "package.zip") <= LARGEST


@pytest.mark.e2e
def test_the_built_package_works_on_lambdas_python(tmp_path):
    found = shutil.which("uv") and subprocess.run(
        ["uv", "python", "find", "--no-project", "--no-python-downloads", "cpython-3.13"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not found or found.returncode:
        pytest.skip("Python 3.13 is not here")
    assert make(tmp_path / "artifacts").returncode == 0
    program = (
        "import sms_sender\n"
        "from cryptography.hazmat.primitives.asymmetric import ec\n"
        "ec.generate_private_key(ec.SECP384R1())\n"
        "import cryptography, _cffi_backend, wrapt._wrappers\n"
        "print(cryptography.__file__)"
    )

    python = found.stdout.strip()
    command = [python, "-S", "-c", program]
    done = subprocess.run(command, cwd=tmp_path / "artifacts", capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "artifacts" / "libraries"))


def zipped(folder, archive):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for path in folder.rglob("*"):
            package.write(path, path.relative_to(folder))
    return archive.stat().st_size
