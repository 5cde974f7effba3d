from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doctor_reports import Doctor
from fake_controls import FakeControls
from inbox_pages import DESKTOP, PHONE, Mailbox, Pending, Watched, browser, chromium
from preview_pools import FakePools
from sms_redirect.inbox.connect import ConnectApi
from sms_redirect.inbox.diagnosis import DiagnosisApi
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.messages.store import SmsStore


@pytest.fixture(scope="module")
def launched():
    """For a module and no longer: an open Playwright keeps an event loop running, and no other test can start one."""
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium found: install the package chromium to run the browser tests")
    pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
    with browser(executable) as running:
        yield running


@pytest.fixture(scope="package")
def sandbox():
    """`sms-redirect sandbox`, as a person would start it; no email subscription is confirmed."""
    program = Path(sys.executable).with_name("sms-redirect")
    command = [program, "sandbox", "--port", "0", "--inbox-port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)


@pytest.fixture
def store():
    return SmsStore()


@pytest.fixture
def pending():
    source = Pending()
    source.confirmed = True
    return source


@pytest.fixture
def pools(store):
    return FakePools(store)


@pytest.fixture
def mailbox(store):
    return Mailbox(store)


@pytest.fixture
def trails(store):
    return Watched(store)


@pytest.fixture
def connect():
    return ConnectApi()


@pytest.fixture
def controls():
    """The sandbox's; None in a test of a deployed stack's inbox."""
    return FakeControls()


@pytest.fixture
def doctor():
    return Doctor()


@pytest.fixture
def serve(store, pending, pools, connect, trails, mailbox, doctor, controls):
    """Serves the inbox until the test ends; call it again, with the port, for a restart."""
    servers = []

    def start(port=0, *, over=None, writes=True):
        shown = over or store
        app = create_app(
            shown,
            emails=mailbox if over is None else Mailbox(over),
            subscriptions=pending,
            trails=trails,
            pools=pools,
            writer=pools if writes else None,
            title="sandbox",
            connect=connect,
            diagnosis=DiagnosisApi(doctor),
            sandbox=controls,
        )
        server = InboxServer(app, port)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture
def visit(launched, server):
    """Opens a page of the inbox; at the end nothing must have left the machine and nothing gone wrong.

    But for `expected`: words of what the browser reports on purpose, perhaps only after the page has shown it.
    """
    contexts, requests, problems, expected = [], [], [], []

    def open_page(path="/", *, size=DESKTOP, scheme="light", permissions=(), ready="Live"):
        context = launched.new_context(
            viewport=size, color_scheme=scheme, locale="en-GB", permissions=list(permissions), reduced_motion="reduce"
        )
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        page.goto(server.url + path)
        page.get_by_text(ready, exact=True).first.wait_for()
        return page

    open_page.problems, open_page.expected = problems, expected
    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith(server.url + "/")] == []
    assert [problem for problem in problems if not any(words in problem for words in expected)] == []


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def size(request):
    return request.param
