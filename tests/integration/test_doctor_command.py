"""`sms-redirect doctor` over the deployed stack: well, broken, and with a made-up SMS."""

import json

import pytest
from click.testing import CliRunner

from sms_redirect.cli import main


@pytest.fixture
def doctor(sandbox, deployed):
    def doctor(*arguments):
        done = CliRunner().invoke(main, ["doctor", "--json", *arguments])
        assert not isinstance(done.exception, Exception), done.exception
        return done.exit_code, json.loads(done.stdout)

    return doctor


def codes(report, *states):
    return {each["code"] for each in report["findings"] if each["status"] in states}


@pytest.fixture
def reader(sandbox, session, stack):
    """An address that receives everything, whatever other tests did to the stack's own."""
    sns, subscribed = session.client("sns"), "doctor@example.com"
    arn = sns.subscribe(TopicArn=stack["TopicArn"], Protocol="email", Endpoint=subscribed, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    yield subscribed
    sns.unsubscribe(SubscriptionArn=arn)


def test_a_deployed_stack_is_healthy_and_a_made_up_sms_comes_through(doctor, session, stack, reader):
    session.client("sqs").purge_queue(QueueUrl=stack["FailureQueueUrl"])

    status, report = doctor("--probe", "--since", "1s")

    assert codes(report, "problem", "could not check") == set()
    assert (status, report["verdict"]) == (0, None)
    assert {"probe", "permissions", "invoke-permission"} <= codes(report, "ok")
    assert told_of_the_probe(report, reader)
    assert report["seconds"] < 5


def told_of_the_probe(report, address):
    return any(each["code"] == "probe-emailed" and address in each["says"] for each in report["findings"])


def test_the_command_spares_an_address_the_probe(doctor, reader, mailroom):
    CliRunner().invoke(main, ["subscribe", reader])

    _, report = doctor("--probe", "--since", "1s")

    assert "probe" in codes(report, "ok")
    assert not told_of_the_probe(report, reader)


def test_a_user_without_a_verified_number_is_the_cause(doctor, sign_up, user):
    sign_up()

    status, report = doctor("--user", user["Username"], "--flow", "ForgotPassword")

    assert (status, report["verdict"]["code"]) == (1, "number-unverified")


def test_a_disabled_key_is_the_cause(doctor, session, stack):
    kms = session.client("kms")
    kms.disable_key(KeyId=stack["KmsKeyArn"])
    try:
        status, report = doctor("--flow", "SignUp")
    finally:
        kms.enable_key(KeyId=stack["KmsKeyArn"])

    assert (status, report["verdict"]["code"]) == (1, "key-disabled")


def test_an_error_text_is_explained_without_a_stack():
    done = CliRunner().invoke(main, ["doctor", "--error", "Attempt limit exceeded, please try after some time."])

    assert (done.exit_code, "Too many attempts" in done.stdout) == (0, True)
    assert CliRunner().invoke(main, ["doctor", "--error", "what?"]).exit_code == 1


@pytest.mark.parametrize("arguments", [["--flow", "Nope"], ["--phone-number", "12065550100"], ["--since", "soon"]])
def test_bad_input_is_bad_usage(arguments):
    assert CliRunner().invoke(main, ["doctor", *arguments]).exit_code == 2
