"""The control API says what is wrong with a request, and what there is."""

import http.client
import json
import threading

import pytest

from inbox_client import Client
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.token import Token
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.doors.control import Control
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.incidents import Incidents

TOKEN = Token("a-token-of-this-test")


class NoMails:
    def documents(self):
        return []

    def scan_links(self, _email):
        return False


class AnyLimits:
    enabled = True


def application(token=None):
    control = Control(
        clock=Clock(),
        harshness=None,
        limits=AnyLimits(),
        sender_fault=Fault(["fail"]),
        pool_fault=Fault([]),
        incidents=Incidents(),
        mails=NoMails(),
        emails=SmsStore(),
        token=token,
    ).application()
    control.state.closing = threading.Event()
    return control


@pytest.fixture
def client():
    with InboxServer(application(), 0) as server:
        yield Client(server.port)


def post(client, path, body, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    connection.request("POST", f"/_sandbox/{path}", body, headers)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000, b'{"email": "\\ud800"}', b"\xff", b"{", b"null", b"[]", b'{"email": 1}', b'{"email": "a\x00"}',
        b'{"email": "\\u0000"}', b'{"advance_seconds": NaN}', b'{"advance_seconds": 1e999}', b'{"times": true}',
    ],
    ids=lambda body: repr(body[:30]),
)  # fmt: skip
@pytest.mark.parametrize("path", ["link-scanner", "clock", "sender", "limits"])
def test_a_bad_body_is_a_400_that_says_what_is_expected(client, path, body):
    status, answer = post(client, path, body)

    assert status == 400
    assert answer["error"].startswith("Expected ")


def test_a_long_body_is_a_413(client):
    assert post(client, "clock", b"a" * 2_000_000)[0] == 413
    assert post(client, "clock", iter([b"a" * 10_000] * 110))[0] == 413


def test_options_lists_the_methods(client):
    assert client.request("OPTIONS", "/_sandbox/clock").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    refused = client.request("DELETE", "/_sandbox/clock")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/_sandbox"), ("GET", "/_sandbox/none"), ("POST", "/_sandbox/mails")]
)
def test_what_is_not_there_says_what_is(client, method, path):
    answer = client.request(method, path)

    assert answer.status in {404, 405}
    assert "GET /_sandbox/clock, " in answer.json["error"]


def test_a_token_is_asked_for():
    with InboxServer(application(TOKEN), 0) as server:
        client = Client(server.port)

        assert client.get("/_sandbox/mails").status == 401
        assert client.request("GET", "/_sandbox/mails", {"Authorization": f"Bearer {TOKEN.value}"}).json == {
            "mails": []
        }
