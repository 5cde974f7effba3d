"""Makes the pictures of the sample app in docs/images: `python tests/browser/sample_app_screenshots.py`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from inbox_pages import browser, chromium  # noqa: E402
from journeys import node_is_missing  # noqa: E402
from sample_app import PASSWORD, Visitor, build, served  # noqa: E402

FOLDER = ROOT / "docs" / "images"
SMALL_PHONE = {"width": 390, "height": 640}


def main() -> str | None:
    executable = chromium()
    missing = "Chromium is missing: install the package chromium" if executable is None else node_is_missing()
    if executable is None or missing:
        return missing
    program = Path(sys.executable).with_name("sms-redirect")
    command = [program, "sandbox", "--port", "0", "--inbox-port", "0", "--json"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        tempfile.TemporaryDirectory() as folder,
    ):
        sandbox = json.loads(process.stdout.readline())
        with served(build(Path(folder), sandbox)) as address, browser(executable) as launched:
            for scheme, name, phone in (("light", "alice", "+12065550100"), ("dark", "bob", "+12065550101")):
                context = launched.new_context(
                    viewport=SMALL_PHONE, color_scheme=scheme, locale="en-GB", reduced_motion="reduce"
                )
                page = context.new_page()
                page.goto(address)
                _walk(Visitor(page, sandbox["inbox_url"], name, phone), scheme)
                context.close()
        process.send_signal(signal.SIGINT)
    return None


def _walk(visitor: Visitor, scheme: str) -> None:
    visitor.page.get_by_role("link", name="Create an account").click()
    visitor.fill(username=visitor.name, phone=visitor.phone, password=PASSWORD)
    _picture(visitor, scheme, "sign-up")
    visitor.press("Sign up")
    visitor.fill(code=visitor.code("SignUp"))
    visitor.press("Confirm")
    visitor.sign_in(PASSWORD)
    visitor.page.get_by_role("switch").check()
    visitor.page.get_by_role("button", name="Sign out", disabled=False).wait_for()
    _picture(visitor, scheme, "account")
    visitor.press("Sign out")
    visitor.sign_in(PASSWORD)
    visitor.see("One more step")
    visitor.fill(code=visitor.code("Authentication"))
    _picture(visitor, scheme, "second-factor")


def _picture(visitor: Visitor, scheme: str, name: str) -> None:
    visitor.page.evaluate("document.activeElement.blur()")
    path = FOLDER / f"sample-app-{scheme}-{name}.png"
    visitor.page.screenshot(path=path)
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
