"""Makes the pictures of the inbox in docs/images: `python tests/browser/screenshots.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from inbox_pages import DESKTOP, MORNING, PHONE, Mailbox, Pending, browser, chromium, fill_with_samples  # noqa: E402
from sms_redirect.inbox.serve import InboxServer  # noqa: E402
from sms_redirect.inbox.web import create_app  # noqa: E402
from sms_redirect.messages.store import SmsStore  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = ROOT / "docs" / "images"


def main() -> str | None:
    executable = chromium()
    if executable is None:
        return "No Chromium found: install the package chromium."
    store = SmsStore()
    fill_with_samples(store)
    FOLDER.mkdir(parents=True, exist_ok=True)
    app = create_app(store, emails=Mailbox(store), subscriptions=Pending(), title="sandbox")
    with InboxServer(app, 0) as server, browser(executable) as launched:
        for scheme in ("light", "dark"):
            _picture(launched, server.url, scheme, "desktop", DESKTOP)
            _picture(launched, server.url, scheme, "phone", PHONE)
    return None


def _picture(launched: Browser, url: str, scheme: str, name: str, size: dict[str, int]) -> None:
    page = launched.new_page(
        viewport=size, color_scheme=scheme, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    page.clock.set_fixed_time(MORNING.replace(hour=10))
    page.goto(url)
    page.locator("a.message").nth(1).click()
    page.locator(".bubble").wait_for()
    page.evaluate("document.activeElement.blur()")
    path = FOLDER / f"inbox-{scheme}-{name}.png"
    page.screenshot(path=path)
    page.close()
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
