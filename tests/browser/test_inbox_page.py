"""What a tester sees and does in the inbox's page, in Chromium."""

from __future__ import annotations

import re

import pytest

from email_documents import email
from gallery_pools import POOL_ID
from inbox_pages import MORNING, PHONE, fill_with_samples
from sms_documents import failed, sms
from sms_redirect.inbox.connect import Connection
from sms_redirect.inbox.sources import Delivery, LogLine
from sms_redirect.messages.store import SmsStore

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
pytest.importorskip("axe_playwright_python", reason="axe is not installed: uv sync --group browser")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CLIPBOARD = ("clipboard-read", "clipboard-write")
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\">\u202eevil\u202c code 000001"


def rows(page):
    return page.locator("a.message")


def search(page):
    return page.get_by_role("combobox", name="Search the messages")


def clipboard(page):
    return page.evaluate("navigator.clipboard.readText()")


# ---- the list ----


def test_a_message_appears_without_reloading_and_is_announced(visit, store):
    page = visit()
    page.evaluate("window.sameDocument = true")
    expect(page.get_by_text("No SMS yet")).to_be_visible()

    store.add(sms(493027))

    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Your verification code is 493027")
    expect(page.get_by_role("status").last).to_have_text("New SMS: Sign-up, to +1 206-555-1212")
    expect(page.get_by_text("No SMS yet")).to_be_hidden()
    assert page.evaluate("window.sameDocument")


def test_a_notice_is_shown_as_a_notice(visit, store):
    page = visit()

    store.add(
        sms(1, flow="Notice", phone_number=None, user_name=None, code=None, text="The failure queue holds an SMS.")
    )

    expect(page.get_by_role("status").last).to_have_text("The failure queue holds an SMS.")
    expect(rows(page)).to_contain_text("Watch of the redirect")
    expect(rows(page)).to_contain_text("Notice, not an SMS")
    rows(page).click()
    expect(page.locator("#notice-text")).to_have_text("The failure queue holds an SMS.")
    expect(page.get_by_text("part", exact=False)).to_have_count(0)


def test_the_newest_is_on_top_and_a_duplicate_is_marked(visit, store):
    page = visit()

    for number in (1, 2, 1):
        store.add(sms(number))

    expect(rows(page)).to_have_count(2)
    expect(rows(page).nth(0)).to_contain_text("000002")
    expect(rows(page).nth(1)).to_contain_text("2× delivered")


def test_a_failure_shows_its_reason_in_the_list_and_its_hint_beside(visit, store):
    store.add(failed(1))
    page = visit()
    expect(rows(page)).to_contain_text("Not shown: The code could not be decrypted")

    rows(page).click()

    shown = page.get_by_role("region", name="This SMS cannot be shown")
    expect(shown).to_contain_text("another KMS key encrypted it")
    expect(shown).to_contain_text("Deploy the stack with KmsKeyArn")


def test_filters_narrow_the_list_and_stay_in_the_address(visit, store):
    fill_with_samples(store)
    page = visit()
    expect(rows(page)).to_have_count(9)

    search(page).fill("to:+4915112345678")
    expect(rows(page)).to_have_count(2)
    search(page).fill("to:+4915112345678 915204")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 of 9 messages")

    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(search(page)).to_have_value("to:+4915112345678 915204")
    page.get_by_role("button", name="Remove to:+4915112345678").click()
    expect(search(page)).to_have_value("915204")
    search(page).fill("")
    expect(rows(page)).to_have_count(9)
    assert page.url.endswith("/")


@pytest.mark.parametrize(
    ("typed", "count", "chips"),
    [
        ("flow:SignUp", 3, ["flow:SignUp"]),
        ("user:jonas", 2, ["user:jonas"]),
        ("to:unknown", 1, ["to:unknown"]),
        ("failed", 1, ["failed"]),
        ("failed user:jonas", 1, ["failed", "user:jonas"]),
        ('"failed"', 0, []),
        ("takeover", 1, []),
    ],
)
def test_the_search_box_understands_filters(visit, store, typed, count, chips):
    fill_with_samples(store)
    page = visit()

    search(page).fill(typed)

    expect(rows(page)).to_have_count(count)
    expect(page.get_by_role("list", name="Filters").get_by_role("button")).to_have_text([f"{each} ×" for each in chips])


def test_the_search_box_suggests_what_is_there(visit, store):
    fill_with_samples(store)
    page = visit()

    search(page).fill("code fl")

    expect(page.locator("#suggestions option[value='code flow:SignUp']")).to_be_attached()
    search(page).fill("code jo")
    expect(page.locator("#suggestions option[value='code user:jonas']")).to_be_attached()
    expect(page.locator("#suggestions option")).to_have_count(1)


def test_a_filter_holds_for_what_arrives_later(visit, store):
    store.add(sms(1))
    page = visit("/?flow=SignUp")
    expect(rows(page)).to_have_count(1)

    store.add(sms(2, flow="ForgotPassword"))
    store.add(sms(3))

    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("000003")


def test_messages_are_grouped_under_headings(visit, store):
    fill_with_samples(store)
    page = visit()

    page.get_by_label("Group by").select_option("user_name")

    headings = page.get_by_role("heading", level=3)
    expect(headings).to_have_text(
        ["alice 5 messages", "zoe 1 message", "jonas 2 messages", "5f6c1d1e-0000-4000-8000-000000000001 1 message"]
    )
    store.add(sms(1, user_name="jonas"))
    expect(headings.first).to_have_text("jonas 3 messages")
    for number in range(200, 320):
        store.add(sms(number, user_name="zoe"))
    expect(headings.first).to_have_text("zoe 121 messages")  # of which 100 are listed


@pytest.fixture
def full(serve, server):
    """An inbox that is full, in the place of the other."""
    server.stop()
    store = SmsStore()
    for number in range(10_005):
        store.add(sms(number, user_name=f"user-{number % 700}"))
    serve(server.port, over=store)
    return store


def test_ten_thousand_messages_are_scrolled_with_few_rows_and_dropped_ones_are_counted(visit, full):
    page = visit()
    expect(page.locator("#count")).to_have_text("10,000 messages. The inbox holds 10,000; the oldest 5 were dropped")
    assert rows(page).count() < 120

    scroll(page, 0.5)
    middle = page.locator("a.message").filter(has_text="005004")
    expect(middle).to_be_visible()
    assert rows(page).count() < 120
    place = middle.bounding_box()["y"]
    full.add(sms(20_000))
    expect(page.get_by_role("status").last).to_have_text("New SMS: Sign-up, to +1 206-555-1212")
    expect(middle).to_be_visible()
    assert abs(middle.bounding_box()["y"] - place) < 2  # what the reader looks at stays where it is

    page.keyboard.press("End")
    rows(page).first.focus()
    page.keyboard.press("End")
    expect(rows(page).last).to_be_focused()
    expect(rows(page).last).to_contain_text("000006")
    page.keyboard.press("Home")
    expect(rows(page).first).to_contain_text("020000")
    search(page).fill("001234")
    expect(rows(page)).to_have_count(1)


def test_every_group_is_there_with_the_server_s_count(visit, full):
    page = visit("/?group=user_name")
    expect(page.get_by_role("heading", level=3).first).to_have_text("user-204 15 messages")

    scroll(page, 1)

    expect(rows(page).last).to_be_in_viewport()
    expect(page.get_by_role("heading", level=3).last).to_have_text("user-205 14 messages")


def scroll(page, part):
    """To a part of the list's whole height."""
    page.evaluate("part => { const list = document.getElementById('list-scroll');"
                  "list.scrollTop = part * (list.scrollHeight - list.clientHeight) }", part)  # fmt: skip


def test_a_burst_is_shown_whole(visit, store):
    page = visit()

    for number in range(95):
        store.add(sms(number))

    expect(rows(page)).to_have_count(95)
    expect(rows(page).first).to_contain_text("000094")


def test_deleting_all_asks_first(visit, store):
    store.add(sms(1))
    page = visit()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("button", name="Keep them").click()
    assert store.state.kept == 1

    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete all").click()

    expect(page.get_by_text("No SMS yet")).to_be_visible()
    expect(page.locator("#list-heading")).to_be_focused()
    assert store.state.kept == 0


def test_what_is_filtered_is_deleted_and_the_rest_stays(visit, store):
    fill_with_samples(store)
    page = visit("/?user_name=jonas")
    expect(rows(page)).to_have_count(2)

    page.get_by_role("button", name="Delete 2").click()
    expect(page.get_by_role("dialog", name="Delete 2 messages?")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Delete these 2").click()

    expect(page.get_by_text("No message matches")).to_be_visible()
    assert store.state.kept == 7


def test_one_message_is_deleted_and_the_next_one_opens(visit, store):
    for number in (1, 2, 3):
        store.add(sms(number))
    page = visit(f"/?message={2:032x}")

    page.get_by_role("button", name="Delete this message").click()

    expect(rows(page)).to_have_count(2)
    expect(page.locator(".bubble")).to_have_text("Your verification code is 000001")
    expect(page.locator("#detail-heading")).to_be_focused()


def test_what_is_filtered_is_exported(visit, store):
    fill_with_samples(store)
    page = visit("/?user_name=jonas")
    expect(rows(page)).to_have_count(2)

    page.locator("#export summary").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="As CSV").click()

    assert downloading.value.suggested_filename == "messages.csv"
    assert downloading.value.path().read_text(encoding="utf-8-sig").count("jonas") == 2
    expect(page.get_by_role("link", name="As CSV")).to_be_hidden()


def test_a_link_for_one_tester_is_shown_as_such_until_its_filters_change(visit, store):
    fill_with_samples(store)
    page = visit("/?user_name=jonas", permissions=CLIPBOARD)
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_label("Name").fill("Jonas’ sign-ups")
    page.get_by_role("button", name="Copy link").click()
    assert_accessible(page)

    page.goto(clipboard(page))

    view = page.get_by_role("note", name="View")
    expect(view).to_contain_text("Jonas’ sign-ups")
    expect(rows(page)).to_have_count(2)
    assert page.title() == "Jonas’ sign-ups · SMS inbox · sandbox"
    assert_accessible(page)
    view.get_by_role("button", name="Show all").click()
    expect(rows(page)).to_have_count(9)
    expect(view).to_be_hidden()


def test_a_long_name_widens_no_row(visit, store, size):
    long = "x" * 128
    store.add(sms(1, user_name=long, flow=long, code=long, text=long))
    page = visit("/?group=user_name", size=size)
    expect(rows(page)).to_have_count(1)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#list-scroll").evaluate("list => list.scrollWidth <= list.clientWidth")
    assert page.locator(".rows li").bounding_box()["width"] <= size["width"]


def test_a_pending_subscription_is_a_banner_until_it_is_confirmed(visit, pending):
    pending.confirmed = False
    page = visit()
    banner = page.get_by_role("region", name="Pending subscriptions")
    expect(banner).to_contain_text("new-tester@example.com receives no email until")
    expect(banner.get_by_role("link")).to_have_attribute("href", re.compile("Action=ConfirmSubscription"))

    pending.confirmed = True
    page.evaluate("dispatchEvent(new Event('focus'))")

    expect(banner.get_by_role("link")).to_have_count(0)


# ---- one message ----


def test_the_code_is_copied(visit, store):
    store.add(sms(493027))
    page = visit(permissions=CLIPBOARD)
    rows(page).click()

    page.get_by_role("button", name="Copy code").click()

    expect(page.get_by_role("button", name="Copy code")).to_have_text("Copied")
    assert clipboard(page) == "493027"
    expect(page.get_by_role("status").last).to_have_text("Code copied")


def test_a_message_shows_its_text_parts_template_email_and_document(visit, store):
    fill_with_samples(store)
    page = visit()

    rows(page).filter(has_text="Zoë").click()

    expect(page.locator(".bubble")).to_have_text(re.compile("^Zoë’s café: your code is 493027 — it is valid"))
    expect(page.get_by_role("list", name="Where the text splits").get_by_role("listitem")).to_have_count(2)
    marked = page.get_by_role("table").get_by_role("row", name="RIGHT SINGLE QUOTATION MARK")
    expect(marked.get_by_role("cell").last).to_have_text("'")
    expect(page.get_by_text("2× the price of a one-part SMS")).to_be_visible()
    expect(page.get_by_label("The text with its placeholders")).to_contain_text("your code is {####} —")
    expect(page.get_by_text("To qa@example.com", exact=True)).to_be_visible()
    page.get_by_text("JSON", exact=True).click()
    expect(page.get_by_label("The message document")).to_contain_text('"schema": "sms-redirect/1"')


def test_characters_that_count_twice_are_marked(visit, store):
    store.add(sms(1, text="a[b]{c"))
    page = visit(f"/?message={1:032x}")

    expect(page.get_by_text("Dotted: 3 characters that count as two in GSM-7.")).to_be_visible()


def test_a_link_to_a_message_opens_it(visit, store):
    store.add(sms(1))
    store.add(sms(2))

    page = visit(f"/?message={1:032x}")

    expect(page.locator(".bubble")).to_have_text("Your verification code is 000001")
    expect(page.locator("a.message[aria-current=true]")).to_contain_text("000001")


def test_the_open_message_changes_when_its_failure_is_replaced(visit, store):
    store.add(failed(1))
    page = visit(f"/?message={1:032x}")
    expect(page.get_by_text("This SMS cannot be shown")).to_be_visible()

    store.add(sms(1))

    expect(page.locator(".bubble")).to_have_text("Your verification code is 000001")


def test_a_message_that_is_gone_says_so(visit):
    page = visit("/?message=unknown")

    expect(page.get_by_text("This message is gone")).to_be_visible()
    visit.expected.append("status of 404")


def test_a_temporary_password_is_called_that(visit, store):
    store.add(sms(1, flow="AdminCreateUser", code="aB3!xyz"))
    page = visit(permissions=CLIPBOARD)
    rows(page).click()

    page.get_by_role("button", name="Copy temporary password").click()

    assert clipboard(page) == "aB3!xyz"
    expect(page.get_by_role("status").last).to_have_text("Temporary password copied")


# ---- a first SMS ----


@pytest.fixture
def connected(connect):
    connect.connection = Connection("http://127.0.0.1:4566", "us-east-1", POOL_ID, "4t1sf0client")


@pytest.mark.usefixtures("connected")
def test_an_empty_inbox_has_ids_and_commands_to_copy(visit, size):
    page = visit(size=size, permissions=CLIPBOARD)
    panel = page.locator("#detail")

    page.get_by_role("button", name="Copy Pool id").first.click()
    assert clipboard(page) == POOL_ID
    for client, expected in [
        ("AWS CLI", "aws cognito-idp sign-up"),
        ("Amplify", "userPoolEndpoint"),
        ("curl", "-d '{"),
    ]:
        panel.get_by_role("button", name=client, exact=True).click()
        panel.get_by_role("button", name="Copy snippet").click()
        assert expected in clipboard(page)
    assert_accessible(page)


@pytest.mark.usefixtures("connected")
def test_a_test_sms_arrives_by_a_click(visit, pools):
    page = visit()

    page.get_by_role("button", name="Send a test SMS").click()

    expect(rows(page)).to_have_count(1)
    assert pools.sent == [(POOL_ID, "SignUp")]
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("dialog", name="Connect a client")).to_contain_text(POOL_ID)
    assert_accessible(page)


def test_over_a_deployed_stack_there_is_nothing_to_connect(visit):
    page = visit()

    expect(page.get_by_text("No SMS yet")).to_be_visible()
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Send a test SMS")).to_have_count(0)


# ---- hostile texts ----


def test_a_hostile_text_is_shown_and_does_nothing(visit, store):
    store.add(sms(1, text=HOSTILE, user_name=HOSTILE, flow="<b>x</b>", code="</output><script>alert(1)</script>"))
    page = visit()
    page.on("dialog", lambda dialog: pytest.fail(f"a text opened a dialog: {dialog.message}"))

    rows(page).click()

    expect(page.locator(".bubble")).to_have_text(HOSTILE)
    expect(page.locator(".code")).to_have_text("</output><script>alert(1)</script>")
    expect(rows(page)).to_contain_text("<img src=x onerror=")
    assert page.title() == "SMS inbox · sandbox"
    assert page.locator("main img, main script, main b").count() == 0


def test_a_bidirectional_control_is_named_and_affects_only_its_bubble(visit, store):
    store.add(sms(1, text=HOSTILE))
    page = visit()

    rows(page).click()

    expect(rows(page)).to_contain_text("[U+202E]evil[U+202C] code 000001")
    expect(page.locator(".part-text").first).to_contain_text("[U+202E]")
    page.get_by_text("JSON", exact=True).click()
    expect(page.get_by_label("The message document")).to_contain_text("\\u202eevil\\u202c code")
    assert page.locator(".bubble").evaluate("bubble => getComputedStyle(bubble).unicodeBidi") == "isolate"


# ---- keyboard, phone, light and dark ----


def test_everything_works_with_the_keyboard(visit, store):
    fill_with_samples(store)
    page = visit(permissions=CLIPBOARD)
    expect(rows(page)).to_have_count(9)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the messages")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(rows(page).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail-heading")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy code")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copy code")).to_have_text("Copied")
    assert clipboard(page) == "493027"
    page.keyboard.press("Escape")
    expect(rows(page).nth(1)).to_be_focused()
    expect(page.get_by_text("No message selected")).to_be_visible()


def test_keys_walk_the_messages_copy_the_code_and_search(visit, store):
    for number in (1, 2, 3):
        store.add(sms(number))
    page = visit(permissions=CLIPBOARD)
    expect(rows(page)).to_have_count(3)

    for key, shown in [("j", "000003"), ("j", "000002"), ("j", "000001"), ("j", "000001"), ("k", "000002")]:
        page.keyboard.press(key)
        expect(page.locator(".bubble")).to_have_text(f"Your verification code is {shown}")
    page.keyboard.press("c")
    expect(page.get_by_role("status").last).to_have_text("Code copied")
    assert clipboard(page) == "000002"
    page.keyboard.press("/")
    expect(search(page)).to_be_focused()
    page.keyboard.type("jck/")
    expect(search(page)).to_have_value("jck/")


def test_a_row_s_code_is_copied_without_opening_the_message(visit, store):
    store.add(sms(493027))
    page = visit(permissions=CLIPBOARD)

    page.get_by_role("button", name="Copy 493027").click()

    expect(page.get_by_role("status").last).to_have_text("Code copied")
    assert clipboard(page) == "493027"
    expect(page.get_by_text("No message selected")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_list_and_a_message(visit, store, pending, size, scheme):
    pending.confirmed = False
    fill_with_samples(store)
    page = visit("/?flow=SignUp", size=size, scheme=scheme)
    expect(rows(page)).to_have_count(3)
    assert_accessible(page)

    rows(page).first.click()

    page.locator("#detail-heading").wait_for()
    assert_accessible(page)


def assert_accessible(page):
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_on_a_phone_the_first_sms_is_on_the_first_screen_and_back_restores_the_scroll(visit, store, pending):
    pending.confirmed = False
    for number in range(60):
        store.add(sms(number))
    page = visit(size=PHONE)
    assert rows(page).first.bounding_box()["y"] < PHONE["height"] / 3
    rows(page).nth(40).scroll_into_view_if_needed()
    place = rows(page).nth(40).bounding_box()["y"]

    rows(page).nth(40).click()
    page.locator(".bubble").wait_for()
    expect(rows(page).nth(40)).to_be_hidden()
    page.go_back()

    expect(rows(page).nth(40)).to_be_in_viewport()
    assert rows(page).nth(40).bounding_box()["y"] == place


def test_the_list_is_where_it_was_after_another_page(visit, store):
    for number in range(400):
        store.add(sms(number))
    page = visit()
    scroll(page, 0.5)
    row = page.locator("a.message").filter(has_text="000199")
    expect(row).to_be_visible()
    place = row.bounding_box()["y"]

    page.get_by_role("link", name="API").click()
    page.get_by_role("heading", level=1).wait_for()
    page.go_back()

    expect(row).to_be_visible()
    assert abs(row.bounding_box()["y"] - place) < 2


def test_an_arrival_changes_neither_focus_nor_the_open_message(visit, store):
    fill_with_samples(store)
    page = visit()
    rows(page).nth(3).focus()

    store.add(sms(1))

    expect(rows(page)).to_have_count(10)
    expect(rows(page).nth(4)).to_be_focused()


def test_a_duplicate_of_the_open_message_leaves_focus_where_it_is(visit, store):
    store.add(sms(1))
    page = visit(f"/?message={1:032x}")
    page.get_by_role("button", name="Copy code").focus()

    store.add(sms(1))

    expect(page.get_by_text("2 times; duplicates are shown once")).to_be_visible()
    expect(page.get_by_role("button", name="Copy code")).to_be_focused()


def test_the_focused_element_is_outlined(visit, store):
    store.add(sms(1))
    page = visit()
    expect(rows(page)).to_have_count(1)

    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 1, page.evaluate("document.activeElement.outerHTML")


UNNAMED = """() => [...document.querySelectorAll("input, select, button, a")]
  .filter((each) => !(each.labels?.length || each.textContent.trim() || each.ariaLabel))
  .map((each) => each.outerHTML)"""


def test_landmarks_and_names_are_there_for_a_screen_reader(visit, store):
    store.add(sms(1))
    page = visit()
    rows(page).click()

    for role in ("banner", "main", "search", "navigation"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("SMS inbox")
    expect(page.get_by_role("list", name="Messages, newest first")).to_be_visible()
    assert page.evaluate(UNNAMED) == []
    assert page.locator("html").get_attribute("lang") == "en"


def test_nothing_is_wider_than_the_window(visit, store, size):
    fill_with_samples(store)
    store.add(
        sms(
            9, text="x" * 400, user_name="u" * 128, client_id="c" * 128, code="y" * 99, client_metadata={"k": "v" * 200}
        )
    )
    page = visit(size=size)
    wider = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wider)

    rows(page).first.click()

    expect(page.locator(".bubble")).to_be_visible()
    assert not page.evaluate(wider)


def test_a_phone_shows_the_list_or_the_message_and_goes_back(visit, store):
    store.add(sms(1))
    page = visit(size=PHONE)

    rows(page).click()
    expect(rows(page)).to_be_hidden()
    page.get_by_role("button", name="Messages").click()

    expect(rows(page)).to_be_visible()
    expect(rows(page)).to_be_focused()
    expect(page.locator(".bubble")).to_be_hidden()


def test_the_browsers_back_button_closes_the_message(visit, store):
    store.add(sms(1))
    page = visit(size=PHONE)
    rows(page).click()
    expect(page.locator(".bubble")).to_be_visible()

    page.go_back()

    expect(rows(page)).to_be_visible()


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
  };
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => [r, g, b].map((c) => linear(c / 255))
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const worst = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !element.checkVisibility() || element.matches(":disabled, .hidden, option, noscript")) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    worst.push([(a + 0.05) / (b + 0.05), element.outerHTML.slice(0, 120)]);
  }
  return worst.sort((x, y) => x[0] - y[0]).slice(0, 3);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("message", ["Zoë", "Not shown"])
def test_every_text_has_contrast_in_light_and_dark(visit, store, pending, scheme, message):
    pending.confirmed = False
    fill_with_samples(store)
    page = visit(scheme=scheme)
    rows(page).filter(has_text=message).click()
    page.locator("#detail-heading").wait_for()

    worst = page.evaluate(CONTRASTS)

    assert worst[0][0] >= 4.5, worst


def test_dark_is_dark_and_light_is_light(visit):
    grounds = [
        visit(scheme=scheme).evaluate("getComputedStyle(document.documentElement).backgroundColor")
        for scheme in ("light", "dark")
    ]

    assert [sum(map(int, re.findall(r"\d+", ground))) > 380 for ground in grounds] == [True, False]


# ---- breaks ----


def test_nothing_is_missing_after_a_broken_connection(visit, store, serve, server):
    store.add(sms(1))
    page = visit()
    expect(rows(page)).to_have_count(1)

    server.stop()
    expect(page.get_by_text("Connection lost, retrying…")).to_be_visible()
    expect(page.get_by_role("status").last).to_have_text("Connection lost")
    for number in (2, 3, 1):
        store.add(sms(number))
    serve(server.port)

    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(rows(page)).to_have_count(3)
    store.add(sms(4))
    expect(rows(page)).to_have_count(4)
    expect(rows(page).nth(3)).to_contain_text("2× delivered")
    visit.expected.append("ERR_CONNECTION_REFUSED")


def test_a_restarted_inbox_shows_its_own_messages_and_continues(visit, store, serve, server):
    store.add(sms(1))
    page = visit()
    expect(rows(page)).to_have_count(1)

    server.stop()
    expect(page.get_by_text("Connection lost, retrying…")).to_be_visible()
    restarted = SmsStore()
    restarted.add(sms(7))
    serve(server.port, over=restarted)

    expect(rows(page)).to_contain_text(["000007"])
    restarted.add(sms(8))
    expect(rows(page)).to_contain_text(["000008", "000007"])
    visit.expected.append("ERR_CONNECTION_REFUSED")


# ---- emails of a sandbox's user pools ----


def test_an_email_is_shown_locked_in_a_frame_and_as_text(visit, store, server):
    store.add(sms(1))
    link = "http://127.0.0.1:4566/confirmUser?confirmation_code=1"
    hostile = (
        "<h1>Hello</h1><script>top.document.title = 'owned'</script>"
        f"<img src='{server.url}/static/icon.svg' onerror=\"top.document.title='owned'\"><p>Code <b>000002</b></p>"
    )
    store.add(email(2, html=hostile, text="Hello\nCode 000002", link=link))
    page = visit()
    expect(rows(page)).to_have_count(2)

    search(page).fill("kind:email")
    expect(rows(page)).to_have_count(1)
    rows(page).first.click()

    frame = page.frame_locator("iframe[title='The email']")
    expect(frame.get_by_role("heading", name="Hello")).to_be_visible()
    expect(page.get_by_label("The email as text")).to_have_text("Hello\nCode 000002")
    expect(page.get_by_role("button", name="Copy code 000002")).to_be_visible()
    expect(page.get_by_role("link", name="Open the link")).to_have_attribute("href", link)
    assert page.locator("iframe").get_attribute("sandbox") == ""
    assert "owned" not in page.title()
    assert any("icon.svg" in problem and "img-src data:" in problem for problem in visit.problems)
    assert all("Content Security Policy" in problem or "sandboxed" in problem for problem in visit.problems)
    visit.problems.clear()  # the browser says what it refused to run and load

    search(page).fill("to:alice@example.com")
    expect(rows(page)).to_have_count(1)
    search(page).fill("kind:sms")
    expect(rows(page)).to_contain_text("000001")


def test_an_sms_that_would_have_gone_to_the_phone_is_shown_as_one(visit, store):
    failure = {
        "reason": "The pool has no custom SMS sender: on AWS this SMS would have gone to the real phone.",
        "hint": "",
    }
    store.add(sms(1, failure=failure))
    page = visit()
    expect(rows(page)).to_contain_text("Not redirected: ")

    rows(page).click()

    expect(page.get_by_role("region", name="This SMS was not redirected")).to_contain_text("would have gone")
    expect(page.get_by_label("The SMS on a phone")).to_contain_text("Your verification code is 000001")
    expect(page.get_by_role("button", name="Copy code 000001")).to_be_visible()


# ---- the way of a message ----


def test_a_failure_shows_the_log_and_why_there_is_no_email(visit, store, trails, mailbox):
    mailbox.delivering = False
    store.add(failed(1))
    trails.log = (LogLine(None, "ERROR", "sms not shown · reason: another key"),)
    trails.deliveries = (Delivery("new@example.com", "pending", MORNING),)
    page = visit(f"/?message={1:032x}")

    steps = page.get_by_role("list", name="The way of this SMS").get_by_role("listitem")
    expect(steps).to_have_text(
        [re.compile(each) for each in ("Event", "Key", "Sender ?failed", "Template", "Topic", "Email ?failed")]
    )
    expect(page.get_by_role("list", name="Log of the sender")).to_contain_text("another key")
    card = page.locator("section.card").filter(has=page.get_by_role("heading", name="Email", exact=True))
    expect(card).to_contain_text("Not sent to new@example.com: the address has not confirmed its subscription.")
    assert_accessible(page)


# ---- controls ----


def test_the_controls_change_the_sandbox(visit, controls, size):
    page = visit(size=size)
    if size == PHONE:
        page.get_by_role("button", name="Menu").click()
        assert_accessible(page)
    page.get_by_role("button", name="Controls", exact=True).click()
    panel = page.get_by_role("dialog", name="Controls of this sandbox")
    expect(panel.get_by_role("list", name="Users")).to_contain_text("alice")
    expect(panel.get_by_role("heading", name="Clock")).to_be_in_viewport()
    assert_accessible(page)

    panel.get_by_role("button", name="+ 1 hour").click()
    expect(panel.get_by_role("region", name="Clock")).to_contain_text("1 hour ahead of this machine")
    panel.get_by_label("Sender: what happens").select_option("fail")
    panel.get_by_role("switch").uncheck()
    expect(page.locator("#controls")).to_have_attribute("title", re.compile("limits are off"))
    expect(panel.get_by_role("switch")).not_to_be_checked()
    expect(panel.get_by_label("Sender: what happens")).to_have_value("fail")
    panel.get_by_label("Sender: how often").fill("5")
    panel.get_by_role("region", name="Sender").get_by_role("button", name="Apply").click()
    expect(panel.get_by_role("region", name="Sender")).to_contain_text("Fails, 5 more times")
    panel.get_by_label("User pools: what happens").select_option("concurrent")
    panel.get_by_role("region", name="User pools").get_by_role("button", name="Apply").click()
    expect(panel.get_by_role("region", name="User pools")).to_contain_text("Concurrent modification, 3 more times")

    assert (controls.seconds, controls.enabled) == (3600, False)
    assert controls.faults == {"sender": ("fail", 5), "user-pools": ("concurrent", 3)}
    panel.get_by_role("button", name="Delete jonas").click()
    assert_accessible(page)
    panel.get_by_role("button", name="Really delete jonas?").click()
    expect(panel.get_by_role("listitem")).to_have_count(1)
    assert [each.user_name for each in controls.people] == ["alice"]
    panel.get_by_role("button", name="Close").click()
    expect(page.locator("#controls")).to_have_attribute("title", re.compile("the clock is ahead, limits are off"))


@pytest.mark.parametrize("controls", [None])
def test_over_a_deployed_stack_there_are_no_controls(visit, controls):
    page = visit()

    expect(page.locator("#connect")).to_be_hidden()
    assert controls is None
    expect(page.locator("#controls")).to_have_count(0)


def test_axe_finds_nothing_on_the_api_s_page_and_its_lines_are_for_curl(visit, server, size):
    page = visit("/docs", size=size, ready="API of the SMS inbox")

    expect(page.get_by_text(f"INBOX={server.url}")).to_be_visible()
    expect(page.locator("#advanceClock")).to_contain_text("/api/controls/clock")
    expect(page.get_by_label("POST /api/controls/clock with curl")).to_contain_text('{"advance_seconds": 3600}')
    page.locator("summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
