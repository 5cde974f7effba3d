"""A response is as long as it says, and open to the pages that the door lets read it."""

import asyncio

import pytest

from sms_redirect.sandbox.doors.reply import Reply


def sent(*messages, cors=None, has_body=True):
    out = []

    async def send(message):
        out.append(message)

    async def run():
        reply = Reply(send, cors or {}, has_body=has_body)
        for message in messages:
            await reply.send(message)

    asyncio.run(run())
    return out


def start(*headers, status=200):
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content, more=False):
    return {"type": "http.response.body", "body": content, "more_body": more}


@pytest.mark.parametrize("length", [b"0", b"2", b"5000"])
def test_a_wrong_length_is_put_right(length):
    first, _ = sent(start((b"Content-Length", length), (b"a", b"b")), body(b"{...}"))

    assert first["headers"] == [(b"a", b"b"), (b"content-length", b"5")]


def test_a_response_in_pieces_keeps_its_headers():
    first, *rest = sent(start((b"Transfer-Encoding", b"chunked")), body(b"a", more=True), body(b"b"))

    assert first["headers"] == [(b"Transfer-Encoding", b"chunked")]
    assert [message["body"] for message in rest] == [b"a", b"b"]


@pytest.mark.parametrize(("status", "has_body"), [(204, True), (304, True), (200, False)])
def test_one_without_a_body_is_left_alone(status, has_body):
    first, _ = sent(start((b"etag", b"x"), status=status), body(b""), has_body=has_body)

    assert first["headers"] == [(b"etag", b"x")]


def test_the_door_says_which_pages_may_read_it():
    star = (b"Access-Control-Allow-Origin", b"*")

    assert sent(start(star), body(b""))[0]["headers"] == [(b"content-length", b"0")]
    own = sent(start(star), body(b""), cors={"Access-Control-Allow-Origin": "http://localhost:3000"})
    assert (b"access-control-allow-origin", b"http://localhost:3000") in own[0]["headers"]
    assert star not in own[0]["headers"]
