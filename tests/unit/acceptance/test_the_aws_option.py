"""`--aws` says what it costs, runs nothing but the acceptance tests, and never takes a sandbox for AWS."""

import subprocess
import sys
from pathlib import Path

import pytest

from real_account import cost
from real_account.account import RealAccount, SessionAt

ROOT = Path(__file__).parents[3]
AWS = ["aws_access_key_id", "aws_secret_access_key"]


@pytest.fixture
def account():
    """Credentials that open nothing: no request is sent."""
    return lambda region, endpoint=None: RealAccount(session(region, endpoint))


def session(region, endpoint):
    made = SessionAt(**dict.fromkeys(AWS, "test"), region_name=region)
    made.endpoint_url = endpoint
    return made


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "us-gov-west-1"])
def test_aws_is_who_answers_at_awss_own_endpoints(account, region):
    assert account(region).against == "aws"


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4566", "https://amazonaws.com.example.com", "https://example.com/amazonaws.com"]
)
def test_whatever_answers_elsewhere_is_not_aws(account, endpoint, monkeypatch):
    assert account("us-east-1", endpoint).against == "sandbox"

    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert account("us-east-1").against == "sandbox"


def test_a_run_costs_cents():
    as_a_rule, at_most = cost.cents()

    assert 0 < as_a_rule < 5
    assert as_a_rule < at_most < 100


def test_the_cost_is_said_beforehand_and_only_acceptance_tests_are_chosen():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--aws", "tests/acceptance", __file__]

    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert output.startswith("The acceptance tests make")
    assert "Cost: about 2 cents; up to 92" in output
    assert "test_flows.py::test_the_usual_flows_work" in output
    assert "test_a_run_costs_cents" not in output
    assert "planted" not in output
