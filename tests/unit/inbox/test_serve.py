from __future__ import annotations

import socket
import threading

import pytest

from inbox_client import Client
from sms_redirect.inbox import serve
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.loopback import HOST, CannotListen
from sms_redirect.messages.store import SmsStore


@pytest.fixture
def taken():
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_an_error_that_says_what_to_do(taken):
    with pytest.raises(CannotListen, match=f"Port {taken} .*choose another"):
        InboxServer(create_app(SmsStore()), taken).start()


def test_another_port_is_used_if_the_usual_one_is_taken(taken, monkeypatch):
    monkeypatch.setattr(serve, "USUAL_PORT", taken)

    with InboxServer(create_app(SmsStore())) as server:
        assert server.port != taken
        assert Client(server.port).get("/").status == 200


def test_the_usual_port_is_used_if_it_is_free(taken, monkeypatch):
    free = InboxServer(create_app(SmsStore()), 0)
    free.start()
    free.stop()
    monkeypatch.setattr(serve, "USUAL_PORT", free.port)

    with InboxServer(create_app(SmsStore())) as server:
        assert server.port == free.port


def test_only_this_machine_is_served():
    with InboxServer(create_app(SmsStore()), 0) as server, socket.socket() as probe:
        assert server.url == f"http://127.0.0.1:{server.port}"
        # Another address of this machine is still free on that port, so nothing listens there.
        probe.bind(("127.0.0.2", server.port))


def test_stopping_closes_the_port_and_ends_the_thread():
    with InboxServer(create_app(SmsStore()), 0) as server:
        assert "inbox" in {thread.name for thread in threading.enumerate()}

    assert "inbox" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(ConnectionRefusedError):
        Client(server.port).get("/")


def test_stopping_twice_or_before_the_start_is_harmless():
    server = InboxServer(create_app(SmsStore()), 0)
    server.stop()
    server.start()

    server.stop()
    server.stop()
