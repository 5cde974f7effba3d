"""Options and rules of all tests."""

import os

import pytest

OPT_IN = {
    "slow": "takes longer than a normal run allows: choose it with --slow",
    "aws": "reaches a real AWS account: choose it with --aws",
}


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run the long tests")
    parser.addoption("--aws", action="store_true", help="also run the tests that need a real AWS account")


def pytest_collection_modifyitems(config, items):
    for item in items:
        for marker, reason in OPT_IN.items():
            if item.get_closest_marker(marker) and not config.getoption(f"--{marker}"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def scrubbed_environment(request, monkeypatch):
    """No test sees the AWS settings of the person who runs it, unless it is there for a real account."""
    if not request.node.get_closest_marker("aws"):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
