"""A queue whose responses get lost, or come from another server than SQS."""

from __future__ import annotations

import http.server
import threading
import time
import warnings

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError

from sms_publisher import publish
from sms_redirect import SmsInbox
from sms_redirect.aws import Aws
from sms_redirect.errors import CannotReachAws
from sms_redirect.topic import receiver
from sms_redirect.topic.queue import GRACE, SHORT_POLL, TemporaryQueue
from sms_redirect.topic.receiver import Receiver

PROMISED = 5.0  # seconds until an SMS arrives although a response was lost
TOPIC = "arn:aws:sns:us-east-1:123456789012:sms"
GARBAGE = {
    "a page": b"<html>Log in to the network</html>",
    "a list": b"[]",
    "null": b"null",
    "not UTF-8": b"\xff\xfe",
    "a number of messages": b'{"Messages": 1}',
    "messages without members": b'{"Messages": [{}]}',
    "messages with other members": b'{"Messages": [{"Body": 1, "ReceiptHandle": {}}]}',
    "messages that nobody can delete": b'{"Messages": [{"Body": "x", "ReceiptHandle": "y"}]}',
}


class Garbage(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.body, self.requests = b"", 0


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.requests += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with Garbage() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def queue(server):
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    url = f"http://127.0.0.1:{server.server_port}"
    queue = TemporaryQueue(Aws(session, url), TOPIC)
    queue._url = f"{url}/123456789012/queue"
    return queue


@pytest.mark.parametrize("kind", GARBAGE)
def test_reading_garbage_slows_down_and_says_so(server, queue, kind, monkeypatch, caplog):
    monkeypatch.setattr(receiver, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(receiver, "STOP_TIMEOUT", 0.0)
    server.body, server.requests = GARBAGE[kind], 0
    given_up, delivered = [], []
    running = Receiver(queue, delivered.append, given_up.append)

    running.start()
    end = time.monotonic() + 10
    while running.trouble is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    before = server.requests
    time.sleep(0.2)  # pauses of 0.02 s, doubled each time
    after = server.requests
    trouble = running.trouble  # a stopped receiver has none
    running.stop()

    assert after - before < 20  # reads and deletions
    assert "AWS_ENDPOINT_URL" in trouble
    assert len([each for each in caplog.records if "cannot be read" in each.getMessage()]) == 1
    assert (given_up, delivered) == ([], [])


def test_a_bug_while_reading_ends_every_wait_with_a_reason(queue, monkeypatch, caplog):
    given_up = []
    monkeypatch.setattr(queue, "receive", lambda: 1 / 0)

    Receiver(queue, print, given_up.append)._run()

    assert "ZeroDivisionError" in str(given_up[0])
    assert caplog.records


@pytest.mark.parametrize("where", [{"stack_name": "x"}, {"topic_arn": TOPIC}])
@pytest.mark.parametrize("body", [b"[]", b"{}", b"<a/>"])
def test_opening_an_inbox_on_another_server_is_an_error_of_ours(server, queue, where, body):
    server.body = body

    with pytest.raises(CannotReachAws, match="not one of AWS's"), warnings.catch_warnings(action="ignore"):
        SmsInbox(**where, session=queue._aws.session, endpoint_url=queue._aws.endpoint_url).__enter__()


def test_an_sms_arrives_in_time_although_the_response_with_it_was_lost(session, sns, topic_arn):
    lost = []

    def lose_one(parsed, **_):
        if parsed.get("Messages") and not lost:
            lost.append(time.monotonic())
            raise ConnectionClosedError(endpoint_url="https://sqs")

    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        inbox._queue._reader.meta.events.register("after-call.sqs.ReceiveMessage", lose_one)
        made = publish(sns, topic_arn, 1)

        assert inbox.wait_for(timeout=PROMISED).id == made["id"]
        assert len(lost) == 1


def test_silence_is_noticed_in_time(session, topic_arn):
    """Silence from the poll's start to its end and beyond, then botocore's pause of up to a second."""
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        assert inbox._queue._reader.meta.config.read_timeout + 1 < PROMISED
        assert inbox._queue._reader.meta.config.read_timeout == SHORT_POLL + GRACE
