"""Runs `sms-redirect sandbox` with every log at debug level, and tells the tokens of the pre-signed URLs it gives out.

    python debugged_sandbox.py FILE [OPTION ...]

FILE gets a line for each custom resource's response URL, which reaches nobody but the function.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from sms_redirect.cli import main
from sms_redirect.sandbox.doors.front import Front
from sms_redirect.sandbox.parts import Parts

install = Parts.install


def install_and_listen(parts: Parts, *arguments: Any) -> Front:
    front = install(parts, *arguments)
    from ministack.services.cloudformation import custom_resource

    register = custom_resource.register_token

    def registered(token: str) -> Any:
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            file.write(f"{token}\n")
        return register(token)

    custom_resource.register_token = registered
    logging.getLogger().setLevel(logging.DEBUG)
    return front


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    Parts.install = install_and_listen  # type: ignore[method-assign]
    main(["sandbox", *sys.argv[2:]], prog_name="sms-redirect")
