"""One server thread for the inbox and the sandbox."""

import asyncio
import http.client
import socket
import threading
from contextlib import closing, suppress

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sms_redirect.loopback import HOST, CannotListen, listen
from sms_redirect.loopback.protocol import HEAD_LIMIT
from sms_redirect.loopback.server import DidNotStart, Server

LONG = 20.0


async def hello(_):
    return PlainTextResponse("hello")


def application(_loop):
    return Starlette(routes=[Route("/", hello)])


def get(port):
    with closing(http.client.HTTPConnection(HOST, port, timeout=LONG)) as connection:
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
        return response


def test_it_serves_from_its_start_until_it_is_stopped():
    listener = listen(0)
    port = listener.getsockname()[1]
    server = Server("hello", [listener], application)
    server.start(LONG)

    response = get(port)
    server.stop(LONG)

    assert response.status == 200
    assert response.getheader("server") is None
    with pytest.raises(ConnectionRefusedError):
        get(port)


def test_an_application_that_cannot_be_built_is_an_error_of_the_start():
    def broken(_loop):
        raise LookupError("no emulator")

    server = Server("broken", [listen(0)], broken)

    with pytest.raises(DidNotStart, match="no emulator") as caught:
        server.start(LONG)

    assert isinstance(caught.value.__cause__, LookupError)
    server.stop(LONG)


def test_an_application_whose_start_fails_is_an_error_of_the_start():
    async def failing(scope, receive, send):
        raise LookupError("no folder")

    server = Server("failing", [listen(0)], lambda _loop: failing)

    with pytest.raises(DidNotStart, match="no folder"):
        server.start(LONG)

    server.stop(LONG)


def test_an_application_that_never_starts_is_an_error_of_the_start():
    async def never(scope, receive, send):
        await receive()
        await receive()

    server = Server("never", [listen(0)], lambda _loop: never)

    with pytest.raises(DidNotStart, match=r"within 0\.1 s"):
        server.start(0.1)

    server.stop(0)


def test_stop_calls_what_comes_first_in_the_loops_thread():
    called = []
    server = Server("first", [listen(0)], application)
    server.start(LONG)

    server.stop(LONG, first=lambda: called.append(threading.current_thread().name))

    assert called == ["first"]


@pytest.fixture
def port():
    listener = listen(0)
    server = Server("hello", [listener], application)
    port = listener.getsockname()[1]
    server.start(LONG)
    yield port
    server.stop(LONG)


@pytest.mark.parametrize("head", [b"GET /" + b"a" * HEAD_LIMIT, b"GET / HTTP/1.1\r\nHost: " + b"a" * HEAD_LIMIT])
def test_a_head_that_does_not_end_is_refused(port, head):
    with socket.create_connection((HOST, port), timeout=LONG) as connection:
        with suppress(OSError):  # it is closed while we write
            connection.sendall(head + b"a" * HEAD_LIMIT)

        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_request_under_way_is_cancelled_when_the_server_stops_and_nothing_is_logged(caplog):
    under_way = threading.Event()

    async def endless(_):
        under_way.set()
        await asyncio.sleep(LONG)

    listener = listen(0)
    port = listener.getsockname()[1]
    server = Server("endless", [listener], lambda _loop: Starlette(routes=[Route("/", endless)]))
    server.start(LONG)
    with socket.create_connection((HOST, port), timeout=LONG) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert under_way.wait(LONG)

        server.stop(LONG)

    assert caplog.records == []


def test_a_taken_port_says_what_to_do():
    with listen(0) as taken, pytest.raises(CannotListen, match="choose another port"):
        listen(taken.getsockname()[1])
