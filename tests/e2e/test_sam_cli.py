"""The main job with the real SAM CLI: validate, build, deploy, an SMS, deploy again, delete."""

import zipfile
from pathlib import Path

import pytest

from our_stack import DEFAULTS, Refused
from sms_redirect.demo import leftovers

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

ROOT = Path(__file__).parents[2]
STACK = "sms-redirect-by-sam"
PHONE = "+12065550123"
LARGEST_SENDER = 10_000_000  # bytes, zipped: compiled modules for both processors


@pytest.fixture
def sam_deploy(sam, built):
    """`sam deploy` with these parameters."""

    def sam_deploy(check=True, **parameters):
        overrides = [f'{name}="{value}"' for name, value in (DEFAULTS | parameters).items()]
        options = ["--stack-name", STACK, "--no-progressbar", "--no-fail-on-empty-changeset"]
        return sam("deploy", *options, "--parameter-overrides", *overrides, check=check)

    return sam_deploy


@pytest.fixture
def sam_delete(sam):
    def sam_delete():
        sam("delete", "--stack-name", STACK, "--no-prompts", "--region", "us-east-1")

    return sam_delete


@pytest.fixture
def outputs(session):
    def outputs():
        stack = session.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    return outputs


@pytest.mark.slow
def test_the_template_validates(sam):
    assert "is a valid SAM Template" in sam("validate", "--lint").stdout


def test_the_senders_package_is_small_and_brings_no_second_boto3(built, tmp_path):
    folder = built / "SenderFunction"
    archive = tmp_path / "sender.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))

    assert (folder / "sms_sender" / "handler.py").exists()
    assert (folder / "libraries" / "aws_encryption_sdk").exists()
    assert not [name for name in ("boto3", "botocore", "urllib3") if list(folder.rglob(name))]
    assert archive.stat().st_size <= LARGEST_SENDER


def states_of_keys(session):
    kms = session.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {key["Arn"]: key["KeyState"] for key in keys if key["KeyManager"] == "CUSTOMER"}


def test_a_deployed_stack_redirects_an_sms_and_leaves_nothing_but_a_pending_key(
    sam_deploy, sam_delete, outputs, session, sign_up, next_sms, iam_has_spread
):
    before, keys = leftovers.resources(session), states_of_keys(session)
    sam_deploy()
    stack = outputs()
    iam_has_spread()

    answer = sign_up(stack["UserPoolClientId"], PHONE)
    sms = next_sms(PHONE)

    assert answer["CodeDeliveryDetails"]["Destination"] == "+*******0123"
    assert sms["text"] == f"Your verification code is {sms['code']}"
    session.client("cognito-idp").confirm_sign_up(
        ClientId=stack["UserPoolClientId"], Username=f"user{PHONE}", ConfirmationCode=sms["code"]
    )
    sam_delete()
    left = {name for name in leftovers.resources(session) - before if "aws-sam-cli-managed" not in name}
    assert left == set()
    assert [state for key, state in states_of_keys(session).items() if key not in keys] == ["PendingDeletion"]


@pytest.mark.slow
def test_a_deployment_that_failed_is_deleted_before_the_next_one(sam_deploy, sam_delete, outputs):
    failed = sam_deploy(check=False, UserPoolId="us-east-1_NoSuchPool")
    again = sam_deploy(check=False)
    sam_delete()
    sam_deploy()
    same = sam_deploy()

    assert failed.returncode != 0
    assert again.returncode != 0
    assert "is in ROLLBACK_COMPLETE state and can not be updated." in again.stdout + again.stderr
    assert outputs()["UserPoolClientId"]
    assert "No changes to deploy" in same.stdout
    sam_delete()


def test_a_malformed_parameter_is_refused_with_what_it_should_be(stack):
    with pytest.raises(Refused, match="must be one email address such as"):
        stack.deploy(**DEFAULTS | {"Email": "not-an-address"})


@pytest.mark.slow
def test_guided_keeps_its_answers_out_of_the_tracked_configuration(sam, built, sam_delete):
    tracked = (sam.project / "samconfig.yaml").read_bytes()
    parameters = ["--stack-name", STACK, "--parameter-overrides", "Email=qa@example.com"]

    done = sam("deploy", "--guided", *parameters, answers="\n" * 60)

    try:
        assert "Successfully created/updated stack" in done.stdout
        assert "qa@example.com" in (sam.project / "samconfig.toml").read_text()
        assert (sam.project / "samconfig.yaml").read_bytes() == tracked
        assert "samconfig.toml" in (ROOT / ".gitignore").read_text().splitlines()
    finally:
        (sam.project / "samconfig.toml").unlink(missing_ok=True)
        sam_delete()
