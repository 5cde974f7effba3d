"""Lambda's asynchronous invocation: three tries, then the failure queue, and the function's words for the tester."""

import json

import pytest

from sms_redirect.sandbox import invocations
from sms_redirect.sandbox.emulator.functions import Invocation
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.invocations import SENDER_FAULTS, Invocations, Job

ARN = "arn:aws:lambda:us-east-1:123456789012:function:sender"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"
OK = Invocation(200, None, b"null")


class Lambda:
    """Answers one invocation after the other; keeps what went to the failure destination."""

    def __init__(self):
        self.config, self.answers, self.failures, self.events = {}, [], [], []
        self.may_send = True

    def invoke(self, _arn, event):
        self.events.append(event)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fail(self, destination, _arn, event, response):
        self.failures.append((destination, event, response))
        return self.may_send


@pytest.fixture
def function(monkeypatch):
    function = Lambda()
    monkeypatch.setattr(invocations.emulator_lambda, "invoke_and_wait", function.invoke)
    monkeypatch.setattr(invocations.emulator_lambda, "event_invoke_config", lambda _arn: function.config)
    monkeypatch.setattr(invocations.emulator_lambda, "send_to_failure_destination", function.fail)
    monkeypatch.setattr(invocations.emulator, "scope", lambda _region: Scope())
    monkeypatch.setattr(invocations, "RETRY_SECONDS", (0, 0))
    return function


class Scope:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture
def lost(function):
    """Hands one event over and answers why it was lost."""
    queue = Invocations(Fault(SENDER_FAULTS))
    queue.start()

    def lost(event=lambda: {"a": 1}):
        reasons = []
        queue.submit(Job(ARN, "us-east-1", event, reasons.append))
        queue.wait_until_done()
        return reasons

    lost.fault = queue.fault
    yield lost
    queue.stop()


def failed(**response):
    return Invocation(200, "Unhandled", json.dumps(response).encode())


def test_an_event_that_is_handled_is_done(function, lost):
    function.answers = [OK]

    assert lost() == []
    assert function.events == [{"a": 1}]


def test_it_is_tried_again_until_it_is_handled(function, lost):
    function.answers = [failed(errorMessage="once"), failed(errorMessage="twice"), OK]

    assert lost() == []
    assert function.failures == []


def test_what_the_function_said_is_why_it_was_lost(function, lost):
    said = {"errorType": "KeyError", "errorMessage": "'TopicArn'\n is not set.", "stackTrace": ["..."]}
    function.answers = [failed(**said)] * 3

    (reason,) = lost()
    assert reason.startswith("the sender failed 3 times: KeyError: 'TopicArn' is not set. No failure queue is config")


def test_the_failure_queue_gets_the_function_s_response(function, lost):
    function.config = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    function.answers = [failed(errorType="E", errorMessage="m")]

    assert lost() == ["the sender failed once: E: m. The event is in the failure queue."]
    assert function.failures == [(QUEUE, {"a": 1}, {"errorType": "E", "errorMessage": "m"})]


def test_a_role_that_may_not_send_it_there_loses_it(function, lost):
    function.config = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    function.answers, function.may_send = [failed(errorMessage="m")], False

    assert lost() == [
        "the sender failed once: m. The function's role may not send it to the failure queue: the event is gone."
    ]


@pytest.mark.parametrize("payload", [b"", b"no json", b"[]", b'{"errorMessage": ""}', b"null"])
def test_a_function_that_said_nothing_is_in_its_log(function, lost, payload):
    function.answers = [Invocation(200, "Unhandled", payload)] * 3

    assert "Unhandled, see the log of sender. " in lost()[0]


def test_long_words_are_cut(function, lost):
    function.answers = [failed(errorMessage="a" * 10_000)] * 3

    assert len(lost()[0]) < 500


def test_a_simulated_fault_never_reaches_the_function(function, lost):
    lost.fault.set("throttle", times=3)

    assert "Rate Exceeded (simulated)" in lost()[0]
    assert function.events == []


def test_no_event_means_nothing_to_do(function, lost):
    assert lost(lambda: None) == []


def test_a_worker_outlives_what_one_event_brings(function, lost):
    function.answers = [ValueError("secret"), OK]

    assert lost() == ["the sandbox failed to invoke the sender (ValueError)"]
    assert lost() == []
