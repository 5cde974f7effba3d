"""The acceptance tests as `scripts/test --aws` runs them, SAM CLI and all, with a harsh sandbox where AWS would be."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from real_account.questions import QUESTIONS

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e")]
ROOT = Path(__file__).parents[2]
LONGEST = 1500  # seconds


@pytest.fixture
def acceptance(running, tmp_path):
    """(the finished run, the folder of its recordings)"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-m", "pytest", "-q", "--aws", "--recordings", tmp_path, "tests/acceptance"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | running["environment"],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    return done, tmp_path


def test_everything_passes_is_recorded_and_deleted(acceptance, session):
    done, folder = acceptance

    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("The acceptance tests make")
    recordings = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    assert {each["question"] for each in recordings} == {question.name for question in QUESTIONS}
    assert {each["against"] for each in recordings} == {"sandbox"}  # where the requests went, not what was asked for
    stacks = session.client("cloudformation").describe_stacks()["Stacks"]
    assert [
        each for each in stacks if "acceptance" in each["StackName"] and each["StackStatus"] != "DELETE_COMPLETE"
    ] == []
    assert boto3.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"] == []
