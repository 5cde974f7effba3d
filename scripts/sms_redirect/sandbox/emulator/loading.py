"""What the emulator would load and the sandbox never needs: without it the first response is half a second sooner.

Covered by tests/integration/test_emulator_contract.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sms_redirect.loopback import LOOPBACK_NAMES

DOCKER = "docker"


@contextmanager
def without_docker() -> Iterator[None]:
    """Functions run as processes. The client for Docker is optional for the emulator, and slow to load."""
    loaded = sys.modules.get(DOCKER)
    sys.modules[DOCKER] = None  # type: ignore[assignment]  # what the import system takes for "not there"
    try:
        yield
    finally:
        if loaded is None:
            del sys.modules[DOCKER]
        else:
            sys.modules[DOCKER] = loaded


def no_custom_domain_for_loopback() -> None:
    """Let 127.0.0.1 be no custom domain of API Gateway: for each name with a dot the emulator loads that service."""
    from ministack import app

    original = getattr(app._resolve_custom_domain_request, "of_the_emulator", app._resolve_custom_domain_request)

    def resolve(host: str, path: str) -> Any:
        return None if host.rpartition(":")[0] in LOOPBACK_NAMES else original(host, path)

    resolve.of_the_emulator = original  # type: ignore[attr-defined]
    app._resolve_custom_domain_request = resolve
