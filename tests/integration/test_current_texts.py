"""The pool's text at this moment is shown, whichever instance of the sender handles the SMS."""

import json
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cognito_codes import encrypt
from pool_attachment.pool import Aws
from sender_world import event

INSTANCES = 10
NUMBER_PREFIX = "+1206556"


@dataclass(frozen=True)
class Change:
    """A text of the pool, and when Cognito was asked for it and had taken it (UTC)."""

    text: str
    asked_at: datetime
    made_at: datetime


@dataclass(frozen=True)
class Shown:
    """What one instance, a process, published; `warm` if it had handled an SMS before."""

    document: dict[str, Any]
    process: int
    warm: bool

    @property
    def template(self):
        return self.document["template_text"], self.document["template_source"]

    @property
    def warnings(self):
        return [each["code"] for each in self.document["warnings"]]

    @property
    def read_at(self):
        return datetime.fromisoformat(self.document["template_read_at"])


@pytest.fixture
def ran_in(sandbox, monkeypatch):
    """By phone number: the process that handled its event, and whether it was warm. Each event waits for nine others.

    So ten instances are at work at once: the emulator would else give a second event to the one that is free.
    """
    from ministack.core.lambda_runtime import Worker

    original, together = Worker.invoke, threading.Barrier(INSTANCES, timeout=60)
    processes: dict[str, tuple[int, bool]] = {}

    def invoke(worker, handled, *arguments, **named):
        ours = NUMBER_PREFIX in json.dumps(handled)
        if ours:
            together.wait()
        response = original(worker, handled, *arguments, **named)
        if ours:
            number = handled["request"]["userAttributes"]["phone_number"]
            processes[number] = worker._proc.pid, not response["cold_start"]
        return response

    monkeypatch.setattr(Worker, "invoke", invoke)
    return processes


@pytest.fixture
def ten_at_once(session, stack, running_sandbox, ran_in) -> Callable[[], list[Shown]]:
    """Sends a code through ten instances of the sender at once, and returns what each has published."""
    functions, kms = session.client("lambda"), session.client("kms")
    name, pool_id = stack["SenderFunctionName"], stack["UserPoolId"]
    documents: dict[str, dict[str, Any]] = {}

    def receive(_topic_arn, text):
        document = json.loads(text)
        documents[document["phone_number"]] = document

    def invoke(number):
        code = encrypt("123456", pool_id, kms=kms, key_arn=stack["KmsKeyArn"])
        payload = event(code=code, userPoolId=pool_id, attributes={"sub": f"sub{number}", "phone_number": number})
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(payload))
        assert "FunctionError" not in answer, answer["Payload"].read()

    def ten_at_once():
        numbers = [f"{NUMBER_PREFIX}{len(documents) + each:04d}" for each in range(INSTANCES)]
        with ThreadPoolExecutor(INSTANCES) as threads:
            list(threads.map(invoke, numbers))
        deadline = time.monotonic() + 20
        while not documents.keys() >= set(numbers):
            assert time.monotonic() < deadline, f"{len(documents)} arrived"
            time.sleep(0.01)
        return [Shown(documents[number], *ran_in[number]) for number in numbers]

    running_sandbox.mailroom.on_publish(receive)
    return ten_at_once


@pytest.fixture
def change(session, stack) -> Callable[[str], Change]:
    """Changes the pool's text, and returns when Cognito has answered: from then on it is the text."""
    with closing(Aws.of(session)) as aws:
        pool = aws.pool(stack["UserPoolId"])
        known = {"UserPoolId": pool.pool_id, **pool.settings().update}

        def change(text):
            asked_at = datetime.now(UTC)
            pool.update(known | {"SmsVerificationMessage": text, "VerificationMessageTemplate": {"SmsMessage": text}})
            return Change(text, asked_at, datetime.now(UTC))

        yield change
        pool.update(known)


@pytest.fixture
def unreadable(sandbox, monkeypatch):
    """A context in which DescribeUserPool fails for as many of its callers, also when they retry."""
    original = sandbox.pools.respond

    @contextmanager
    def unreadable(status, name, callers):
        calls: dict[str, bool] = {}  # by botocore's id of a call, which retries share: whether it fails

        async def respond(operation, body, headers):
            if operation == "DescribeUserPool":
                fails = calls.setdefault(headers["amz-sdk-invocation-id"], len(calls) < callers)
                if fails:
                    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps({"__type": name}).encode()
            return await original(operation, body, headers)

        with monkeypatch.context() as patch:
            patch.setattr(sandbox.pools, "respond", respond)
            yield

    return unreadable


@pytest.fixture
def instances(change, ten_at_once):
    """The processes of ten warm instances, each of which has seen and shown the text "First"."""
    first = change("First {####}")
    shown = ten_at_once()
    assert [each.template for each in shown] == [(first.text, "pool")] * INSTANCES
    processes = {each.process for each in shown}
    assert len(processes) == INSTANCES
    return processes


def test_two_changes_within_a_second_reach_ten_instances_at_once(instances, change, ten_at_once):
    """Each instance has seen the first text; none shows it, or the second, as the pool's once it was changed."""
    second, third = change("Second {####}"), change("Third {####}")
    shown = ten_at_once()

    assert third.made_at - second.asked_at < timedelta(seconds=1)
    assert {each.process for each in shown} == instances
    assert all(each.warm for each in shown)
    for each in shown:
        assert each.document["text"] == "Third 123456"
        assert each.template == (third.text, "pool")
        assert each.read_at >= third.made_at.replace(microsecond=0)
        assert each.warnings == []


@pytest.mark.parametrize(
    ("status", "name", "failing"),
    [
        (400, "TooManyRequestsException", INSTANCES),
        (500, "InternalErrorException", INSTANCES),
        (400, "TooManyRequestsException", INSTANCES // 2),
    ],
)
def test_an_older_text_says_so_with_its_age_while_the_pool_cannot_be_read(
    instances, change, ten_at_once, unreadable, status, name, failing
):
    second = change("Second {####}")
    with unreadable(status, name, failing):
        shown = ten_at_once()
    afterwards = ten_at_once()

    assert [{each.process for each in ten} for ten in (shown, afterwards)] == [instances, instances]
    older = [each for each in shown if each.template == ("First {####}", "cached")]
    current = [each for each in [*shown, *afterwards] if each.template == (second.text, "pool")]
    assert (len(older), len(current)) == (failing, 2 * INSTANCES - failing)
    assert [each.warnings for each in current] == [[]] * len(current)
    for each in older:
        assert each.read_at < second.made_at
        assert each.warnings == ["template-not-read"]
        words = f"\\({name}\\).* the last known text, read (\\d+) s ago, at {each.read_at:%Y-%m-%d %H:%M:%S} UTC"
        age = re.search(words, each.document["warnings"][0]["text"])
        assert age, each.document["warnings"]
        sent_at = datetime.fromisoformat(each.document["sent_at"])
        assert int(age[1]) == pytest.approx((sent_at - each.read_at).total_seconds(), abs=2)
