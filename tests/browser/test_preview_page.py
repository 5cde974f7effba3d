"""The Preview tab in Chromium: typing, two texts, copying, putting a text into a pool, on a desk and on a phone."""

from __future__ import annotations

import contextlib
import json
import shlex
from urllib.parse import parse_qs, urlsplit

import pytest

from gallery_pools import BUSY, POOL_ID
from inbox_pages import DESKTOP, PHONE
from preview_pools import OTHER_POOL_ID

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
from playwright.sync_api import Error, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = "</textarea><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{####}"


@pytest.fixture
def preview(visit):
    """Opens the tab and waits for its first preview."""

    def open_tab(query="", **options):
        return visit(f"/preview{query}", ready="Parts and price", **options)

    return open_tab


def text_box(page, number=0):
    return page.get_by_role("textbox").nth(number)


def test_the_tab_is_reached_from_the_inbox_and_back(visit, size):
    page = visit("/", size=size)

    if size == PHONE:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_role("heading", name="SMS preview")).to_be_visible()
    page.get_by_role("link", name="Messages").click()

    expect(page).to_have_url(page.url.partition("/preview")[0])


def test_it_begins_with_the_text_of_a_pool(preview, size):
    page = preview(size=size)

    expect(text_box(page)).to_have_value(BUSY["SmsVerificationMessage"])
    expect(page.locator(".bubble")).to_have_text(BUSY["SmsVerificationMessage"].replace("{####}", "493027"))


def test_everything_changes_with_each_key(preview, size):
    page = preview(size=size)

    text_box(page).fill("")
    expect(page.locator("#summary-1")).to_have_text("1 part, 0 GSM-7 characters, 2 errors")
    text_box(page).press_sequentially("Code: {####")
    expect(page.get_by_text("SmsMessage has no {####}")).to_be_visible()
    expect(text_box(page)).to_have_attribute("aria-invalid", "true")
    text_box(page).press_sequentially("}")
    expect(page.locator(".bubble")).to_have_text("Code: 493027")
    expect(page.locator("#summary-1")).to_have_text("1 part, 12 GSM-7 characters")
    expect(text_box(page)).to_have_attribute("aria-invalid", "false")
    text_box(page).press_sequentially("’")
    expect(page.get_by_text("RIGHT SINGLE QUOTATION MARK")).to_be_visible()
    expect(page.get_by_text("Android User Consent")).to_be_visible()


def test_the_last_key_wins_over_slow_responses(preview):
    page = preview()
    held = []
    page.route(
        "**/api/preview",
        lambda route: held.append(route) if "slow" in route.request.post_data else route.continue_(),
    )

    text_box(page).fill("slow {####}")
    text_box(page).fill("last {####}")

    expect(page.locator(".bubble")).to_have_text("last 493027")
    for route in held:
        with contextlib.suppress(Error):  # the page has given the request up
            route.fulfill(status=500, json={"error": "late"})
    expect(page.locator(".bubble")).to_have_text("last 493027")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_another_message_brings_the_pools_text_for_it(preview):
    page = preview()

    page.get_by_label("Message", exact=True).first.select_option("Invitation")

    expect(text_box(page)).to_have_value(BUSY["AdminCreateUserConfig"]["InviteMessageTemplate"]["SMSMessage"])
    expect(page.get_by_text("At its longest")).to_be_visible()


def test_two_texts_are_side_by_side_where_there_is_room(preview, size):
    page = preview(size=size)

    page.get_by_role("button", name="Compare with a second text").click()
    expect(text_box(page, 1)).to_be_focused()
    text_box(page, 1).fill("Shorter {####}")

    expect(page.locator(".bubble")).to_have_count(2)
    expect(page.locator("#summary-2")).to_have_text("1 part, 14 GSM-7 characters")
    first, second = (page.locator(f"#draft-{number}").bounding_box() for number in (1, 2))
    assert (first["y"] == second["y"]) is (size == DESKTOP)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_address_holds_the_texts(preview):
    page = preview(
        "?template=invitation&text=Hi+%7Busername%7D+%7B%23%23%23%23%7D&template=authentication&text=B+%7B%23%23%23%23%7D"
    )

    expect(text_box(page)).to_have_value("Hi {username} {####}")
    expect(text_box(page, 1)).to_have_value("B {####}")
    text_box(page).fill("Changed {username} {####}")
    expect(page.locator(".bubble").first).to_have_text("Changed alice Xk7!mP2q")
    assert parse_qs(urlsplit(page.url).query)["text"] == ["Changed {username} {####}", "B {####}"]


@pytest.mark.parametrize("tool", ["CloudFormation", "AWS CLI", "Terraform"])
def test_the_result_is_copied_for_a_tool(preview, tool):
    page = preview(permissions=["clipboard-read", "clipboard-write"])
    text_box(page).fill('Ein "Code" für $dich\'s: {####}')
    expect(page.locator(".bubble")).to_have_text('Ein "Code" für $dich\'s: 493027')

    page.get_by_role("button", name=tool, exact=True).click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "{####}" in copied
    if tool == "AWS CLI":
        words = shlex.split(copied.split("\n", 1)[1])
        assert words[4] == POOL_ID
        assert json.loads(words[words.index("text") + 1]) == 'Ein "Code" für $dich\'s: {####}'


def test_a_text_is_put_into_the_pool_and_sent_by_a_real_flow(preview, pools, store):
    page = preview()
    use, send = page.locator("#use-1"), page.locator("#send-1")
    expect(use).to_be_disabled()

    text_box(page).fill("New {####}")
    expect(page.get_by_text("The pool has another text")).to_be_visible()
    use.click()
    expect(page.get_by_text("The pool has this text now.")).to_be_visible()
    page.locator("#sms-1").select_option("Forgotten password")
    send.click()

    expect(page.locator("#told-1")).to_contain_text("Arrived: ")
    assert pools.sent == [(POOL_ID, "ForgotPassword")]
    assert pools.pools()[0].get("SmsVerificationMessage") == "New {####}"
    page.get_by_role("link", name="show it in the inbox").click()
    expect(page.locator("#sms-text")).to_have_text(store.find()[0].message.text)


def changed_elsewhere(pools, text):
    pools.change(POOL_ID, SmsVerificationMessage=text)


@pytest.mark.parametrize("how", ["button", "focus", "pool"])
def test_a_text_that_changed_elsewhere_is_shown(preview, pools, how):
    page = preview()
    changed_elsewhere(pools, "Newer {####}")

    if how == "button":
        page.get_by_role("button", name="Take the pool's text").first.click()
    elif how == "focus":
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    else:
        page.locator("#pool-1").select_option(OTHER_POOL_ID)
        expect(text_box(page)).to_have_value("Your verification code is {####}.")
        page.locator("#pool-1").select_option(POOL_ID)

    expect(text_box(page)).to_have_value("Newer {####}")
    expect(page.locator("#origin-1")).to_contain_text("The pool's text (SmsVerificationMessage), read at")


def test_focus_leaves_a_draft_alone_and_says_that_the_pool_has_another(preview, pools):
    page = preview()
    text_box(page).fill("Mine {####}")
    changed_elsewhere(pools, "Newer {####}")

    with page.expect_response("**/api/pools?"):
        page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.locator("#origin-1")).to_contain_text("A draft: the pool's text")
    expect(page.locator("#why-not-1")).to_contain_text("The pool has another text")
    expect(text_box(page)).to_have_value("Mine {####}")


def test_a_text_is_compared_with_the_pools_own_of_now_before_it_can_be_used(preview, pools):
    page = preview()
    changed_elsewhere(pools, "Newer {####}")

    text_box(page).fill("Newer {####}")

    expect(page.locator("#origin-1")).to_contain_text("The pool's text")
    expect(page.locator("#use-1")).to_be_disabled()


def test_a_pool_that_cannot_be_read_again_is_not_shown_as_if_it_were(preview, pools, visit):
    from sms_redirect.errors import CannotReachAws

    page = preview()
    pools.error = CannotReachAws("DescribeUserPool failed: timed out")

    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.locator("#origin-1")).to_contain_text("may have changed")
    expect(page.locator("#use-1")).to_be_disabled()
    visit.expected.append("status of 502")


def test_a_default_is_named_and_can_be_set(preview, pools):
    page = preview(f"?pool={OTHER_POOL_ID}")
    expect(page.locator("#origin-1")).to_contain_text("The pool has no text of its own")
    expect(page.get_by_text("To be certain, set VerificationMessageTemplate.SmsMessage")).to_be_visible()

    page.locator("#use-1").click()

    expect(page.get_by_text("The pool has this text now.")).to_be_visible()
    expect(page.locator("#origin-1")).to_contain_text("The pool's text (SmsVerificationMessage)")
    expect(page.get_by_text("To be certain, set VerificationMessageTemplate.SmsMessage")).to_be_hidden()
    assert pools.pools()[1].get("SmsVerificationMessage") == "Your verification code is {####}."


def test_a_refusal_of_cognito_is_shown_where_it_was_asked_for(preview, visit):
    page = preview()
    text_box(page).fill("refuse {####}")

    page.locator("#use-1").click()

    expect(page.locator("#told-1")).to_have_text("1 validation error detected (InvalidParameterException)")
    visit.expected.append("status of 409")


def test_a_flow_that_the_pool_does_not_send_names_the_setting(preview):
    page = preview("?template=authentication")

    page.locator("#sms-1").select_option("Sign-in without a password")

    expect(page.locator("#send-1")).to_be_disabled()
    expect(page.locator("#why-not-1")).to_contain_text("Policies.SignInPolicy.AllowedFirstAuthFactors is PASSWORD")


def test_nothing_can_be_written_over_a_deployed_stack(serve, launched):
    page = launched.new_page()
    page.goto(serve(writes=False).url + "/preview")
    page.get_by_text("Parts and price").wait_for()

    expect(page.get_by_role("button", name="Use it in the pool")).to_be_hidden()
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    page.close()


def test_pools_that_cannot_be_read_leave_the_preview_working(visit, pools):
    from sms_redirect.errors import CannotReachAws

    pools.error = CannotReachAws("DescribeUserPool failed: timed out")

    page = visit("/preview", ready="Parts and price")

    expect(text_box(page)).to_have_value("Your verification code is {####}.")
    expect(page.locator(".bubble")).to_have_text("Your verification code is 493027.")
    visit.expected.append("status of 502")


def test_a_server_that_is_gone_is_said_and_forgotten_when_it_is_back(preview, server, serve, visit):
    page = preview()
    server.stop()
    text_box(page).fill("Away {####}")
    expect(page.get_by_role("alert")).to_have_text("The inbox does not answer. Is it running?")

    serve(server.port)
    text_box(page).fill("Back {####}")

    expect(page.locator(".bubble")).to_have_text("Back 493027")
    expect(page.get_by_role("alert")).to_be_hidden()
    visit.expected.append("Failed to load resource")  # the refused requests


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_nothing_sticks_out(preview, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = preview(size=size, scheme=scheme)
    page.get_by_role("button", name="Compare with a second text").click()
    text_box(page, 1).fill("Zoë’s [€]" + "x" * 90)
    expect(page.locator("#summary-2")).to_contain_text("1 error")

    found = axe.run(page)

    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    grounds = {"light": "rgb(246, 245, 242)", "dark": "rgb(22, 23, 26)"}
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == grounds[scheme]


def test_all_of_it_works_with_the_keyboard(preview):
    page = preview()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("!")

    assert text_box(page).input_value().endswith("!") or text_box(page).input_value().startswith("!")


def test_a_hostile_text_stays_text(preview, size):
    page = preview(size=size)

    text_box(page).fill(HOSTILE)

    expect(page.locator(".bubble")).to_have_text(HOSTILE.replace("{####}", "493027"))
    assert page.locator("main img, main script").count() == 0
    assert not page.title().startswith("owned")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_phone_shows_the_text_before_everything_else(preview):
    page = preview(size=PHONE)

    box = text_box(page).bounding_box()

    assert box["y"] < PHONE["height"] / 2
