"""Options and rules of all tests."""

import functools
import os
import signal
from pathlib import Path

import botocore.session
import pytest
from hypothesis import HealthCheck, settings

from real_account import cost

CHOSEN = {
    "slow": "takes longer than a normal run allows: choose it with --slow",
    "browser": "runs in Chromium: choose it with --browser",
}
"""By marker, which is an option, too: why a normal run leaves such tests out."""
BROWSER_TESTS = Path(__file__).parent / "browser"

# Each session of botocore reads its service models anew: 0.05 s for each client of a test. Here all share one reader.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

# Other tests run beside these: how long an example takes says nothing about it.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run the long tests")
    parser.addoption("--browser", action="store_true", help="also run the tests in Chromium")
    parser.addoption(
        "--aws", action="store_true", help="run the acceptance tests, and nothing else, in the environment's account"
    )
    parser.addoption("--recordings", metavar="FOLDER", help="where the acceptance tests record what was answered")


def pytest_configure(config):
    # A shell starts what runs in its background with SIGINT ignored, and whatever that starts inherits it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--aws") and not hasattr(config, "workerinput"):  # xdist's workers have it
        print(cost.beforehand(), flush=True)


def pytest_collection_modifyitems(config, items):
    if config.getoption("--aws"):
        # A sandbox and an account never meet in one run: it sets the environment that decides who is asked.
        others = [item for item in items if not item.get_closest_marker("aws")]
        items[:] = [item for item in items if item.get_closest_marker("aws")]
        config.hook.pytest_deselected(items=others)
        return
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker("browser")
        for marker, reason in CHOSEN.items():
            if item.get_closest_marker(marker) and not config.getoption(f"--{marker}"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def scrubbed_environment(request, monkeypatch):
    """No test sees the AWS settings of the person who runs it, unless it is there for a real account."""
    if not request.config.getoption("--aws"):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def running_sandbox():
    """One for each test process, as harsh as AWS may be."""
    from sms_redirect.sandbox.harshness import Harshness
    from sms_redirect.sandbox.server import Sandbox, SandboxSettings

    before = dict(os.environ)
    with Sandbox(SandboxSettings(auto_confirm=True, limits=True, harshness=Harshness.full())) as sandbox:
        yield sandbox
    os.environ.clear()
    os.environ.update(before)
