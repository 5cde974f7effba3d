"""What a reader of the gallery's page sees, in Chromium."""

from __future__ import annotations

import pytest

from gallery_pools import BUSY, busy, gallery
from inbox_pages import PHONE
from sms_redirect.gallery.comparison import Comparison, compare
from sms_redirect.gallery.document import document
from sms_redirect.gallery.page import render, render_comparison
from sms_redirect.gallery.samples import Person

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = "</style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u202eevil"


@pytest.fixture
def read(launched, tmp_path):
    """Opens the page of galleries, or of a comparison, from its file: the page may ask for nothing else."""
    contexts, requests, problems = [], [], []
    path = tmp_path / "gallery.html"

    def open_page(shown, size, scheme="light"):
        html = render_comparison(shown) if isinstance(shown, Comparison) else render(*shown)
        path.write_text(html, encoding="utf-8")
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
def test_the_pages_styles_apply_and_nothing_overflows(read, size, scheme):
    page = read([busy()], size, scheme)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    grounds = {"light": "rgb(246, 245, 242)", "dark": "rgb(22, 23, 26)"}
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == grounds[scheme]
    expect(page.locator(".bubble").first).to_have_css("border-top-left-radius", "20px")


def test_the_overview_leads_to_each_sms(read, size):
    page = read([busy()], size)

    page.get_by_role("link", name="Invitation").click()

    expect(page.locator("#AdminCreateUser")).to_be_in_viewport()
    expect(page.get_by_role("region", name="Invitation").get_by_text("At its longest")).to_be_visible()


def test_an_sms_is_found_by_its_heading(read, size):
    page = read([busy()], size)

    stopped = page.get_by_role("region", name="Sign-in without a password")

    expect(stopped).to_contain_text("Not sent")
    expect(stopped).to_contain_text("Policies.SignInPolicy.AllowedFirstAuthFactors is PASSWORD")
    texts = [BUSY["SmsAuthenticationMessage"].replace("{####}", code) for code in ("493027", "49302718")]
    expect(stopped.locator(".bubble")).to_have_text(texts)


def test_the_keyboard_can_skip_the_overview(read):
    page = read([busy()], PHONE)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the texts")).to_be_in_viewport()
    page.keyboard.press("Enter")

    assert page.evaluate("location.hash") == "#messages"
    expect(page.get_by_role("region", name="Sign-up")).to_be_in_viewport()


def test_texts_of_several_locales_are_side_by_side_where_there_is_room(read, size):
    page = read([gallery(person=Person(locale=each), **BUSY) for each in ("de", "fr")], size)

    boxes = [each.bounding_box() for each in page.locator(".locales").first.locator(".column").all()]

    assert (boxes[0]["y"] == boxes[1]["y"]) is (size != PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_comparison_shows_before_and_after(read, size, scheme):
    new = gallery(**BUSY | {"SmsVerificationMessage": "No place"})

    page = read(compare(document(busy()), document(new)), size, scheme)

    change = page.get_by_role("region", name="Sign-up")
    expect(change.locator(".bubble")).to_have_count(2)
    expect(change.get_by_text("SmsVerificationMessage has no {####}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_hostile_text_stays_text(read, size):
    page = read([gallery(**BUSY | {"Name": HOSTILE, "SmsVerificationMessage": HOSTILE})], size)

    expect(page.locator(".bubble").first).to_have_text(HOSTILE)
    assert page.locator("img, script").count() == 0
    assert not page.title().startswith("owned")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
