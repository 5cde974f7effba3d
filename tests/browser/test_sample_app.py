"""docs/sample-app in Chromium: aws-amplify 6, unmodified, from sign-up to a new password, with codes from the inbox."""

import pytest

from journeys import node_is_missing
from sample_app import NEW_PASSWORD, PASSWORD, Visitor, build, served

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from inbox_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def address(sandbox, tmp_path_factory):
    if (missing := node_is_missing()) is not None:
        pytest.skip(missing)
    with served(build(tmp_path_factory.mktemp("sample"), sandbox)) as address:
        yield address


@pytest.fixture
def visitor(launched, sandbox, address):
    """On a phone, in the dark. Nothing may leave the machine."""
    context = launched.new_context(viewport=PHONE, color_scheme="dark", locale="en-GB", reduced_motion="reduce")
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.goto(address)
    yield Visitor(page, sandbox["inbox_url"], "sample-visitor", "+12065550177")
    context.close()
    assert [url for url in requests if not url.startswith((address, sandbox["endpoint_url"]))] == []


def test_sign_up_second_factor_and_reset(visitor):
    page, problem = visitor.page, visitor.page.get_by_role("alert")
    violations = lambda: [each["id"] for each in Axe().run(page).response["violations"]]  # noqa: E731 - read once

    visitor.see("Sign in")
    assert violations() == []
    visitor.sign_up()
    expect(page.locator("#confirm [data-sent-to]")).to_have_text("+*******0177")
    first = visitor.code("SignUp")
    visitor.fill(code=f"{(int(first) + 1) % 10**6:06d}")
    visitor.press("Confirm")
    expect(problem).to_have_text("Invalid verification code provided, please try again.")
    visitor.press("Send a new code")
    expect(page.get_by_role("status")).to_have_text("A new code is on its way.")
    visitor.fill(code=visitor.code("ResendCode"))
    visitor.press("Confirm")
    expect(page.get_by_role("status")).to_contain_text("Your number is confirmed.")

    visitor.sign_in(PASSWORD)
    visitor.see("Welcome, sample-visitor")
    expect(page.locator("[data-phone]")).to_have_text(visitor.phone)
    visitor.press("Sign out")
    page.get_by_role("link", name="Forgot your password?").click()
    visitor.press("Send a code")
    visitor.see("Choose a new password")
    visitor.fill(code=visitor.code("ForgotPassword"), password=NEW_PASSWORD)
    visitor.press("Change password")
    visitor.sign_in(PASSWORD)
    expect(problem).to_have_text("Incorrect username or password.")
    visitor.sign_in(NEW_PASSWORD)

    switch = page.get_by_role("switch")
    expect(switch).not_to_be_checked()
    switch.check()
    page.reload()  # the tokens are kept, and the setting is the pool's
    visitor.see("Welcome, sample-visitor")
    expect(switch).to_be_checked()
    assert violations() == []
    visitor.press("Sign out")
    visitor.sign_in(NEW_PASSWORD)
    visitor.see("One more step")
    visitor.fill(code=visitor.code("Authentication"))
    visitor.press("Continue")
    visitor.see("Welcome, sample-visitor")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
