"""The acceptance tests as `scripts/test --aws` runs them, SAM CLI and all, with a harsh sandbox where AWS would be."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from real_account.questions import QUESTIONS

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e")]
ROOT = Path(__file__).parents[2]
LONGEST = 1500  # seconds


@pytest.fixture
def run(running):
    """Run acceptance tests; returns the finished process. `recordings`: where they record."""

    def run(*tests, recordings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--aws", "--recordings", recordings, *tests],
            cwd=ROOT,
            env=environment | running["environment"],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )

    return run


def left_behind(session):
    """Names of what the acceptance tests made and did not delete."""
    stacks = session.client("cloudformation").describe_stacks()["Stacks"]
    pools = session.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    names = [
        *(each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"),
        *(each["Name"] for each in pools),
        *(each["RoleName"] for each in session.client("iam").list_roles()["Roles"]),
        *(each["FunctionName"] for each in session.client("lambda").list_functions()["Functions"]),
        *(each["Name"] for each in session.client("s3").list_buckets()["Buckets"]),
        *(each["TopicArn"] for each in session.client("sns").list_topics()["Topics"]),
        *session.client("sqs").list_queues().get("QueueUrls", []),
    ]
    return [name for name in names if "sms-redirect-acceptance" in name]


def test_everything_passes_is_recorded_and_deleted(run, session, tmp_path):
    done = run("tests/acceptance", recordings=tmp_path)

    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("The acceptance tests make")
    recordings = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert {each["question"] for each in recordings} == {question.name for question in QUESTIONS}
    assert {each["against"] for each in recordings} == {"sandbox"}  # where the requests went, not what was asked for
    assert left_behind(session) == []


def test_everything_is_deleted_also_if_a_test_fails(run, session, tmp_path):
    in_the_way = tmp_path / "recordings"
    in_the_way.touch()

    done = run("tests/acceptance/test_questions.py", "-k", "texts-never-set", recordings=in_the_way)

    assert "FileExistsError" in done.stdout, done.stdout
    assert "1 failed" in done.stdout
    assert left_behind(session) == []
