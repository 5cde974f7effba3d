"""`sms-redirect wait` and `sms-redirect inbox` over the deployed stack, as programs of their own."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from inbox_client import Client
from sms_publisher import publish
from sms_redirect.topic.permissions import QUEUE_PREFIX

PROGRAM = [str(Path(sys.executable).with_name("sms-redirect"))]
SIGN_UP = """
import sys, boto3
print("signing up")
boto3.client("cognito-idp").sign_up(
    ClientId=sys.argv[1], Username="wait" + sys.argv[2], Password="Passw0rd!",
    UserAttributes=[{"Name": "phone_number", "Value": sys.argv[2]}],
)
"""


@pytest.fixture
def queues(session, stack):
    """The queues of this test; other tests may keep theirs open."""

    def present():
        return session.client("sqs").list_queues(QueueNamePrefix=QUEUE_PREFIX).get("QueueUrls", [])

    before = present()
    return lambda: [each for each in present() if each not in before]


def run(*arguments):
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=120)


@contextmanager
def started(*arguments, until):
    """A running command that has said `until` on stderr; it is ended by SIGINT, and what it printed is `result`."""
    process = subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if until in line:
                break
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def test_wait_runs_the_command_and_prints_only_the_code(client_id, phone_number, cognito, queues):
    done = run("wait", "--phone-number", phone_number, "--", sys.executable, "-c", SIGN_UP, client_id, phone_number)

    assert done.returncode == 0, done.stderr
    assert "signing up" in done.stderr
    cognito.confirm_sign_up(ClientId=client_id, Username=f"wait{phone_number}", ConfirmationCode=done.stdout.strip())
    assert done.stdout == done.stdout.strip() + "\n"
    assert queues() == []


def test_wait_with_json_prints_the_document(client_id, phone_number):
    done = run(
        *("wait", "--json", "--flow", "SignUp", "--phone-number", phone_number),
        *("--", sys.executable, "-c", SIGN_UP, client_id, phone_number),
    )

    document = json.loads(done.stdout)
    assert (document["flow"], document["phone_number"]) == ("SignUp", phone_number)
    assert document["code"] in document["text"]


def test_wait_without_a_command_waits_for_any_sms(session, stack):
    with started("wait", "--user-name", "walter", until="Waiting") as waiting:
        made = publish(session.client("sns"), stack["TopicArn"], 77, user_name="walter")

        assert waiting.stdout.readline() == f"{made['code']}\n"
        assert waiting.wait(30) == 0


def test_wait_says_what_to_check_if_nothing_arrives(stack, queues):
    done = run("wait", "--timeout", "1", "--phone-number", "+12065559998")

    assert (done.returncode, done.stdout) == (1, "")
    assert "No SMS to +12065559998 arrived within 1 s" in done.stderr
    assert "Check:" in done.stderr
    assert queues() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_wait_leaves_nothing_when_it_is_terminated(stack, queues, number):
    with started("wait", until="Waiting") as waiting:
        assert len(queues()) == 1
        waiting.send_signal(number)
        assert waiting.wait(30) != 0

    assert queues() == []


def test_a_command_that_fails_ends_the_wait_at_once(stack, queues):
    before = time.monotonic()

    done = run("wait", "--timeout", "600", "--", sys.executable, "-c", "raise SystemExit(3)")

    assert done.returncode == 1
    assert "failed with exit code 3" in done.stderr
    assert time.monotonic() - before < 120
    assert queues() == []


def test_inbox_shows_what_the_stack_sends_after_its_start(session, stack, queues):
    with started("inbox", "--port", "0", "--json", until="Ctrl-C") as running:
        ready = json.loads(running.stdout.readline())
        inbox = Client(int(ready["inbox_url"].rpartition(":")[2]))
        made = publish(session.client("sns"), stack["TopicArn"], 78, user_name="ines")

        found = inbox.json("/api/messages/next?user_name=ines&wait=20")

        assert found["code"] == made["code"]
        assert ready["topic_arn"] == stack["TopicArn"]
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0
    assert queues() == []


def test_the_next_inbox_removes_the_queue_of_a_killed_one(stack, queues):
    with started("inbox", "--port", "0", until="Ctrl-C") as running:
        running.kill()
        running.wait(30)
        (left,) = queues()

    with started("inbox", "--port", "0", until="Ctrl-C"):
        (used,) = queues()
        assert used != left
    assert queues() == []


def test_inbox_sweep_removes_what_a_killed_run_left_behind(stack, queues):
    with started("inbox", "--port", "0", until="Ctrl-C") as running:
        running.kill()
        running.wait(30)

    done = run("inbox", "--sweep", "--json")

    assert len(json.loads(done.stdout)["queues"]) == 1
    assert queues() == []


def test_inbox_ends_when_its_queue_is_deleted(session, stack, queues):
    with started("inbox", "--port", "0", until="Ctrl-C") as running:
        (url,) = queues()
        sqs = session.client("sqs")
        sqs.send_message(QueueUrl=url, MessageBody="ends the poll that is under way")
        sqs.delete_queue(QueueUrl=url)

        _, said = running.communicate(timeout=60)

    assert running.returncode == 1
    assert "was deleted while it was in use" in said
