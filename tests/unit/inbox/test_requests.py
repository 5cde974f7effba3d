"""What is sent to the inbox is bounded and clear, and what is not there says what is."""

from __future__ import annotations

import contextlib
import http.client
import socket

import pytest

from inbox_client import PATIENCE
from sms_documents import sms


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/messages", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/messages/next", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/messages/0123", "DELETE, GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
        ("/static/inbox.js", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_and_a_refused_method_list_the_methods(client, path, methods):
    options, refused = client.request("OPTIONS", path), client.request("PUT", path)

    assert (options.status, options.headers["allow"], options.body) == (204, methods, b"")
    assert refused.status == 405
    assert refused.headers.get("allow", methods) == methods


def test_there_are_no_methods_of_what_is_not_there(client):
    assert client.request("OPTIONS", "/none").status == 404


def raw(port, *lines, body=b""):
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        host = f"Host: 127.0.0.1:{port}"
        connection.sendall("\r\n".join((lines[0], host, *lines[1:], "Connection: close", "", "")).encode() + body)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Host: localhost",),
        ("Authorization: a", "Authorization: b"),
        ("Content-Length: 2", "Content-Length: 3"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(server, lines):
    assert raw(server.port, "DELETE /api/messages HTTP/1.1", *lines, body=b"{}").startswith(b"HTTP/1.1 400")


def test_a_long_body_is_refused_before_it_is_read(server):
    assert raw(server.port, "DELETE /api/messages HTTP/1.1", "Content-Length: 2000000").startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("query", ["failed=", "failed=%20", "failed=TRUE", "failed=1"])
def test_failed_is_true_or_false(client, store, query):
    store.add(sms(1))

    answer = client.get(f"/api/messages?{query}")

    assert answer.status == 400
    assert answer.json["parameter"] == "failed"


@pytest.mark.parametrize("target", ["/api/messages?text=%00", "/api/messages/%00", "/api/messages?user_name=%ED%A0%80"])
def test_no_character_is_an_error_of_the_server(client, target):
    assert client.get(target).status < 500


@pytest.mark.parametrize("target", ["/api/messages?text=a%00", "/api/messages/next?user_name=%00&wait=0"])
def test_nul_is_refused(client, target):
    assert client.get(target).status == 400


def test_a_body_in_pieces_is_counted(server):
    """Nothing in the inbox reads a body, so it takes a long one without a length for none."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    with contextlib.suppress(BrokenPipeError):  # the server may respond before it has read everything
        connection.request("DELETE", "/api/messages", iter([b"a" * 1000] * 10), encode_chunked=True)

    assert connection.getresponse().status in {200, 413}
    connection.close()
