"""No body is read further than it may be long, and no reader of JSON gets what it would stumble over."""

import asyncio
import json

import pytest

from arrivals_at_the_door import incoming
from sms_redirect.sandbox.doors import bodies
from sms_redirect.sandbox.doors.refusals import Malformed, TooLarge

MOST = 1000


class Sender:
    """Sends chunks as a server hands them out, and counts what was asked for."""

    def __init__(self, *chunks):
        self._chunks = list(chunks)
        self.taken = 0

    async def receive(self):
        if not self._chunks:
            return {"type": "http.disconnect"}
        self.taken += 1
        return {"type": "http.request", "body": self._chunks.pop(0), "more_body": bool(self._chunks)}


def read(sender, **headers):
    return asyncio.run(bodies.read(sender.receive, incoming(headers=headers), MOST))


def test_a_body_comes_back_whole():
    assert read(Sender(b"a" * 400, b"b" * 600)) == b"a" * 400 + b"b" * 600


def test_a_client_that_goes_away_leaves_nothing():
    assert read(Sender()) is None


def test_a_body_that_says_it_is_too_long_is_not_kept():
    with pytest.raises(TooLarge, match="1000 bytes"):
        read(Sender(b"a"), Content_Length="1001")


@pytest.mark.parametrize("chunks", [[b"a" * 1001], [b"a" * 500] * 3, [b"a"] * 1001])
def test_a_body_that_does_not_say_so_neither(chunks):
    with pytest.raises(TooLarge):
        read(Sender(*chunks))


def test_what_follows_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)

    class Endless(Sender):
        async def receive(self):
            if self.taken:
                await asyncio.sleep(60)
            self.taken += 1
            return {"type": "http.request", "body": b"a" * 5000, "more_body": True}

    with pytest.raises(TooLarge):
        read(Endless())


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 101 + b"]" * 101,
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b"{",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_json_that_no_reader_should_be_given_is_refused(body):
    with pytest.raises(Malformed):
        bodies.check_json(body)


@pytest.mark.parametrize(
    "value", [{}, [], {"a": "\U0001f600"}, {"a": "[" * 5000}, {"a": ['"[', "\\"] * 200}, [[[1]]] * 200, 1, "text"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_other_json_passes(value, ascii_only):
    bodies.check_json(json.dumps(value, ensure_ascii=ascii_only).encode())


def test_nothing_counts_as_an_empty_document():
    bodies.check_json(b"")


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/", [("Content-Length", "1"), ("Transfer-Encoding", "chunked")]),
        ("/", [("X-Amz-Target", "a"), ("X-Amz-Target", "b")]),
        ("/", [("Host", "127.0.0.1")]),
        ("/a%00b", []),
        ("/?a=%00", []),
        ("http://127.0.0.1/", []),
        ("*", []),
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(url, headers):
    with pytest.raises(Malformed):
        incoming(url=url, headers=headers)
