"""Makes the pictures of the gallery in docs/images: `python tests/browser/gallery_screenshots.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from gallery_pools import busy  # noqa: E402
from inbox_pages import DESKTOP, PHONE, browser, chromium  # noqa: E402
from sms_redirect.gallery.page import render  # noqa: E402

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
    with browser(executable) as launched:
        for scheme in ("light", "dark"):
            _picture(launched, html, scheme, "desktop", TALL_DESKTOP)
            _picture(launched, html, scheme, "phone", TALL_PHONE)
    return None


def _picture(launched: Browser, html: str, scheme: str, name: str, size: dict[str, int]) -> None:
    page = launched.new_page(viewport=size, color_scheme=scheme, locale="en-GB", reduced_motion="reduce")
    page.set_content(html)
    path = FOLDER / f"gallery-{scheme}-{name}.png"
    page.screenshot(path=path)
    page.close()
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
