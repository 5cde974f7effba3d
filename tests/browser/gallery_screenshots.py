"""Makes the pictures of the gallery and the Preview tab: `python tests/browser/gallery_screenshots.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from gallery_pools import busy  # noqa: E402
from inbox_pages import DESKTOP, MORNING, PHONE, browser, chromium  # noqa: E402
from preview_pools import FakePools  # noqa: E402
from sms_redirect.gallery.page import render  # noqa: E402
from sms_redirect.inbox.serve import InboxServer  # noqa: E402
from sms_redirect.inbox.web import create_app  # noqa: E402
from sms_redirect.messages.store import SmsStore  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = ROOT / "docs" / "images"
TALL_DESKTOP, TALL_PHONE = DESKTOP | {"height": 1240}, PHONE | {"height": 1480}


def main() -> str | None:
    executable = chromium()
    if executable is None:
        return "No Chromium found: install the package chromium."
    FOLDER.mkdir(parents=True, exist_ok=True)
    html = render(busy())
    pools = FakePools()
    app = create_app(SmsStore(), pools=pools, writer=pools, title="sandbox")
    with browser(executable) as launched, InboxServer(app, 0) as server:
        for scheme in ("light", "dark"):
            _picture(launched, html, scheme, "desktop", TALL_DESKTOP)
            _picture(launched, html, scheme, "phone", TALL_PHONE)
            _preview(launched, server.url, scheme, "desktop", TALL_DESKTOP)
            _preview(launched, server.url, scheme, "phone", TALL_PHONE)
    return None


def _preview(launched: Browser, url: str, scheme: str, name: str, size: dict[str, int]) -> None:
    """Two texts, side by side if there is room; the second is refused."""
    page = launched.new_page(viewport=size, color_scheme=scheme, locale="en-GB", reduced_motion="reduce")
    page.clock.set_fixed_time(MORNING.replace(hour=10))
    page.goto(f"{url}/preview")
    page.get_by_role("button", name="Compare with a second text").click()
    page.locator("#text-2").fill("[Example Bank] Your code is {####")
    page.get_by_text("Cognito refuses this text").wait_for()
    page.locator("#use-2:enabled").wait_for()
    page.locator("h1").click()  # takes the focus off the text
    page.evaluate("window.scrollTo(0, 0)")
    path = FOLDER / f"preview-{scheme}-{name}.png"
    page.screenshot(path=path)
    page.close()
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _picture(launched: Browser, html: str, scheme: str, name: str, size: dict[str, int]) -> None:
    page = launched.new_page(viewport=size, color_scheme=scheme, locale="en-GB", reduced_motion="reduce")
    page.set_content(html)
    path = FOLDER / f"gallery-{scheme}-{name}.png"
    page.screenshot(path=path)
    page.close()
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
