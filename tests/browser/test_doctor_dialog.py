"""\"No SMS?\" in the inbox's page, in Chromium."""

from __future__ import annotations

import pytest

from doctor_reports import KEY, report
from inbox_pages import DESKTOP, PHONE
from sms_documents import failed, sms
from sms_redirect.doctor.subject import Subject

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")
pytest.importorskip("axe_playwright_python", reason="axe is not installed: uv sync --group browser")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def dialog(page):
    return page.get_by_role("dialog", name="Why did no SMS arrive?")


def test_an_empty_inbox_leads_to_the_cause(visit, doctor):
    page = visit()
    page.locator("#empty").get_by_role("button", name="No SMS?").click()

    verdict = dialog(page).get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("Most likely cause: The key that encrypts the codes is disabled")
    expect(verdict.locator("code")).to_have_text(f"aws kms enable-key --key-id {KEY}")
    expect(dialog(page)).to_contain_text("Allow logs:FilterLogEvents to check this.")
    expect(dialog(page)).to_contain_text("A text with <b>markup</b>.")
    expect(dialog(page).get_by_role("status")).to_have_text("4 findings in 0.5 s.")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    assert doctor.asked == [Subject()]


def test_a_search_without_a_result_asks_about_its_number_and_flow(visit, store, doctor):
    store.add(sms(1))
    doctor.report = report()
    page = visit("/?phone_number=%2B12065550177&flow=SignUp")
    page.get_by_role("button", name="No SMS? Find out why").click()

    expect(dialog(page)).to_contain_text("Nothing found")
    dialog(page).get_by_label("User").fill("alice")
    dialog(page).get_by_role("button", name="Check").click()
    expect(dialog(page).get_by_role("status")).to_have_text("0 findings in 0.5 s.")
    assert doctor.asked == [
        Subject(phone_number="+12065550177", flow="SignUp"),
        Subject("alice", "+12065550177", "SignUp"),
    ]


def test_a_failure_asks_about_the_stack(visit, store, doctor):
    store.add(failed(1))
    page = visit()
    page.locator("a.message").click()
    page.get_by_role("button", name="Check the stack").click()

    expect(dialog(page).get_by_role("region", name="Verdict")).to_be_visible()
    assert doctor.asked == [Subject(flow="SignUp")]


def test_bad_input_is_answered_in_the_dialog(visit, doctor):
    page = visit()
    page.get_by_role("navigation").get_by_role("button", name="No SMS?").click()
    dialog(page).get_by_label("Phone number").fill("abc")
    dialog(page).get_by_role("button", name="Check").click()

    expect(dialog(page).get_by_role("status")).to_contain_text("must be E.164")
    page_problems = visit.problems
    assert all("400" in each for each in page_problems)
    page_problems.clear()  # the browser's own line about the response


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_dialog_is_accessible_and_fits(visit, scheme, size):
    page = visit(size=size, scheme=scheme)
    page.locator("#empty").get_by_role("button", name="No SMS?").click()
    expect(dialog(page).get_by_role("region", name="Verdict")).to_be_visible()

    assert Axe().run(page).response["violations"] == []
    assert dialog(page).evaluate("each => each.scrollWidth <= each.clientWidth")
