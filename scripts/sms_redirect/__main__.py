"""The program `sms-redirect`, from its first moment: Ctrl-C ends it without a traceback also while it is loaded."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    try:
        # The scripts of a checkout block it, because Python answers one during its own start with a traceback.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        from sms_redirect.cli import main as command_line  # noqa: PLC0415 - takes a moment, see above

        command_line(prog_name="sms-redirect")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
