"""Sets up what the scripts in this folder need, starting with Python only: uv, then the locked environment.

Can be imported by Python 3.7 and newer, so that one that is too old gets an explanation and not a SyntaxError.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

UV_VERSION = "0.13.9"
OLDEST_PYTHON = (3, 11)

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
LOCKS = ROOT / "scripts" / "tools"  # written by lock_tools.py
# Below .tools -> the folder of their lock. The sample app's are apart: they are what its user installs.
NODE_LOCKS = {"node": LOCKS, "sample-app": ROOT / "docs" / "sample-app"}


def say(text: str) -> None:
    """Print progress to stderr; stdout is for results."""
    print(text, file=sys.stderr, flush=True)


def run_in_environment(command: list[str], *sync_arguments: str) -> None:
    """Prepare the environment and replace this process with `command`, one of its programs."""
    prepare(*sync_arguments)
    executable = VENV / "bin" / command[0]
    if command[0] == "sms-redirect":  # it unblocks Ctrl-C when it can take one
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.execve(str(executable), [str(executable), *command[1:]], environment())


def prepare(*sync_arguments: str) -> None:
    """Install uv if it is missing, and sync .venv with uv.lock; quick if nothing changed."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"sms-redirect needs Python 3.11 or newer; this is {platform.python_version()} ({sys.executable}).\n"
            f"Run the script with a newer Python, for example: python3.13 {' '.join(sys.argv)}"
        )
    uv = install_uv()
    if not VENV.exists():
        say("Installing the locked packages into .venv ...")
    command = [uv, "sync", "--quiet", "--frozen", "--inexact", *sync_arguments]
    finish(command, "The packages could not be installed. Check that a Python package index is reachable.")


def install_tool(name: str) -> str:
    """Install a program from its lock file, in an environment of its own below .tools; returns its path."""
    lock = LOCKS / f"{name}.txt"
    folder = TOOLS.resolve() / "tools" / f"{name}-{digest(lock)}"  # programs name their own place
    program, link = folder / "bin" / name, TOOLS / "bin" / name
    if not program.exists():
        say(f"Installing {name} ...")
        failure = f"{name} could not be installed. Check that a Python package index is reachable."
        finish([install_uv(), "venv", "--quiet", "--clear", str(folder)], failure)
        install = [
            "pip",
            "install",
            "--quiet",
            "--python",
            str(folder),
            "--require-hashes",
            "--no-deps",
            "-r",
            str(lock),
        ]
        finish([install_uv(), *install], failure)
    if link.resolve() != program.resolve():
        new = link.with_name(f"{name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(program)
        new.replace(link)
    return str(link)


def install_node_libraries() -> None:
    """Install what tests and checks use from npm, from its lock files. Does nothing without Node.js."""
    npm = shutil.which("npm")
    if npm is not None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda name: _install_node_library(npm, name), NODE_LOCKS))


def _install_node_library(npm: str, name: str) -> None:
    folder = TOOLS / name
    stamp = folder / "node_modules" / f".{digest(NODE_LOCKS[name] / 'package-lock.json')}"
    if stamp.exists():
        return
    say(f"Installing JavaScript libraries ({name}) ...")
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(NODE_LOCKS[name] / file, folder / file)
    finish(
        [npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"],
        "The JavaScript libraries could not be installed. Check that the npm registry is reachable.",
        folder,
    )
    stamp.touch()


def digest(path: Path) -> str:
    """Names the content of a lock file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def environment() -> dict[str, str]:
    """Our tools first on PATH, uv's state below .tools, no Python downloads, no telemetry."""
    path = os.pathsep.join([str(TOOLS / "bin"), str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    return dict(
        os.environ,
        PATH=path,
        UV_PYTHON=sys.executable,
        UV_PYTHON_DOWNLOADS="never",
        UV_PROJECT_ENVIRONMENT=str(VENV),
        SAM_CLI_TELEMETRY="0",
    )


def install_uv() -> str:
    """Install the pinned uv below .tools: by pip, or, if Python comes without it (Debian), from the wheel itself."""
    uv = TOOLS / "bin" / "uv"
    if uv.exists():
        return str(uv)
    say(f"Installing uv {UV_VERSION} ...")
    uv.parent.mkdir(parents=True, exist_ok=True)
    binary = _uv_by_pip() or _uv_by_download()
    temporary = uv.with_name("uv.new")
    temporary.write_bytes(binary)
    temporary.chmod(0o755)
    temporary.replace(uv)
    return str(uv)


def _uv_by_pip() -> bytes | None:
    target = TOOLS / "uv-wheel"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--upgrade",
    ]
    done = subprocess.run([*command, "--target", str(target), f"uv=={UV_VERSION}"], capture_output=True, check=False)
    binary = target / "bin" / "uv"
    return binary.read_bytes() if done.returncode == 0 and binary.exists() else None


def _uv_by_download() -> bytes:
    """The wheel for this machine from the package index (PEP 691); verifies its checksum."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    request = urllib.request.Request(f"{index}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            files = json.load(response)["files"]
        wheel = next(file for file in files if _fits(file["filename"]))
        with urllib.request.urlopen(urllib.parse.urljoin(request.full_url, wheel["url"]), timeout=300) as response:
            content = response.read()
    except (OSError, ValueError, StopIteration) as error:
        sys.exit(
            f"uv could not be installed ({error or 'no build for this machine'}).\n"
            f"Install pip for this Python, or copy uv to {TOOLS / 'bin'}, and try again."
        )
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit("The download of uv is corrupt: its checksum differs from the index's. Try again.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("/scripts/uv")))


def _fits(wheel_name: str) -> bool:
    if not wheel_name.startswith(f"uv-{UV_VERSION}-"):
        return False
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    if sys.platform == "darwin":
        return "macosx" in wheel_name and wheel_name.endswith(f"{platform.machine()}.whl")
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return libc in wheel_name and wheel_name.endswith(f"{machine}.whl")


def finish(command: list[str], failure: str, folder: Path = ROOT) -> None:
    """Run a command; if it fails, exit with `failure`."""
    if subprocess.run(command, cwd=folder, env=environment(), check=False).returncode:
        sys.exit(f"{failure}\nThe command was: {' '.join(command)}")
