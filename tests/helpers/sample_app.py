"""docs/sample-app, built with Vite, served, and used as a person would."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeys import ROOT, TOOLS

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOURCE = ROOT / "docs" / "sample-app"
LIBRARIES = TOOLS / "sample-app" / "node_modules"
PASSWORD, NEW_PASSWORD = "Passw0rd!", "An0ther-one"


def build(folder: Path, sandbox: dict[str, Any]) -> Path:
    """The app's built files, with the settings that `--env-file` gives it."""
    app = shutil.copytree(SOURCE, folder / "app", ignore=shutil.ignore_patterns("node_modules", "dist", ".env*"))
    (app / "node_modules").symlink_to(LIBRARIES)
    (app / ".env.local").write_text(
        f"VITE_AWS_ENDPOINT_URL={sandbox['endpoint_url']}\n"
        f"VITE_USER_POOL_ID={sandbox['user_pool_id']}\n"
        f"VITE_USER_POOL_CLIENT_ID={sandbox['user_pool_client_id']}\n",
        encoding="utf-8",
    )
    command = ["node", str(LIBRARIES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"]
    done = subprocess.run(command, cwd=app, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return app / "dist"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """The output belongs to the tests."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app's address while the context lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class Visitor:
    """A person with a phone, who reads codes in the inbox."""

    def __init__(self, page: Page, inbox_url: str, name: str, phone: str) -> None:
        self.page = page
        self._inbox_url = inbox_url
        self.name, self.phone = name, phone

    def code(self, flow: str) -> str:
        """The code of the latest SMS of that flow; waits for it."""
        query = urllib.parse.urlencode({"phone_number": self.phone, "flow": flow, "wait": 20})
        with urllib.request.urlopen(f"{self._inbox_url}/api/messages/next?{query}") as response:
            return json.load(response)["code"]

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.page.locator(f"form:not([hidden]) [name={name}]").fill(text)

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def see(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading, exact=True).wait_for()

    def sign_up(self) -> None:
        self.page.get_by_role("link", name="Create an account").click()
        self.fill(username=self.name, phone=self.phone, password=PASSWORD)
        self.press("Sign up")
        self.see("Confirm your number")

    def sign_in(self, password: str) -> None:
        self.fill(username=self.name, password=password)
        self.press("Sign in")
