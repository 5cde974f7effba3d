"""Names the process that owns a temporary queue, so that a later run on this machine can tell whether it has ended."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import uuid
from pathlib import Path


def this_process() -> str:
    """`MACHINE/PID`, in characters that a tag may have."""
    return f"{_machine()}/{os.getpid()}"


def has_ended(owner: str) -> bool:
    """True only for a process of this machine that has ended; nothing is known about other machines."""
    machine, _, pid = owner.partition("/")
    return machine == _machine() and pid.isascii() and pid.isdecimal() and not _runs(int(pid))


def _machine() -> str:
    # Containers on one host share its boot id, and often a host name, but not their process ids.
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        place = f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        place = f"{platform.node()} {uuid.getnode()}"
    return hashlib.sha256(place.encode()).hexdigest()[:16]


def _runs(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # signal 0 would end the process on Windows; the age of the tag decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
