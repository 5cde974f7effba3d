"""The folder of one run, with the emulator's state and the functions' files: no other user may look into it, and it is
gone with the run, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from sms_redirect.sandbox import watchman

PREFIX = "sms-redirect-"
LOCK = "lock"
PRIVATE = 0o077
STOP_SECONDS = 5.0


class RunFolder:
    """Made at once; sweeps what earlier runs left that were killed. `path` is open to this user alone."""

    def __init__(self) -> None:
        self._umask = os.umask(PRIVATE)
        # Resolved, because processes are recognized by it.
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        self._lock = _locked(self.path)
        (self.path / watchman.PROCESSES).mkdir()
        for folder in self.path.parent.glob(f"{PREFIX}*"):
            if folder != self.path and _is_left(folder):
                watchman.sweep(folder)
        self._watchman = subprocess.Popen(  # noqa: S603 - our own module
            # In a session of its own: what ends the sandbox must not end it.
            [sys.executable, "-I", "-S", watchman.__file__, str(self.path)],
            env={},
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def remove(self) -> None:
        """Remove everything, and let the watchman go."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        if self._watchman.stdin:
            self._watchman.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._watchman.wait(STOP_SECONDS)
        os.umask(self._umask)


def _locked(folder: Path) -> int:
    """A lock that is held as long as this process lives. It gets its name when it is held: no one may find it open."""
    new = folder / f"{LOCK}.new"
    descriptor = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    new.rename(folder / LOCK)
    return descriptor


def _is_left(folder: Path) -> bool:
    """Whether a folder is one of this user's, of a run that is over."""
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return False
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
