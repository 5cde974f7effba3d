"""Sign up in one place, see the SMS in the other: the whole sandbox behind the inbox's page."""

import re

import boto3
import pytest

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = "+12065550142"


@pytest.fixture
def cognito(sandbox, monkeypatch):
    for name, value in sandbox["environment"].items():
        monkeypatch.setenv(name, value)
    return boto3.Session().client("cognito-idp")


@pytest.fixture
def page(launched, sandbox):
    context = launched.new_context(permissions=["clipboard-read", "clipboard-write"], locale="en-GB")
    page = context.new_page()
    page.goto(sandbox["inbox_url"])
    page.get_by_text("Live", exact=True).wait_for()
    yield page
    context.close()


def test_a_sign_up_appears_in_the_inbox_and_its_code_confirms_it(page, sandbox, cognito):
    user = {"ClientId": sandbox["user_pool_client_id"], "Username": "alice"}
    cognito.sign_up(**user, Password="Passw0rd!", UserAttributes=[{"Name": "phone_number", "Value": PHONE}])

    message = page.locator("a.message").filter(has_text="555-0142").filter(has_text="Your verification code is")
    expect(message).to_have_count(1, timeout=20_000)
    message.click()
    page.get_by_role("button", name=re.compile("copy", re.IGNORECASE)).first.click()
    code = page.evaluate("navigator.clipboard.readText()")
    steps = page.get_by_role("list", name="The way of this SMS").get_by_role("listitem")
    expect(steps.locator("strong")).to_have_text(["Event", "Key", "Sender", "Template", "Topic", "Email"])
    expect(steps.last).to_contain_text("tester@example.com: the address has not confirmed its subscription")

    assert re.fullmatch(r"\d{6}", code)
    cognito.confirm_sign_up(**user, ConfirmationCode=code)


def test_a_pending_subscription_is_a_banner_whose_link_confirms_it(page, launched, sandbox):
    banner = page.get_by_text("tester@example.com").first
    expect(banner).to_be_visible()
    link = page.locator("a[href*='confirmation.html']").first.get_attribute("href")

    other = launched.new_page()
    other.goto(link)

    expect(other.get_by_role("heading")).to_have_text("Subscription confirmed!")
    other.close()


def test_a_text_that_was_tried_out_is_used_and_arrives(page, sandbox, cognito):
    page.get_by_role("link", name="Preview").click()
    text = page.locator("#text-1")
    expect(text).to_have_value(re.compile(r"\{####\}"))

    text.fill("Tried out: {####}")
    page.locator("#use-1").click()
    expect(page.get_by_text("The pool has this text now.")).to_be_visible()
    page.locator("#send-1").click()

    expect(page.locator("#told-1")).to_contain_text(re.compile(r"Arrived: .?Tried out: \d{6}"), timeout=20_000)
    page.get_by_role("link", name="show it in the inbox").click()
    expect(page.locator("#sms-text")).to_have_text(re.compile(r"Tried out: \d{6}"))
    pool = cognito.describe_user_pool(UserPoolId=sandbox["user_pool_id"])["UserPool"]
    assert pool["VerificationMessageTemplate"]["SmsMessage"] == "Tried out: {####}"


def test_the_controls_list_who_signed_up_and_delete_them(page, sandbox, cognito):
    user = {"Username": "to-be-deleted", "UserAttributes": [{"Name": "phone_number", "Value": "+12065550177"}]}
    cognito.sign_up(**user, ClientId=sandbox["user_pool_client_id"], Password="Passw0rd!")

    page.get_by_role("button", name="Controls", exact=True).click()
    panel = page.get_by_role("dialog", name="Controls of this sandbox")
    panel.get_by_role("button", name="Delete to-be-deleted").click()
    panel.get_by_role("button", name="Really delete to-be-deleted?").click()

    expect(panel.get_by_role("button", name="Delete to-be-deleted")).to_have_count(0)
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=sandbox["user_pool_id"], Username="to-be-deleted")
