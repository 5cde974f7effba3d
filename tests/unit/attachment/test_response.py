"""CloudFormation always gets one response, and its pre-signed URL is nowhere to be read."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_stack import URL, FakeTime
from pool_attachment.errors import UndeliveredError
from pool_attachment.request import Envelope
from pool_attachment.response import Response, body, put_to_url, send

ENVELOPE = Envelope(URL, "arn:stack", "request-1", "Attachment", "sms-redirect:eu-west-1_A")
RESPONSE = Response(
    succeeded=True, reason="Attached.", physical_id="sms-redirect:eu-west-1_A", data={"UserPoolId": "x"}
)


class Puts:
    """A PUT that goes wrong in the ways given, one after the other, and then right."""

    def __init__(self, *outcomes):
        self.outcomes, self.bodies = list(outcomes), []

    def __call__(self, url, content):
        assert url == URL
        self.bodies.append(content)
        outcome = self.outcomes.pop(0) if self.outcomes else 200
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_the_response_has_what_cloudformation_asks_for():
    assert json.loads(body(RESPONSE, ENVELOPE)) == {
        "Status": "SUCCESS",
        "Reason": "Attached.",
        "PhysicalResourceId": "sms-redirect:eu-west-1_A",
        "StackId": "arn:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "Attachment",
        "Data": {"UserPoolId": "x"},
    }


@given(st.text(min_size=500, max_size=3000), st.text(max_size=5000))
def test_any_reason_fits(reason, physical_id):
    content = body(Response(succeeded=False, reason=reason, physical_id=physical_id), ENVELOPE)

    assert len(content) < 4096
    assert json.loads(content)["Status"] == "FAILED"


@pytest.mark.parametrize("length", [1024, 1025])
def test_an_id_has_at_most_1024_bytes(length):
    physical_id = json.loads(body(Response(True, "", "x" * length), ENVELOPE))["PhysicalResourceId"]

    assert len(physical_id) == 1024
    assert physical_id.endswith("..." if length > 1024 else "x")


def test_half_a_character_is_replaced():
    assert json.loads(body(Response(False, "a\ud800" * 600, "id"), ENVELOPE))["Reason"].startswith("a?")


def test_what_to_do_next_is_never_cut():
    reason = json.loads(body(Response(False, "é" * 2000, "id", next_step="Run this."), ENVELOPE))["Reason"]

    assert reason.endswith("... Run this.")
    assert len(reason.encode()) <= 900


@pytest.mark.parametrize(("length", "end"), [(900, "x"), (901, "...")])
def test_a_reason_has_at_most_900_bytes(length, end):
    reason = json.loads(body(Response(False, "x" * length, "id"), ENVELOPE))["Reason"]

    assert (len(reason), reason.endswith(end)) == (900, True)


def test_a_long_reason_shows_that_it_goes_on():
    assert json.loads(body(Response(False, "é" * 2000, "id"), ENVELOPE))["Reason"].endswith("é...")


@pytest.mark.parametrize("outcome", [503, 307, TimeoutError(), ConnectionResetError(), http.client.BadStatusLine("")])
def test_what_may_pass_is_tried_again(outcome):
    puts = Puts(outcome, outcome)

    send(RESPONSE, ENVELOPE, puts, FakeTime().clock())

    assert len(puts.bodies) == 3


@pytest.mark.parametrize("status", [400, 403, 499])
def test_an_expired_url_is_not_tried_again(status):
    puts, time = Puts(status), FakeTime()

    with pytest.raises(UndeliveredError, match=f"HTTP {status}"):
        send(RESPONSE, ENVELOPE, puts, time.clock())

    assert (len(puts.bodies), time.slept) == (1, [])


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_response_that_was_taken_is_not_sent_again(status):
    puts, time = Puts(status), FakeTime()

    send(RESPONSE, ENVELOPE, puts, time.clock())

    assert (len(puts.bodies), time.slept) == (1, [])


@pytest.mark.parametrize("status", [199, 300, 399, 500])
def test_five_attempts_are_made_with_growing_waits_between_them(status):
    puts, time = Puts(*[status] * 9), FakeTime()

    with pytest.raises(UndeliveredError, match=f"HTTP {status}"):
        send(RESPONSE, ENVELOPE, puts, time.clock())

    assert len(puts.bodies) == 5
    assert time.slept == pytest.approx([0.2, 0.4, 0.8, 1.6])


def test_the_error_of_a_failed_response_does_not_tell_the_url():
    puts = Puts(*[http.client.InvalidURL(f"no good: {URL}") for _ in range(9)])

    with pytest.raises(UndeliveredError) as unanswered:
        send(RESPONSE, ENVELOPE, puts, FakeTime().clock())

    assert "topsecret" not in str(unanswered.value)
    assert unanswered.value.__cause__ is None
    assert unanswered.value.__context__ is None
    assert "InvalidURL" in str(unanswered.value)


@pytest.fixture
def bucket():
    """An S3 of one request: `seen` is its method, headers and body; the path is the status to answer with."""
    seen = {}

    class Bucket(BaseHTTPRequestHandler):
        def do_PUT(self):
            seen.update(headers=dict(self.headers), body=self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(int(self.path.strip("/")))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Bucket) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


def test_it_is_put_without_a_content_type_as_the_url_was_signed(bucket):
    url, seen = bucket

    assert put_to_url(f"{url}/200", b"{}") == 200

    assert seen["body"] == b"{}"
    assert seen["headers"]["Content-Type"] == ""


def test_an_error_status_is_returned(bucket):
    assert put_to_url(f"{bucket[0]}/403", b"{}") == 403
