"""The pool's text at this moment is shown, whichever instance of the sender handles the SMS."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest

from cognito_codes import encrypt
from pool_attachment.pool import Aws
from sender_world import event

INSTANCES = 10


@pytest.fixture
def instances(session, stack, sandbox):
    """Sends a code through as many instances of the sender at once; returns when each has published."""
    functions, kms = session.client("lambda"), session.client("kms")
    name, pool_id = stack["SenderFunctionName"], stack["UserPoolId"]

    def invoke(number):
        code = encrypt(f"{number:06d}", pool_id, kms=kms, key_arn=stack["KmsKeyArn"])
        attributes = {"sub": f"sub-{number}", "phone_number": f"+1206556{number:04d}"}
        payload = event(code=code, userPoolId=pool_id, userName=f"user-{number}", attributes=attributes)
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(payload))
        assert "FunctionError" not in answer, answer["Payload"].read()

    def instances(start):
        with ThreadPoolExecutor(INSTANCES) as threads:
            list(threads.map(invoke, range(start, start + INSTANCES)))

    return instances


@pytest.fixture
def change(session, stack):
    """Changes the pool's text, and returns when Cognito has answered: from then on it is the text."""
    with closing(Aws.of(session)) as aws:
        pool = aws.pool(stack["UserPoolId"])
        known = {"UserPoolId": pool.pool_id, **pool.settings().update}

        def change(text):
            pool.update(known | {"SmsVerificationMessage": text, "VerificationMessageTemplate": {"SmsMessage": text}})
            return datetime.now(UTC)

        yield change
        pool.update(known)


@pytest.fixture
def shown(running_sandbox):
    """Documents that were published, by phone number."""
    documents = {}

    def receive(_topic_arn, text):
        document = json.loads(text)
        documents[document["phone_number"]] = document

    running_sandbox.mailroom.on_publish(receive)

    def of(start):
        wanted = [f"+1206556{number:04d}" for number in range(start, start + INSTANCES)]
        deadline = time.monotonic() + 20
        while not documents.keys() >= set(wanted):
            assert time.monotonic() < deadline, f"{len(documents)} arrived"
            time.sleep(0.01)
        return [documents[number] for number in wanted]

    return of


def test_two_changes_within_a_second_reach_ten_instances_at_once(instances, change, shown):
    """Each instance has seen the first text; none shows it as the pool's once it was changed."""
    rounds = []
    for start, text in ((0, "First {####}"), (100, "Second {####}"), (200, "Third {####}")):
        changed_at = change(text)
        instances(start)
        rounds += [(text, changed_at, document) for document in shown(start)]

    assert [each["text"] for _, _, each in rounds] == [text.replace("{####}", each["code"]) for text, _, each in rounds]
    for text, changed_at, document in rounds:
        assert (document["template_text"], document["template_source"]) == (text, "pool")
        assert datetime.fromisoformat(document["template_read_at"]) >= changed_at.replace(microsecond=0)
        assert document["warnings"] == []
