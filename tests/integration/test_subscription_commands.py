"""`sms-redirect subscribe`, `confirm`, `subscriptions` and `unsubscribe` over the deployed stack."""

import json
import re

import pytest
from click.testing import CliRunner

from sms_redirect.cli import main


@pytest.fixture
def run(sandbox, deployed):
    def run(*arguments, **named):
        done = CliRunner().invoke(main, arguments, **named)
        assert not isinstance(done.exception, Exception), done.exception
        return done

    return run


@pytest.fixture
def link(mailroom):
    """The confirmation link of the last email to an address."""

    def link(address):
        emails = [each for each in mailroom.mailbox.all() if each.to == address]
        return re.search(r"http\S+confirmation.html\S+", emails[-1].body)[0]

    return link


def listed(run, address):
    found = json.loads(run("subscriptions", "--json").stdout)
    return next(each for each in found if each["address"] == address)


def test_a_tester_subscribes_confirms_and_leaves(run, link, sign_up, phone_number, quiet, mailroom):
    address = f"tester{phone_number[1:]}@example.com"

    asked = run("subscribe", address, "--phone-prefix", phone_number)
    assert asked.stdout == f"SNS has sent a confirmation email to {address}.\n"
    assert listed(run, address)["stray"]

    assert run("confirm", "-", input=link(address)).exit_code == 0
    now = listed(run, address)
    assert (now["state"], now["protected"], now["stray"]) == ("confirmed", True, False)
    assert f"{phone_number}..." in run("subscriptions").stdout

    sign_up()
    quiet()
    subjects = [each.subject for each in mailroom.mailbox.all() if each.to == address]
    assert subjects[-1] == f"SMS to {phone_number}: SignUp"

    assert run("unsubscribe", address).stdout == f"{address} receives nothing more.\n"
    assert run("unsubscribe", address).exit_code == 1


def test_sms_of_others_do_not_reach_a_tester_with_a_filter(run, link, sign_up, phone_number, quiet, mailroom):
    address = f"other{phone_number[1:]}@example.com"
    run("subscribe", address, "--phone-prefix", "+4917")
    run("confirm", link(address))

    sign_up()
    quiet()

    assert not [each for each in mailroom.mailbox.all() if each.to == address and phone_number in each.subject]
    run("unsubscribe", address)


def test_bad_input_is_bad_usage(run):
    assert run("subscribe", "nobody").exit_code == 2
    assert run("confirm", "what").exit_code == 2
    assert run("subscribe", "a@example.com", "--flow", "nope").exit_code == 2


def test_an_unknown_stack_is_said(run):
    done = run("subscriptions", "--stack-name", "not-there")

    assert done.exit_code == 1
    assert "There is no stack 'not-there'" in done.stderr
