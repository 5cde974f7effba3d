"""Makes the pictures of the inbox in docs/images: `python tests/browser/screenshots.py`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from doctor_reports import Doctor  # noqa: E402
from email_documents import email  # noqa: E402
from fake_controls import FakeControls, user  # noqa: E402
from gallery_pools import POOL_ID  # noqa: E402
from inbox_pages import (  # noqa: E402
    DESKTOP,
    MORNING,
    PHONE,
    Mailbox,
    Pending,
    Watched,
    browser,
    chromium,
    fill_with_samples,
)
from preview_pools import FakePools  # noqa: E402
from small_png import small  # noqa: E402
from sms_documents import sms  # noqa: E402
from sms_redirect.inbox.connect import ConnectApi, Connection  # noqa: E402
from sms_redirect.inbox.diagnosis import DiagnosisApi  # noqa: E402
from sms_redirect.inbox.serve import InboxServer  # noqa: E402
from sms_redirect.inbox.sources import LogLine  # noqa: E402
from sms_redirect.inbox.web import create_app  # noqa: E402
from sms_redirect.messages.store import SmsStore  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from starlette.applications import Starlette

FOLDER = ROOT / "docs" / "images"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
LOG = (
    LogLine(None, "ERROR", "sms not shown · flow: SignUp; reason: The code could not be decrypted: another KMS key"),
)


def main() -> str | None:
    executable = chromium()
    if executable is None:
        return "No Chromium found: install the package chromium."
    FOLDER.mkdir(parents=True, exist_ok=True)
    filled, one_user = SmsStore(), SmsStore()
    fill_with_samples(filled)
    _fill_with_one_user(one_user)
    with ExitStack() as stack:
        url, blank, of_user = (
            stack.enter_context(InboxServer(_app(store), 0)).url for store in (filled, SmsStore(), one_user)
        )
        launched = stack.enter_context(browser(executable))
        states: dict[str, tuple[str, Callable[[Page], object]]] = {
            "": (url, lambda page: _open(page, 1)),
            "-list": (url, lambda _page: None),
            "-empty": (blank, lambda page: page.get_by_role("button", name="Send a test SMS").wait_for()),
            "-connect": (url, lambda page: _panel(page, "connect")),
            "-controls": (url, lambda page: _panel(page, "controls")),
            "-timeline": (url, lambda page: _open(page, 5)),
            "-user": (f"{of_user}/?user_name=alice&view=Alice", lambda page: _open(page, 0)),
        }
        for name, (address, show) in states.items():
            for size in SIZES:
                for scheme in ("light", "dark"):
                    _picture(launched, address, show, scheme, f"inbox{name}-{scheme}-{size}.png")
    return None


def _app(store: SmsStore) -> Starlette:
    connect, trails, pending = ConnectApi(), Watched(store), Pending()
    connect.connection = Connection("http://127.0.0.1:4566", "us-east-1", POOL_ID, "4t1sf0client")
    trails.log = LOG
    pending.confirmed = True
    controls = FakeControls()
    controls.advance(86_400)
    controls.set_fault("sender", "throttle", 2)
    controls.people = [user("alice"), user("zoe", "FORCE_CHANGE_PASSWORD"), user("jonas", "UNCONFIRMED", email=None)]
    pools = FakePools(store)
    return create_app(
        store,
        emails=Mailbox(store),
        trails=trails,
        subscriptions=pending,
        title="sandbox",
        connect=connect,
        pools=pools,
        writer=pools,
        sandbox=controls,
        diagnosis=DiagnosisApi(Doctor()),
    )


def _fill_with_one_user(store: SmsStore) -> None:
    for number, make in enumerate(
        [
            lambda at: sms(704113, sent_at=at),
            lambda at: email(186552, sent_at=at, subject="Welcome to Example Bank"),
            lambda at: sms(260871, sent_at=at, flow="ForgotPassword", trigger_source="CustomSMSSender_ForgotPassword"),
            lambda at: email(
                915204,
                sent_at=at,
                flow="VerifyUserAttribute",
                trigger_source="CustomEmailSender_VerifyUserAttribute",
                subject="Verify your new address",
                html="<h2>Verify your new address</h2><p>Your code is <b>915204</b>. It is valid for one day.</p>",
                text="Verify your new address\n\nYour code is 915204. It is valid for one day.",
            ),
        ]
    ):
        moment = MORNING + timedelta(minutes=3 * number)
        store.add(make(f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"))


def _open(page: Page, number: int) -> None:
    page.locator("a.message").nth(number).click()
    page.locator("#detail-heading").wait_for()
    if page.locator("iframe").count():
        page.frame_locator("iframe").locator("body").wait_for()


def _panel(page: Page, name: str) -> None:
    if page.locator("#menu").is_visible():
        page.locator("#menu").click()
    page.locator(f"#{name}").click()
    page.locator("#controls-dialog .user-list" if name == "controls" else "#connect-dialog .snippet-box").wait_for()


def _picture(launched: Browser, url: str, show: Callable[[Page], object], scheme: str, name: str) -> None:
    size = SIZES[name.removesuffix(".png").rpartition("-")[2]]
    page = launched.new_page(
        viewport=size, color_scheme=scheme, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )  # type: ignore[call-overload]  # one of the two
    page.clock.set_fixed_time(MORNING.replace(hour=10))
    page.goto(url)
    page.get_by_text("Live", exact=True).wait_for()
    show(page)
    page.evaluate("document.activeElement.blur()")
    (FOLDER / name).write_bytes(small(page.screenshot()))
    page.close()
    sys.stdout.write(f"docs/images/{name} {(FOLDER / name).stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    sys.exit(main())
