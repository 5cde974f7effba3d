"""`sms-redirect plan`, `attach` and `detach`: the attachment function's own plans and changes, by hand."""

import json
import re
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner

from fake_account import FakeAccount
from fake_stack import STACK_ARN, STACK_KEY, FakeStack, FakeTime, function_arn
from pool_attachment.tags import ATTACHING, TAGS
from random_pools import POOL_ARN, POOL_ID, POOL_KEY
from sms_redirect.cli import main, plan, pool_changes
from strict_cognito import REGION, AwsError, Fault

POOL = {"Id": POOL_ID, "Arn": POOL_ARN, "LambdaConfig": {"PreSignUp": function_arn("pre")}, "UserPoolTags": {"a": "é"}}
ALIAS = "arn:aws:kms:eu-west-1:123456789012:alias/pool"
THEIRS = {"LambdaVersion": "V1_0", "LambdaArn": function_arn("theirs")}


@pytest.fixture
def account(monkeypatch):
    account = FakeAccount()
    account.cognito.add_key(STACK_KEY)
    account.cognito.add_key(POOL_KEY, ALIAS)
    account.cognito.add(POOL)
    account.functions |= {function_arn("redirect"), function_arn("theirs")}
    monkeypatch.setattr(boto3, "Session", account.session)
    time = FakeTime()
    monkeypatch.setattr(pool_changes, "Clock", time.clock)
    account.time = time
    return account


@pytest.fixture
def cognito(account):
    return account.cognito


@pytest.fixture
def attached(account):
    """By a deployed stack."""
    account.deploy()
    FakeStack(account.cognito).create()
    return account


def run(command, *arguments, answer=None):
    return CliRunner().invoke(main, [command, *arguments], input=answer)


def changes(cognito):
    return [call for call in cognito.calls if call in ("UpdateUserPool", "TagResource", "UntagResource")]


COMMANDS = {
    "plan": ["--user-pool-id", POOL_ID],
    "attach": ["--stack-name", "redirect", "--yes"],
    "detach": ["--user-pool-id", POOL_ID, "--yes"],
}


class TestPlan:
    def test_prints_a_diff_and_changes_nothing(self, cognito):
        before = cognito.raw(POOL_ID)

        result = run("plan", "--user-pool-id", POOL_ID)

        assert result.exit_code == 0
        added = [line for line in result.stdout.splitlines() if line.startswith("+ ")]
        assert any("CustomSMSSender" in line for line in added)
        assert any("sms-redirect:stack" in line for line in added)
        assert not any("PreSignUp" in line for line in added)
        assert cognito.raw(POOL_ID) == before
        assert changes(cognito) == []

    def test_is_the_change_that_a_deployment_carries_out(self, account):
        account.deploy(KmsKeyArn=POOL_KEY)
        account.stacks["redirect"]["Outputs"]["KmsKeyArn"] = POOL_KEY

        planned = run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect", "--json")
        FakeStack(account.cognito).create(key=POOL_KEY)

        sent = next(body for body in account.cognito.requests if "LambdaConfig" in body)
        assert json.loads(planned.stdout)["request"] == sent

    def test_says_that_nothing_was_applied(self, account):
        document = json.loads(run("plan", "--user-pool-id", POOL_ID, "--json").stdout)

        assert (document["dry_run"], document["applied"], document["changes"]) == (True, False, True)
        assert document["note"] == "The redirect would be put on the pool."
        assert document["error"] is None

    def test_a_refusal_says_why_and_fails(self, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"]["KMSKeyID"] = POOL_KEY

        result = run("plan", "--user-pool-id", POOL_ID)

        assert result.exit_code == 1
        assert result.stdout == ""
        assert f"KmsKeyArn={POOL_KEY}" in result.stderr

    def test_a_refusal_can_be_read_by_a_program(self, cognito):
        cognito.pools[POOL_ID]["FutureSetting"] = 1

        result = run("plan", "--user-pool-id", POOL_ID, "--json")

        assert result.exit_code == 1
        assert "FutureSetting" in json.loads(result.stdout)["refusal"]

    def test_attach_with_dry_run_is_the_same(self, account):
        planned = run("plan", "--user-pool-id", POOL_ID)

        assert run("attach", "--dry-run", "--user-pool-id", POOL_ID).output == planned.output

    def test_reads_the_parameters_of_a_deployed_stack(self, account, cognito):
        account.deploy(MaxPoolUsers="5")
        cognito.pools[POOL_ID]["EstimatedNumberOfUsers"] = 6

        result = run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect")

        assert result.exit_code == 1
        assert "MaxPoolUsers=5" in result.stderr

    def test_refuses_a_pool_tagged_as_production_as_the_deployment_does(self, account, cognito):
        cognito.pools[POOL_ID]["UserPoolTags"] = {"Environment": "Production"}

        planned = run("plan", "--user-pool-id", POOL_ID)
        deployed = FakeStack(cognito).create()

        assert planned.exit_code == 1
        assert planned.stderr.removeprefix("Refused: ").strip() == deployed["Reason"]
        assert "Environment=Production" in deployed["Reason"]

    def test_allows_production_with_the_option_or_the_deployed_stacks_word(self, account, cognito):
        cognito.pools[POOL_ID]["UserPoolTags"] = {"stage": "prod"}
        account.deploy(AllowProduction="yes")

        assert run("plan", "--user-pool-id", POOL_ID, "--allow-production").exit_code == 0
        assert run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect").exit_code == 0
        account.deploy(AllowProduction="no")
        assert run("attach", "--stack-name", "redirect", "--yes").exit_code == 1
        assert "CustomSMSSender" not in cognito.pools[POOL_ID].get("LambdaConfig", {})

    def test_of_a_pool_key_given_by_alias_it_says_what_the_deployment_says(self, account, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"] = {"CustomEmailSender": THEIRS, "KMSKeyID": ALIAS}

        planned = run("plan", "--user-pool-id", POOL_ID)
        deployed = FakeStack(cognito).create()

        assert planned.stderr.removeprefix("Refused: ").strip() == deployed["Reason"]
        assert f"aws kms describe-key --key-id {ALIAS}" in deployed["Reason"]

    def test_takes_the_arn_behind_that_alias_as_the_deployment_does(self, account, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"] = {"CustomEmailSender": THEIRS, "KMSKeyID": ALIAS}

        planned = run("plan", "--user-pool-id", POOL_ID, "--kms-key-arn", POOL_KEY)
        deployed = FakeStack(cognito).create(key=POOL_KEY)

        assert (planned.exit_code, deployed["Status"]) == (0, "SUCCESS")

    def test_takes_the_keys_that_the_parameter_takes(self):
        template = Path(__file__).parents[3].joinpath("template.yaml").read_text()

        assert f"AllowedPattern: ^$|^{plan.KEY_ARN.pattern}$\n" in template

    def test_takes_no_alias_itself_as_the_parameter_does_not(self, account):
        result = run("plan", "--user-pool-id", POOL_ID, "--kms-key-arn", ALIAS)

        assert result.exit_code == 2
        assert "describe-key" in result.stderr

    @pytest.mark.parametrize(
        ("own", "given", "said"),
        [
            (None, None, None),
            ("texts", None, "Deploy with CustomMessageFunctionArn={own} to show its texts"),
            ("texts", "texts", "asked of the pool's own CustomMessage function {own}"),
            (
                "texts",
                "other",
                "CustomMessageFunctionArn is {given}, but the pool's own CustomMessage function is {own}",
            ),
            (None, "other", "own CustomMessage function is not set"),
        ],
    )
    def test_tells_the_pools_own_custom_message_from_the_stacks(self, account, cognito, own, given, said):
        own, given = (name and function_arn(name) for name in (own, given))
        if own:
            cognito.pools[POOL_ID]["LambdaConfig"]["CustomMessage"] = own
        account.deploy(CustomMessageFunctionArn=given or "")

        result = run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect")

        if said:
            assert said.format(own=own, given=given) in result.stderr
        else:
            assert "CustomMessage" not in result.stderr

    def test_names_the_regions_that_are_not_covered(self, account, cognito):
        cognito.replicas = {"us-east-1": "ACTIVE"}

        assert "replicas in us-east-1 (ACTIVE)" in run("plan", "--user-pool-id", POOL_ID).stderr

    @pytest.mark.parametrize(
        ("pool_id", "said"), [("eu-west-1_Other", "redirects eu-west-1_Other now"), ("", "with all its users")]
    )
    def test_says_what_becomes_of_the_pool_that_the_stack_has_now(self, account, pool_id, said):
        account.deploy(pool_id=pool_id)

        assert said in run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect").stderr

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("ROLLBACK_COMPLETE", "sam delete"),
            ("DELETE_FAILED", "--retain-resources Attachment"),
            ("UPDATE_IN_PROGRESS", "Wait"),
            ("UPDATE_ROLLBACK_FAILED", "Deploy it again"),
        ],
    )
    def test_of_a_stack_that_cannot_be_used_it_says_what_to_do(self, account, status, said):
        account.deploy(status=status)

        result = run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect")

        assert result.exit_code == 1
        assert status in result.stderr
        assert said in result.stderr

    def test_of_another_kind_of_stack_it_says_that(self, account):
        account.deploy()
        account.stacks["redirect"]["Parameters"] = {}

        assert "not an sms-redirect stack" in run("plan", "--user-pool-id", POOL_ID, "--stack-name", "redirect").stderr


class TestAttach:
    def test_puts_the_redirect_back_that_somebody_took_off(self, attached, cognito):
        on = cognito.raw(POOL_ID)
        cognito.pools[POOL_ID].update(LambdaConfig=dict(POOL["LambdaConfig"]), UserPoolTags=dict(POOL["UserPoolTags"]))

        result = run("attach", "--stack-name", "redirect", "--yes")

        assert result.exit_code == 0, result.output
        assert '+    "CustomSMSSender"' in result.stdout
        assert "Attached." in result.stderr
        assert cognito.raw(POOL_ID) == on
        assert FakeStack(cognito).delete()["Status"] == "SUCCESS"

    def test_asks_first(self, account, cognito):
        account.deploy()
        before = cognito.raw(POOL_ID)

        result = run("attach", "--stack-name", "redirect", answer="n\n")

        assert f"Put the redirect on user pool {POOL_ID} in {REGION}?" in result.stderr
        assert result.exit_code == 1
        assert cognito.raw(POOL_ID) == before

    def test_goes_on_when_told_to(self, account, cognito):
        account.deploy()

        assert run("attach", "--stack-name", "redirect", answer="y\n").exit_code == 0
        assert "CustomSMSSender" in cognito.pools[POOL_ID]["LambdaConfig"]

    def test_without_anybody_to_ask_it_names_yes(self, account, cognito):
        account.deploy()

        result = run("attach", "--stack-name", "redirect", answer="")

        assert result.exit_code == 1
        assert "--yes" in result.stderr
        assert changes(cognito) == []

    def test_with_nothing_to_do_it_does_not_ask(self, attached):
        result = run("attach", "--stack-name", "redirect", answer="")

        assert result.exit_code == 0
        assert "already carries this redirect" in result.stderr

    def test_dry_run_changes_nothing(self, account, cognito):
        account.deploy()

        result = run("attach", "--stack-name", "redirect", "--dry-run")

        assert result.exit_code == 0
        assert "CustomSMSSender" in result.stdout
        assert changes(cognito) == []

    def test_tells_a_program_what_it_did(self, account):
        account.deploy()

        document = json.loads(run("attach", "--stack-name", "redirect", "--yes", "--json").stdout)

        assert (document["applied"], document["dry_run"], document["error"]) == (True, False, None)
        assert document["note"] == "Attached."

    def test_json_cannot_ask(self, account):
        account.deploy()

        result = run("attach", "--stack-name", "redirect", "--json")

        assert result.exit_code == 2
        assert "--yes or --dry-run" in result.stderr

    def test_a_stack_with_a_pool_of_its_own_is_deployed_instead(self, account):
        account.deploy(pool_id="")

        result = run("attach", "--stack-name", "redirect")

        assert result.exit_code == 2
        assert "created its pool itself" in result.stderr

    def test_of_another_pool_it_names_plan(self, account):
        account.deploy(pool_id="eu-west-1_Other")

        result = run("attach", "--stack-name", "redirect", "--user-pool-id", POOL_ID)

        assert result.exit_code == 2
        assert f"sms-redirect plan --user-pool-id {POOL_ID}" in result.stderr

    def test_without_a_stack_it_says_so(self, account):
        result = run("attach", "--stack-name", "redirect")

        assert result.exit_code == 1
        assert "There is no stack 'redirect'" in result.stderr

    def test_the_deployed_stacks_own_values_count(self, account):
        account.deploy()

        result = run("attach", "--stack-name", "redirect", "--max-pool-users", "7")

        assert result.exit_code == 2
        assert "--max-pool-users" in result.stderr

    def test_what_goes_wrong_is_taken_back_and_said(self, account, cognito):
        account.deploy()
        before = cognito.raw(POOL_ID)
        cognito.fail_always("UpdateUserPool", Fault.DENIED)

        result = run("attach", "--stack-name", "redirect", "--yes", "--json")

        assert result.exit_code == 1
        document = json.loads(result.stdout)
        assert "Your credentials" in document["error"]
        assert document["applied"] is False
        assert cognito.raw(POOL_ID) == before
        assert account.time.seconds < 10


class TestDetach:
    def test_restores_the_pool_from_its_tags_alone(self, account, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"].update(CustomSMSSender=THEIRS, KMSKeyID=POOL_KEY)
        before = cognito.raw(POOL_ID)
        FakeStack(cognito).create(key=POOL_KEY)

        result = run("detach", "--user-pool-id", POOL_ID, "--yes")

        assert result.exit_code == 0, result.output
        assert "Detached." in result.stderr
        assert f"The stack {STACK_ARN} was deleted." in result.stderr
        assert cognito.raw(POOL_ID) == before

    def test_dry_run_shows_the_change_and_makes_none(self, attached, cognito):
        on = cognito.raw(POOL_ID)

        result = run("detach", "--user-pool-id", POOL_ID, "--dry-run")

        assert result.exit_code == 0
        assert any(re.match(r"- .*CustomSMSSender", line) for line in result.stdout.splitlines())
        assert cognito.raw(POOL_ID) == on

    def test_asks_first(self, attached, cognito):
        on = cognito.raw(POOL_ID)

        result = run("detach", "--user-pool-id", POOL_ID, answer="n\n")

        assert "Take the redirect off user pool" in result.stderr
        assert result.exit_code == 1
        assert cognito.raw(POOL_ID) == on

    def test_is_the_function_s_own_change(self, attached, cognito):
        planned = json.loads(run("detach", "--user-pool-id", POOL_ID, "--dry-run", "--json").stdout)

        FakeStack(cognito).delete()

        assert planned["request"] == [body for body in cognito.requests if "LambdaConfig" in body][-1]

    def test_of_a_pool_without_a_redirect_it_says_so(self, account, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"].update(CustomSMSSender=THEIRS, KMSKeyID=POOL_KEY)

        result = run("detach", "--user-pool-id", POOL_ID, answer="")

        assert result.exit_code == 0
        assert "carries no redirect" in result.stderr
        assert function_arn("theirs") in result.stderr
        assert changes(cognito) == []

    def test_with_its_tags_gone_the_function_can_be_named(self, attached, cognito):
        tags = cognito.pools[POOL_ID]["UserPoolTags"]
        for tag in TAGS & set(tags):
            del tags[tag]

        result = run("detach", "--user-pool-id", POOL_ID, "--sender-function-arn", function_arn("redirect"), "--yes")

        assert result.exit_code == 0
        assert "tags were edited" in result.stderr
        assert "CustomSMSSender" not in cognito.pools[POOL_ID]["LambdaConfig"]

    def test_a_claim_that_was_left_behind_goes(self, account, cognito):
        before = cognito.raw(POOL_ID)
        cognito.pools[POOL_ID]["UserPoolTags"][ATTACHING] = STACK_ARN

        result = run("detach", "--user-pool-id", POOL_ID, "--yes")

        assert result.exit_code == 0
        assert ATTACHING in result.stdout
        assert cognito.raw(POOL_ID) == before

    @pytest.mark.parametrize(
        ("status", "pool_id", "said"),
        [
            ("DELETE_FAILED", POOL_ID, "delete-stack --stack-name redirect --retain-resources Attachment"),
            ("ROLLBACK_COMPLETE", POOL_ID, "is ROLLBACK_COMPLETE: delete it afterwards (sam delete --stack-name"),
            ("DELETE_COMPLETE", POOL_ID, "was deleted"),
            ("UPDATE_COMPLETE", "eu-west-1_Other", "redirects eu-west-1_Other by now"),
            ("CREATE_COMPLETE", POOL_ID, "is still deployed for this pool"),
        ],
    )
    def test_says_what_became_of_the_stack(self, attached, status, pool_id, said):
        attached.deploy(status=status, pool_id=pool_id)

        assert said in run("detach", "--user-pool-id", POOL_ID, "--dry-run").stderr

    def test_says_that_the_function_is_gone(self, attached):
        attached.functions.clear()

        assert (
            "no longer exists: the pool's SMS reached nobody"
            in run("detach", "--user-pool-id", POOL_ID, "--dry-run").stderr
        )

    def test_says_that_the_previous_sender_is_gone(self, account, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"].update(CustomSMSSender=THEIRS, KMSKeyID=POOL_KEY)
        FakeStack(cognito).create(key=POOL_KEY)
        account.functions.discard(function_arn("theirs"))

        result = run("detach", "--user-pool-id", POOL_ID, "--dry-run")

        assert f"The previous SMS sender {function_arn('theirs')} no longer exists" in result.stderr

    def test_names_a_key_that_is_pending_deletion_and_takes_it_off(self, attached, cognito):
        cognito.add_key(STACK_KEY, KeyState="PendingDeletion", DeletionDate=1_900_000_000)

        result = run("detach", "--user-pool-id", POOL_ID, "--yes")

        assert f"{STACK_KEY} is PendingDeletion (2030-03-17); it is taken off the pool" in result.stderr
        assert "KMSKeyID" not in cognito.pools[POOL_ID]["LambdaConfig"]
        assert set(cognito.calls) & {"CancelKeyDeletion", "EnableKey"} == set()

    def test_of_such_a_key_that_stays_it_says_how_to_keep_it(self, attached, cognito):
        cognito.pools[POOL_ID]["LambdaConfig"]["CustomEmailSender"] = THEIRS
        cognito.add_key(STACK_KEY, KeyState="PendingDeletion")

        result = run("detach", "--user-pool-id", POOL_ID, "--dry-run")

        assert f"aws kms cancel-key-deletion --key-id {STACK_KEY}" in result.stderr
        assert "Nothing is cancelled here" in result.stderr

    def test_what_may_not_be_looked_at_is_said_and_stops_nothing(self, attached, cognito):
        attached.denied = {"cloudformation", "lambda"}

        result = run("detach", "--user-pool-id", POOL_ID, "--yes")

        assert result.exit_code == 0
        assert result.stderr.count("the credentials do not allow it") == 2

    def test_a_refusal_of_cognitos_says_what_to_do(self, attached, cognito):
        role = "arn:aws:iam::123456789012:role/sms"
        cognito.pools[POOL_ID]["SmsConfiguration"] = {"SnsCallerArn": role}
        cognito.fail_always("UpdateUserPool", Fault.ROLE_NOT_PROPAGATED)
        on = cognito.raw(POOL_ID)

        result = run("detach", "--user-pool-id", POOL_ID, "--yes")

        assert result.exit_code == 1
        assert f"Cognito cannot use {role}" in result.stderr
        assert cognito.raw(POOL_ID) == on
        assert attached.time.seconds <= 15

    def test_settings_that_this_release_does_not_know_are_not_lost(self, attached, cognito):
        cognito.pools[POOL_ID]["FutureSetting"] = 1
        on = cognito.raw(POOL_ID)

        result = run("detach", "--user-pool-id", POOL_ID, "--yes")

        assert result.exit_code == 1
        assert "FutureSetting" in result.stderr
        assert cognito.raw(POOL_ID) == on

    def test_finishes_what_a_delete_says_it_finishes(self, account, cognito):
        before = cognito.raw(POOL_ID)
        stack = FakeStack(cognito)
        stack.create()
        cognito.fail_always("UpdateUserPool", Fault.DENIED)
        reason = stack.delete()["Reason"]
        cognito.lasting.clear()

        command = reason[reason.index("sms-redirect detach") :].split()[1:]
        result = run(*command, "--yes")

        assert result.exit_code == 0
        assert cognito.raw(POOL_ID) == before


class TestCommon:
    """What all three have in common."""

    @pytest.mark.parametrize("command", ["plan", "detach", "attach"])
    @pytest.mark.parametrize("pool_id", ["foo", "", POOL_ARN, "my pool"])
    def test_an_id_that_is_not_one_is_said_at_once(self, command, pool_id):
        result = run(command, "--user-pool-id", pool_id)

        assert result.exit_code == 2
        assert "us-east-1_AbCdEf123" in result.stderr

    @pytest.mark.parametrize("command", COMMANDS)
    def test_without_credentials_it_says_what_to_do(self, account, monkeypatch, tmp_path, command):
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setattr(boto3, "Session", lambda **_: boto3.session.Session(region_name=REGION))

        result = run(command, *COMMANDS[command])

        assert result.exit_code == 1
        assert "there are no AWS credentials" in result.stderr

    @pytest.mark.parametrize("command", ["plan", "detach"])
    def test_expired_credentials_are_said_as_everywhere(self, account, cognito, monkeypatch, command):
        def expired(_body):
            raise AwsError("ExpiredTokenException", "The security token included in the request is expired")

        monkeypatch.setattr(cognito, "_describe_user_pool", expired)

        result = run(command, *COMMANDS[command])

        assert result.exit_code == 1
        assert "Log in again" in result.stderr

    @pytest.mark.parametrize("command", ["plan", "detach"])
    def test_an_endpoint_that_nobody_listens_at_is_noticed_within_seconds(self, account, cognito, command):
        cognito.fail_always("DescribeUserPool", Fault.CONNECT_TIMEOUT)

        result = run(command, *COMMANDS[command])

        assert result.exit_code == 1
        assert "endpoint (AWS_ENDPOINT_URL)" in result.stderr
        assert account.time.seconds < 10

    @pytest.mark.parametrize("command", ["plan", "detach"])
    def test_the_region_is_that_of_the_id_unless_another_is_given(self, account, command):
        run(command, *COMMANDS[command])
        run(command, *COMMANDS[command], "--region", "us-east-1")

        assert account.regions == ["eu-west-1", "us-east-1"]

    @pytest.mark.parametrize("command", ["plan", "detach"])
    def test_a_pool_that_cannot_be_read_is_an_error(self, account, cognito, command):
        cognito.pools.clear()

        result = run(command, *COMMANDS[command])

        assert result.exit_code == 1
        assert "does not exist" in result.stderr
