"""What the sandbox tells people: where everything is, and a line for each SMS."""

import re

import pytest

from email_documents import email
from sms_documents import failed, sms
from sms_redirect.cli.sandbox_output import block, each_sms, line
from sms_redirect.messages.store import SmsStore

OUTPUTS = {"UserPoolId": "us-east-1_AbCdEf123", "UserPoolClientId": "4t1sf0client", "TopicArn": "arn:topic"}


def told(message, *, show_codes=False):
    store = SmsStore()
    store.add(message)
    return line(store.find()[0], show_codes=show_codes)


def test_the_block_has_all_that_a_client_needs_and_the_next_command():
    shown = block(inbox="http://inbox", endpoint="http://endpoint", region="us-east-1", outputs=OUTPUTS)

    assert shown.splitlines()[:6] == [
        "Inbox      http://inbox",
        "Endpoint   http://endpoint",
        "Region     us-east-1",
        "Pool id    us-east-1_AbCdEf123",
        "Client id  4t1sf0client",
        "Topic      arn:topic",
    ]
    assert "aws cognito-idp sign-up --client-id 4t1sf0client " in shown


def test_without_a_stack_the_next_step_is_to_deploy_one():
    assert "sam deploy" in block(inbox="http://inbox", endpoint="http://endpoint", region="us-east-1", outputs={})


def test_so_is_an_email():
    assert re.fullmatch(r"\d\d:\d\d:\d\d SignUp alice@example.com alice email", told(email(493027)))
    assert told(email(493027), show_codes=True).endswith("email code 493027")


def test_an_sms_is_one_line_without_its_code():
    assert re.fullmatch(r"\d\d:\d\d:\d\d SignUp \+1 206-555-1212 alice GSM-7, 1 part", told(sms(493027)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "GSM-7, 1 part code 493027"),
        ({"code": None}, "GSM-7, 1 part"),
        ({"segments": 2, "encoding": "UCS-2"}, "UCS-2, 2 parts code 493027"),
        ({"flow": "AdminCreateUser", "code": "aB3!"}, "GSM-7, 1 part password aB3!"),
    ],
)
def test_the_code_is_shown_on_request(changes, expected):
    assert told(sms(493027, **changes), show_codes=True).endswith(expected)


def test_a_failure_says_why():
    assert "FAILED: The code could not be decrypted" in told(failed(1, user_name=None, phone_number=None))


def test_a_notice_says_that_it_is_no_sms():
    notice = sms(1, flow="Notice", phone_number=None, user_name=None, code=None, text="The key is disabled\x1b[2J.")

    assert re.fullmatch(r"\d\d:\d\d:\d\d Notice, not an SMS: The key is disabled\\x1b\[2J\.", told(notice))


def test_a_user_name_cannot_write_to_the_terminal():
    assert told(sms(1, user_name="a\x1b[2J\nb\u202ec")).count("\\x1b[2J\\nb\\u202ec") == 1


def test_each_arrival_is_printed_once(capsys):
    store = SmsStore()
    store.add(sms(1))

    with each_sms(store, show_codes=True):
        for number in (2, 3, 2):
            store.add(sms(number))

    assert re.findall(r"code (\d+)", capsys.readouterr().err) == ["000002", "000003"]
