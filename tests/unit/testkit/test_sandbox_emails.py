"""`wait_for(email=...)`: reads a sandbox's emails while a test waits, and says where there are none."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from email_documents import document, email
from sms_redirect import BadInput, CannotReachAws, SmsFailed, SmsInbox, SmsTimeout
from sms_redirect.testkit.filter import Filter
from sms_redirect.testkit.report import line
from sms_redirect.testkit.sandbox_emails import SandboxEmails

ALICE = "alice@example.com"


class Sandbox(ThreadingHTTPServer):
    """Its control API, as far as emails go."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.documents, self.asked, self.status = [], [], 200
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        (since,) = parse_qs(urlsplit(self.path).query)["since"]
        server.asked.append((urlsplit(self.path).path, since, self.headers.get("Authorization")))
        start = int(since.partition("-")[2]) if since.startswith("abcdabcd-") else 0
        found = server.documents[start:]
        body = json.dumps({"emails": found, "cursor": f"abcdabcd-{len(server.documents)}"}).encode()
        self.send_response(server.status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def sandbox():
    with Sandbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def inbox(session, topic_arn, sandbox):
    """Over the fake AWS; only its emails come from the sandbox."""
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        inbox._emails = SandboxEmails(sandbox.url, inbox._arrivals.add)
        yield inbox


def test_an_email_that_is_there_is_returned_once(inbox, sandbox):
    sandbox.documents += [document(1), document(2, email="bob@example.com"), document(3)]

    assert inbox.wait_for(email=ALICE, timeout=0) == email(1)
    assert inbox.wait_for(email="Alice@Example.com", timeout=0) == email(3)
    assert inbox.messages(email=ALICE) == [email(1), email(3)]
    assert inbox.messages() == []
    with pytest.raises(SmsTimeout, match="No email to alice@example"):
        inbox.wait_for(email=ALICE, timeout=0)


def test_an_email_that_comes_later_is_awaited(inbox, sandbox):
    threading.Timer(0.1, sandbox.documents.append, [document(1)]).start()

    assert inbox.wait_for(email=ALICE, flow="SignUp", timeout=20).code == "000001"


def test_so_do_tasks(inbox, sandbox):
    async def both():
        waits = [inbox.wait_for_async(email=each, timeout=20) for each in (ALICE, "bob@example.com")]
        threading.Timer(0.1, sandbox.documents.extend, [[document(2, email="bob@example.com"), document(1)]]).start()
        return await asyncio.gather(*waits)

    first, second = asyncio.run(both())

    assert (first.email, second.email) == (ALICE, "bob@example.com")


def test_nobody_reads_while_nobody_waits(inbox, sandbox):
    with pytest.raises(SmsTimeout):
        inbox.wait_for(email=ALICE, timeout=0.1)
    while inbox._emails._thread:
        pass
    asked = len(sandbox.asked)

    with pytest.raises(SmsTimeout):
        inbox.wait_for(phone_number="+12065550100", timeout=0.2)

    assert len(sandbox.asked) == asked


def test_what_came_before_a_clear_is_forgotten(inbox, sandbox):
    inbox.clear()
    inbox.messages(email=ALICE)

    (_, since, _) = sandbox.asked[-1]
    assert since.startswith("20")  # a time, no cursor of before


def test_a_failure_says_why(inbox, sandbox):
    sandbox.documents.append(document(1, failure={"reason": "The sender failed.", "hint": "See its log."}))

    with pytest.raises(SmsFailed, match=r"SignUp email to alice@example\.com cannot be shown\. The sender failed\."):
        inbox.wait_for(email=ALICE, timeout=0)


def test_the_token_goes_along(inbox, sandbox, monkeypatch):
    monkeypatch.setenv("SMS_REDIRECT_TOKEN", "secret")
    inbox.messages(email=ALICE)
    sandbox.status = 401

    assert sandbox.asked[-1][::2] == ("/_sandbox/emails", "Bearer secret")
    with pytest.raises(BadInput, match="SMS_REDIRECT_TOKEN"):
        inbox.messages(email=ALICE)


def test_on_a_deployed_stack_there_are_none(session, topic_arn, sandbox):
    sandbox.status = 404
    with SmsInbox(topic_arn=topic_arn, session=session) as inbox:
        for endpoint in (None, "https://sns.eu-west-1.amazonaws.com", sandbox.url):
            inbox._emails = SandboxEmails(endpoint, inbox._arrivals.add)
            with pytest.raises(BadInput, match="in a sandbox only"):
                inbox.wait_for(email=ALICE)
        inbox._emails = SandboxEmails("http://127.0.0.1:9", inbox._arrivals.add)
        with pytest.raises(CannotReachAws, match="does not respond"):
            inbox.wait_for(email=ALICE)


@pytest.mark.parametrize("wrong", [{"email": "alice"}, {"email": ALICE, "phone_number": "+12065550100"}])
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(BadInput, match="email"):
        Filter(**wrong)


def test_an_email_in_a_line_without_its_code():
    assert line(email(1)) == f"10:00:00Z SignUp email to {ALICE}, user alice, code ******"
    assert line(email(1, code=None, link="http://x")).endswith("with a link")
