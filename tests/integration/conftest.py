"""One sandbox per test process, with the stack deployed; each test signs up its own users."""

import itertools
import os

import boto3
import pytest

from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.server import Sandbox, SandboxSettings

STACK = "sms-redirect"
EMAIL = "qa@example.com"
NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def running_sandbox():
    before = dict(os.environ)
    with Sandbox(SandboxSettings(auto_confirm=True, limits=True)) as sandbox:
        yield sandbox
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def sandbox(running_sandbox, scrubbed_environment, monkeypatch):
    for name, value in running_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return running_sandbox


@pytest.fixture
def session(sandbox):
    return boto3.Session()


@pytest.fixture(scope="session")
def deployed(running_sandbox):
    """The outputs of the deployed stack."""
    environment = running_sandbox.environment
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return deploy.deploy(boto3.Session(), STACK, {"Email": EMAIL})


@pytest.fixture
def stack(sandbox, deployed):
    return deployed


@pytest.fixture
def cognito(session, stack):
    return session.client("cognito-idp")


@pytest.fixture
def phone_number():
    """A number of this test's own."""
    return f"+1206555{next(NUMBERS):04d}"
