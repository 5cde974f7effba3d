"""What a run made is deleted by its name, also if the run itself knows nothing of it any more."""

from datetime import timedelta

import pytest

from real_account.account import SandboxAccount
from real_account.leftovers import LeftBehindError, Leftovers
from real_account.owner import Owner

pytestmark = [pytest.mark.xdist_group("acceptance")]


@pytest.fixture
def run(running_sandbox):
    """A run that died after it had made these things; whatever is still there at the end is deleted."""
    account = SandboxAccount.of(running_sandbox, harsh=False)
    Owner.settled(account).pool("theirs")
    account.client("s3").create_bucket(Bucket=account.name)
    account.client("s3").put_object(Bucket=account.name, Key="package.zip", Body=b"x")
    yield account
    account.client("sns").delete_topic(TopicArn=account.client("sns").create_topic(Name=account.name)["TopicArn"])
    Leftovers(account.session, account.name).delete()


def pools_of(account):
    pools = account.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    return [pool["Name"] for pool in pools if pool["Name"].startswith(account.name)]


def roles_of(account):
    names = [role["RoleName"] for role in account.client("iam").list_roles()["Roles"]]
    return [name for name in names if name.startswith(account.name)]


def test_everything_of_that_name_goes(run):
    Leftovers(run.session, run.name).delete()

    assert pools_of(run) == roles_of(run) == []
    assert run.name not in [bucket["Name"] for bucket in run.client("s3").list_buckets()["Buckets"]]
    functions = [each["FunctionName"] for each in run.client("lambda").list_functions()["Functions"]]
    assert f"{run.name}-observer" not in functions
    groups = run.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{run.name}")["logGroups"]
    assert groups == []


def test_a_run_that_may_still_be_at_work_is_left_alone(run):
    Leftovers(run.session, run.name).delete(timedelta(hours=6))

    assert len(pools_of(run)) == 1
    assert len(roles_of(run)) == 2


def test_what_stays_is_named_and_the_rest_goes_nevertheless(run):
    run.client("sns").create_topic(Name=run.name)

    with pytest.raises(LeftBehindError, match=f"sns arn:aws:sns:.*{run.name}"):
        Leftovers(run.session, run.name).delete()

    assert pools_of(run) == roles_of(run) == []
