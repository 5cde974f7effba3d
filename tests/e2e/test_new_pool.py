"""The main job with the real SAM CLI: validate, build, deploy, an SMS, delete."""

import zipfile
from pathlib import Path

import pytest

from sms_redirect.demo import leftovers

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

ROOT = Path(__file__).parents[2]
STACK = "sms-redirect-e2e"
PHONE = "+12065550123"
LARGEST_SENDER = 10_000_000  # bytes, zipped: compiled modules for both processors


def test_the_template_validates(sam):
    assert "is a valid SAM Template" in sam("validate", "--lint").stdout


def test_the_senders_package_is_small_and_brings_no_second_boto3(built, project, tmp_path):
    folder = project / ".aws-sam" / "build" / "SenderFunction"
    archive = tmp_path / "sender.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))

    assert (folder / "sms_sender" / "handler.py").exists()
    assert (folder / "libraries" / "aws_encryption_sdk").exists()
    assert not [name for name in ("boto3", "botocore", "urllib3") if list(folder.rglob(name))]
    assert archive.stat().st_size <= LARGEST_SENDER


def test_a_deployed_stack_redirects_an_sms_and_leaves_nothing_but_a_pending_key(
    deploy, sam_delete, outputs, session, sign_up, next_sms
):
    before, keys = leftovers.resources(session), leftovers.keys_by_state(session)
    deploy()
    stack = outputs()

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
    assert [state for key, state in leftovers.keys_by_state(session).items() if key not in keys] == ["PendingDeletion"]


def test_a_malformed_parameter_is_refused_with_what_it_should_be(deploy):
    refused = deploy(check=False, Email="not-an-address")

    assert refused.returncode != 0
    assert "must be one email address such as qa@example.com" in refused.stdout + refused.stderr


def test_guided_keeps_its_answers_out_of_the_tracked_configuration(sam, built, project, sam_delete):
    tracked = (project / "samconfig.yaml").read_bytes()
    parameters = ["--stack-name", STACK, "--parameter-overrides", "Email=qa@example.com"]

    done = sam("deploy", "--guided", *parameters, answers="\n" * 60)

    try:
        assert "Successfully created/updated stack" in done.stdout
        assert "qa@example.com" in (project / "samconfig.toml").read_text()
        assert (project / "samconfig.yaml").read_bytes() == tracked
        assert "samconfig.toml" in (ROOT / ".gitignore").read_text().splitlines()
    finally:
        (project / "samconfig.toml").unlink(missing_ok=True)
        sam_delete()
