"""A test run inside the test run, with a stack and an inbox that need no AWS."""

from typing import ClassVar

import pytest

# Imported before the test runs inside the tests begin: what they import is forgotten when they end.
from sms_redirect.errors import NoSuchStack
from sms_redirect.testkit import sms_inbox, target

OUTPUTS = {
    "TopicArn": "arn:aws:sns:eu-west-1:111122223333:qa-Topic-1",
    "UserPoolId": "eu-west-1_AbCdEf123",
    "UserPoolClientId": "4t1sf0client",
}


class FakeInbox:
    """Stands for `SmsInbox`: tests put messages into `arrived`."""

    made: ClassVar[list["FakeInbox"]] = []
    swept: ClassVar[list[dict]] = []
    refusal: ClassVar[Exception | None] = None

    def __init__(self, **arguments):
        self.arguments = arguments
        self.is_open = False
        self.arrived = []
        self.made.append(self)

    def __enter__(self):
        if self.refusal:
            raise self.refusal
        self.is_open = True
        return self

    def __exit__(self, *_):
        self.is_open = False

    def messages(self):
        return list(self.arrived)

    def clear(self):
        self.arrived.clear()

    @classmethod
    def sweep(cls, **arguments):
        assert not any(inbox.is_open for inbox in cls.made)
        cls.swept.append(arguments)
        if cls.refusal:
            raise cls.refusal


@pytest.fixture
def inboxes(monkeypatch):
    """The fake that the plugin gets for an inbox."""
    monkeypatch.setattr(sms_inbox, "SmsInbox", FakeInbox)
    monkeypatch.setattr(FakeInbox, "made", [])
    monkeypatch.setattr(FakeInbox, "swept", [])
    return FakeInbox


@pytest.fixture
def stacks(monkeypatch):
    """Stacks by name, as `sms_redirect.stack.outputs` finds them."""
    deployed = {"qa": dict(OUTPUTS)}

    def outputs(aws, name, policy):
        if name not in deployed:
            raise NoSuchStack(f"There is no stack {name!r} in {aws.region}.")
        return deployed[name]

    monkeypatch.setattr(target, "outputs", outputs)
    return deployed


@pytest.fixture
def run(pytester, monkeypatch, inboxes, stacks):
    """Runs a test file with the plugin in this process, with further arguments of pytest."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    def run(source, *arguments, **settings):
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments, **settings)

    return run


@pytest.fixture
def run_on_stack(run):
    def run_on_stack(source, *arguments, **settings):
        return run(source, "--sms-stack-name", "qa", *arguments, **settings)

    return run_on_stack
