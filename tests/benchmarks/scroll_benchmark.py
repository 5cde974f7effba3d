"""Scrolls through a full inbox in Chromium: `python tests/benchmarks/scroll_benchmark.py`.

Prints for each speed how many frames were dropped, and the main thread's own time for a frame, which other programs on
the machine do not change. A frame has 16.7 ms.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from inbox_pages import DESKTOP, PHONE, browser, chromium  # noqa: E402
from sms_documents import sms  # noqa: E402
from sms_redirect.inbox.serve import InboxServer  # noqa: E402
from sms_redirect.inbox.web import create_app  # noqa: E402
from sms_redirect.messages.store import LIMIT, SmsStore  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

FRAME = 1 / 60
SPEEDS = {"reading": 2_000, "flicking": 7_000, "flying": 100_000}  # pixels a second
SECONDS = 6
SCROLL = """async ([speed, seconds]) => {
  const list = document.getElementById("list-scroll");
  list.scrollTop = 0;
  await new Promise((done) => setTimeout(done, 400));
  const stamps = [];
  const start = performance.now();
  await new Promise((done) => {
    const frame = (at) => {
      stamps.push(at);
      const passed = (performance.now() - start) / 1000;
      list.scrollTop = passed * speed;
      if (passed < seconds) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  return stamps.slice(1).map((at, index) => (at - stamps[index]) / 1000);
}"""


def main() -> str | None:
    executable = chromium()
    if executable is None:
        return "No Chromium found: install the package chromium."
    store = SmsStore()
    for number in range(LIMIT):
        store.add(sms(number, user_name=f"user-{number % 700}"))
    with InboxServer(create_app(store), 0) as server, browser(executable) as launched:
        for name, size in (("desktop", DESKTOP), ("phone", PHONE)):
            _measure(launched, server.url, name, size)
    return None


def _measure(launched: Browser, url: str, name: str, size: Any) -> None:
    page = launched.new_page(viewport=size)
    page.goto(url)
    page.locator("a.message").first.wait_for()
    session = page.context.new_cdp_session(page)
    session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    session.send("Performance.enable")
    for speed, pixels in SPEEDS.items():
        before = _busy(session)
        frames = page.evaluate(SCROLL, [pixels, SECONDS])
        busy = (_busy(session) - before) * 1000 / len(frames)
        dropped = sum(max(0, round(each / FRAME) - 1) for each in frames)
        sys.stdout.write(
            f"{name:8} {speed:9} {pixels:7,} px/s: {dropped} of {len(frames) + dropped} frames dropped, "
            f"{busy:.1f} ms of the main thread for each\n"
        )
    page.close()


def _busy(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


if __name__ == "__main__":
    sys.exit(main())
