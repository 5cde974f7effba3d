"""What a reader of the gallery's page sees, in Chromium."""

from __future__ import annotations

import pytest

from gallery_pools import BUSY, busy, gallery
from inbox_pages import PHONE
from sms_redirect.gallery.page import render

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = "</style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u202eevil"


@pytest.fixture
def read(launched, tmp_path):
    """Opens a gallery's page from its file; nothing may be asked for but the file, and nothing may go wrong."""
    contexts, requests, problems = [], [], []
    path = tmp_path / "gallery.html"

    def open_page(shown, size, scheme="light"):
        path.write_text(render(shown), encoding="utf-8")
        context = launched.new_context(viewport=size, color_scheme=scheme, locale="en-GB")
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert set(requests) == {path.as_uri()}
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_styles_apply_and_nothing_sticks_out(read, size, scheme):
    page = read(busy(), size, scheme)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    grounds = {"light": "rgb(246, 245, 242)", "dark": "rgb(22, 23, 26)"}
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == grounds[scheme]
    expect(page.locator(".bubble").first).to_have_css("border-top-left-radius", "20px")


def test_the_overview_leads_to_each_sms(read, size):
    page = read(busy(), size)

    page.get_by_role("link", name="Invitation").click()

    expect(page.get_by_role("region", name="Invitation").get_by_text("At its longest")).to_be_in_viewport()


def test_an_sms_is_found_by_its_heading(read, size):
    page = read(busy(), size)

    stopped = page.get_by_role("region", name="Sign-in without a password")

    expect(stopped).to_contain_text("Not sent")
    expect(stopped).to_contain_text("Policies.SignInPolicy.AllowedFirstAuthFactors is PASSWORD")
    expect(stopped.locator(".bubble")).to_have_text(BUSY["SmsAuthenticationMessage"].replace("{####}", "49302718"))


def test_the_keyboard_can_skip_the_overview(read):
    page = read(busy(), PHONE)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the messages")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("location.hash") == "#messages"
    expect(page.get_by_role("region", name="Sign-up")).to_be_in_viewport()


def test_a_hostile_text_stays_text(read, size):
    page = read(gallery(**BUSY | {"Name": HOSTILE, "SmsVerificationMessage": HOSTILE}), size)

    expect(page.locator(".bubble").first).to_have_text(HOSTILE)
    assert page.locator("img, script").count() == 0
    assert not page.title().startswith("owned")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
