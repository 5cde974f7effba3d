"""A response's head and body go out together."""

import asyncio

import pytest

from sms_redirect.loopback.protocol import MOST_WAITING, OneWrite


class Transport:
    def __init__(self):
        self.written = []
        self.closed = False

    def write(self, data):
        assert not self.closed
        self.written.append(data)

    def close(self):
        self.closed = True

    def get_extra_info(self, name):
        return f"{name} of the transport"


@pytest.fixture
def transport():
    return Transport()


async def turn():
    await asyncio.sleep(0)


def test_what_is_written_in_one_turn_is_sent_at_once(transport):
    async def respond():
        one = OneWrite(transport)
        one.write(b"head ")
        one.write(b"body")
        assert transport.written == []
        await turn()
        one.write(b"next")
        await turn()

    asyncio.run(respond())

    assert transport.written == [b"head body", b"next"]


def test_what_is_waiting_is_sent_before_the_end(transport):
    async def respond():
        one = OneWrite(transport)
        one.write(b"last")
        one.close()
        await turn()

    asyncio.run(respond())

    assert transport.written == [b"last"]
    assert transport.closed


def test_a_long_response_does_not_wait(transport):
    async def respond():
        one = OneWrite(transport)
        one.write(b"x" * MOST_WAITING)
        assert transport.written == []
        one.write(b"y")
        assert transport.written == [b"x" * MOST_WAITING + b"y"]
        await turn()

    asyncio.run(respond())

    assert len(transport.written) == 1


def test_everything_else_is_the_transport_s(transport):
    assert OneWrite(transport).get_extra_info("peername") == "peername of the transport"
