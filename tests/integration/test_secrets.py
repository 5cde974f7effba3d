"""No code, password, token or key of a run is in its logs, files, arguments, environments or reports.

The short scan is part of every run; the long one (`--slow`) is of a sandbox in a process of its own, at debug level,
with every command of ours at work, and with each kind of failure.
"""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from every_flow import EveryFlow
from secret_scan import Secrets, files, processes
from sms_redirect.sandbox.watchman import PROCESSES
from sns_mail import Subscriber

OURS = ("sms_redirect", "sms_sender", "pool_attachment")


def log_events(session):
    """What functions logged, by log group."""
    logs = session.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return {
        f"the log {group}": "\n".join(
            event["message"] for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        ).encode()
        for group in groups
    }  # fmt: skip


def sender_log(session, stack):
    configuration = session.client("lambda").get_function_configuration(FunctionName=stack["SenderFunctionName"])
    return configuration["LoggingConfig"]["LogGroup"]


def tokens_of(mails):
    """The tokens in the links of SNS's mails."""
    links = [word for mail in mails for word in mail.body.split() if "Token=" in word]
    return [token for link in links for token in parse_qs(urlsplit(link).query).get("Token", [])]


def processes_of_functions(sandbox):
    """Not those of other tests in this process, which may start clients and sandboxes of their own."""
    found = {}
    for record in (sandbox._folder.path / PROCESSES).iterdir():
        found |= processes(int(record.name), "a function")
    return found


@pytest.fixture
def secrets(sandbox, stack, session):
    secrets = Secrets()
    secrets.add("the run's secret key", sandbox.access_key.secret)
    function = session.client("lambda").get_function(FunctionName=stack["SenderFunctionName"])
    secrets.add("pre-signed URL", urlsplit(function["Code"]["Location"]).query)
    return secrets


@pytest.fixture
def everything_logged(caplog):
    """At debug level, except for libraries that log what they send, and for the emulator, which is kept from it."""
    for name in OURS:
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def test_a_run_leaves_no_secret_anywhere(
    sandbox, session, stack, sns, mailroom, phones, phone_number, quiet, secrets, everything_logged, capfd, monkeypatch
):
    cognito = secrets.watch(session.client("cognito-idp"))
    Subscriber(sns, mailroom, stack["TopicArn"]).confirmed()
    flows = EveryFlow(
        cognito,
        stack["UserPoolId"],
        stack["UserPoolClientId"],
        lambda number, flow: phones.next(number, flow).raw,
        secrets,
    )

    flows.run(phone_number)
    sandbox.sender_fault.set("fail", times=3)
    cognito.resend_confirmation_code(**_second_user(cognito, stack, f"{phone_number}9"))
    quiet()

    secrets.add("subscription token", *tokens_of(sandbox.mailroom.mailbox.all()))
    written = capfd.readouterr()
    places = {
        "our logs": "\n".join(f"{record.getMessage()} {vars(record)}" for record in everything_logged.records).encode(),
        "stdout": written.out.encode(),
        "stderr": written.err.encode(),
        **log_events(session),
        **files(sandbox._folder.path, "the run's file"),
        **processes_of_functions(sandbox),
    }
    assert any(name.startswith("environ of a function") for name in places)
    assert places[f"the log {sender_log(session, stack)}"]
    assert {kind for kind, values in secrets.kinds.items() if not values} == set()
    assert len(secrets.kinds) >= 9
    assert secrets.found_in(places) == []


def _second_user(cognito, stack, number):
    user = {"ClientId": stack["UserPoolClientId"], "Username": f"user{number}"}
    attributes = [{"Name": "phone_number", "Value": number}]
    cognito.sign_up(**user, Password="F1rst/Pa55+word&x", UserAttributes=attributes)
    return user
