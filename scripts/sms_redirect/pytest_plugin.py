"""The pytest plugin: an inbox for the SMS that the tests cause, on a deployed stack or in a sandbox.

pytest loads it in every environment that has sms-redirect installed, so each fixture imports what it needs.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from sms_redirect import SmsInbox
    from sms_redirect.testkit.target import SmsSandbox, SmsStack

SETTINGS = {
    "stack_name": "The deployed stack whose SMS the fixture sms_inbox reads; without it, the tests start a sandbox.",
    "region": "Region of that stack; by default that of the AWS configuration.",
    "endpoint_url": "AWS endpoint of that stack, for example a running sandbox's.",
}
SANDBOX_OPTIONS = "sms_sandbox_options"
INBOX: pytest.StashKey[SmsInbox] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sms-redirect", "SMS of a Cognito user pool (sms-redirect)")
    for name, text in SETTINGS.items():
        group.addoption(f"--sms-{name.replace('_', '-')}", default=None, help=text)
        parser.addini(f"sms_{name}", text, default="")
    parser.addini(SANDBOX_OPTIONS, "Additional options of `sms-redirect sandbox` for the fixture sms_sandbox.", "args")


def pytest_configure(config: pytest.Config) -> None:
    # The ini settings may be there without a stack: they apply to the runs that name one.
    options = (f"--sms-{name.replace('_', '-')}" for name in SETTINGS if name != "stack_name")
    given = [option for option in options if config.getoption(option)]
    if given and not _setting(config, "stack_name"):
        raise pytest.UsageError(
            f"{' and '.join(given)} would have no effect: without --sms-stack-name the tests start their own sandbox. "
            "Name the stack too, for example --sms-stack-name sms-redirect."
        )


def end_at_users_line(error: BaseException) -> None:
    """Of an error of ours, the text says it all: cut what happened inside of us, and what it came from."""
    from sms_redirect.errors import SmsInboxError  # noqa: PLC0415 - pytest loads the plugin into every run

    trace = error.__traceback__
    if not isinstance(error, SmsInboxError) or trace is None:
        return
    error.__cause__, error.__suppress_context__ = None, True
    while trace.tb_next is not None:
        if trace.tb_next.tb_frame.f_globals.get("__name__", "").startswith("sms_redirect."):
            trace.tb_next = None
            return
        trace = trace.tb_next


# The older kind of wrapper: an older pytest could not load the newer kind, and fail runs that do not use this plugin.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    if call.excinfo and not item.config.getoption("fulltrace"):
        end_at_users_line(call.excinfo.value)
    outcome = yield
    report = outcome.get_result()
    if report.failed and INBOX in item.stash:
        from sms_redirect.testkit.report import lines  # noqa: PLC0415 - see the module's docstring

        arrived = lines(item.stash[INBOX].messages())
        report.sections.append(("SMS that arrived", "\n".join(arrived) or "none"))


@pytest.fixture(scope="session")
def sms_sandbox(pytestconfig: pytest.Config) -> Iterator[SmsSandbox]:
    """A local sandbox with the stack deployed, until the tests end; under pytest-xdist, one for each worker."""
    from sms_redirect.testkit.sandbox import SandboxUnavailable, running_sandbox  # noqa: PLC0415

    try:
        with running_sandbox(pytestconfig.getini(SANDBOX_OPTIONS)) as sandbox:
            yield sandbox
    except SandboxUnavailable as error:
        _fail(error)


@pytest.fixture(scope="session")
def sms_stack(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> SmsStack:
    """The stack under test: --sms-stack-name, or the ini setting sms_stack_name, or a sandbox's."""
    from sms_redirect.errors import SmsInboxError  # noqa: PLC0415
    from sms_redirect.testkit.target import SmsStack  # noqa: PLC0415

    settings = {name: _setting(pytestconfig, name) for name in SETTINGS}
    name = settings["stack_name"]
    if name is None:
        sandbox: SmsStack = request.getfixturevalue("sms_sandbox")
        return sandbox
    try:
        return SmsStack.find(name, settings["region"], settings["endpoint_url"])
    except SmsInboxError as error:
        _fail(error)


@pytest.fixture(scope="session")
def _sms_session_inbox(sms_stack: SmsStack) -> Iterator[SmsInbox]:
    """One queue for all tests of this process."""
    from sms_redirect import SmsInbox, SmsInboxError  # noqa: PLC0415

    place: dict[str, Any] = {"session": sms_stack.session, "endpoint_url": sms_stack.endpoint_url}
    with ExitStack() as stack:
        try:
            inbox = stack.enter_context(SmsInbox(topic_arn=sms_stack.topic_arn, **place))
        except SmsInboxError as error:
            _fail(error)
        yield inbox
    if _worker() == 0:
        with suppress(SmsInboxError):  # leftovers of killed runs are no reason to fail this one
            SmsInbox.sweep(**place)


@pytest.fixture
def sms_inbox(request: pytest.FixtureRequest, _sms_session_inbox: SmsInbox) -> SmsInbox:
    """The SMS that arrive during this test. Wait for your own `phone_number`: other tests cause SMS, too."""
    _sms_session_inbox.clear()
    request.node.stash[INBOX] = _sms_session_inbox
    return _sms_session_inbox


@pytest.fixture(scope="session")
def _phone_numbers() -> Iterator[str]:
    from sms_redirect.testkit.numbers import numbers  # noqa: PLC0415

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(uuid.uuid4()))
    return numbers(run, _worker(), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


@pytest.fixture
def phone_number(_phone_numbers: Iterator[str]) -> str:
    """A phone number that no other test of this run gets, such as +12065550123. It belongs to nobody."""
    return next(_phone_numbers)


@pytest.fixture
def email_address() -> str:
    """An address that no other test gets, such as test-1f0c...@example.com. It belongs to nobody."""
    return f"test-{uuid.uuid4().hex}@example.com"


def _worker() -> int:
    """The index of this process among the workers of pytest-xdist."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _setting(config: pytest.Config, name: str) -> str | None:
    value: Any = config.getoption(f"--sms-{name.replace('_', '-')}") or config.getini(f"sms_{name}")
    return value or None


def _fail(error: Exception) -> NoReturn:
    raise pytest.fail.Exception(str(error), pytrace=False) from None
