from __future__ import annotations

import pytest

from doctor_reports import BROKEN
from fake_controls import FakeControls
from inbox_client import Client
from inbox_pages import Mailbox, Pending
from preview_pools import FakePools
from sms_redirect.inbox.diagnosis import DiagnosisApi
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.messages.store import SmsStore


@pytest.fixture
def store():
    return SmsStore()


@pytest.fixture
def pending():
    return Pending()


@pytest.fixture
def pools():
    return FakePools()


@pytest.fixture
def controls():
    return FakeControls()


@pytest.fixture
def server(store, pending, pools, controls):
    app = create_app(
        store,
        emails=Mailbox(store),
        subscriptions=pending,
        pools=pools,
        writer=pools,
        title="sandbox",
        diagnosis=DiagnosisApi(lambda _subject: BROKEN),
        sandbox=controls,
    )
    with InboxServer(app, 0) as running:
        yield running


@pytest.fixture
def client(server):
    return Client(server.port)
