"""Runs the sandbox for `sms_redirect.testkit.sandbox`, until its standard input ends: `python -m` this module."""

from __future__ import annotations

import os
import signal
import sys
import threading

OPTIONS = ("--port", "0", "--inbox-port", "0", "--auto-confirm", "--no-limits", "--json")


def main() -> None:
    threading.Thread(target=_end_with_input, name="end with input", daemon=True).start()
    from sms_redirect.cli import main as command_line  # noqa: PLC0415 - the watch comes first: this takes a second

    command_line(["sandbox", *OPTIONS, *sys.argv[1:]], prog_name="sms-redirect")


def _end_with_input() -> None:
    # Until whoever started this has closed it, or is no more. Not through sys.stdin: its lock is held while it waits,
    # and an interpreter that ends for another reason would crash on it.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
