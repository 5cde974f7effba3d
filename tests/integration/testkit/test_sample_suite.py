"""The sample suite passes as its user would run it: in a sandbox of its own, and in parallel on one stack."""

from pathlib import Path

import pytest

SAMPLE = Path(__file__).with_name("sample_suite")


@pytest.mark.slow  # the one below does more
def test_the_sample_suite_passes_in_a_sandbox_of_its_own(run_pytest):
    assert "7 passed" in run_pytest(SAMPLE, "-q")


def test_the_sample_suite_passes_in_four_processes_on_one_stack(run_pytest, own_sandbox):
    """The processes get each other's SMS, and every test finds its own."""
    output = run_pytest(
        SAMPLE,
        "-q",
        "-n",
        "4",
        "--sms-stack-name",
        own_sandbox.stack_name,
        "--sms-endpoint-url",
        own_sandbox.endpoint_url,
        **own_sandbox.environment,
    )

    assert "7 passed" in output
    assert own_sandbox.client("sqs").list_queues().get("QueueUrls", []) == own_queues(own_sandbox)


def own_queues(sandbox):
    """The stack's failure queue is all that stays."""
    return [url for url in sandbox.client("sqs").list_queues()["QueueUrls"] if "FailureQueue" in url]
