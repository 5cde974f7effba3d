"""Runs the sandbox for `sms_redirect.testkit.sandbox` until standard input ends: `python -m` this module."""

from __future__ import annotations

import os
import signal
import sys
import threading

OPTIONS = ("--port", "0", "--inbox-port", "0", "--auto-confirm", "--no-limits", "--json")


def main() -> None:
    threading.Thread(target=_end_with_input, name="end with input", daemon=True).start()
    from sms_redirect.cli import main as command_line  # noqa: PLC0415 - takes a second, and the watch must run before

    command_line(["sandbox", *OPTIONS, *sys.argv[1:]], prog_name="sms-redirect")


def _end_with_input() -> None:
    # It ends when the process that started this one closes it, or ends. Not through sys.stdin: a read there holds a
    # lock, on which the interpreter would crash if it ends for another reason.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
