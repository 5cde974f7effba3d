"""Ends what a sandbox leaves when it is killed: the processes of its functions and its folder.

Runs as a program of its own, `python watchman.py FOLDER`, that waits until its standard input ends: that is when the
sandbox is no more, however it went. Imports nothing but the standard library, so that it starts in no time.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PROCESSES = "processes"  # holds a file for each process that was started, named by its id: also that of its group


def main() -> None:
    """Wait for the end of the sandbox, then sweep its folder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 4096):
        pass
    sweep(Path(sys.argv[1]))


def sweep(folder: Path) -> None:
    """End every process that was started for a sandbox which is gone, and remove its files."""
    with suppress(OSError):
        for record in (folder / PROCESSES).iterdir():
            if record.name.isdecimal():
                end_group(int(record.name), folder)
    shutil.rmtree(folder, ignore_errors=True)


def end_group(process: int, folder: Path) -> None:
    """End a process and what it started, unless its id belongs to a stranger by now."""
    if _is_alive(process) and str(folder) not in _description(process):
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _description(process: int) -> str:
    """Command line, and where it can be read, environment."""
    parts = (Path(f"/proc/{process}/{name}") for name in ("cmdline", "environ"))
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return "\0".join(part.read_bytes().decode(errors="replace") for part in parts)
        return ""
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(process)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - the system's ps


if __name__ == "__main__":
    main()
