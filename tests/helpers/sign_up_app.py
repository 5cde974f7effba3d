"""A web app with a sign-up, as users of the test kit have one: a form, a code, a welcome."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

PAGE = "<!doctype html><html lang=en><title>App</title><main>{}</main></html>"
SIGN_UP = """<form method=post action=/sign-up>
<label>Phone number <input name=phone type=tel></label>
<label>Password <input name=password type=password></label><button>Sign up</button></form>"""
CONFIRM = """<form method=post action=/confirm><input type=hidden name=phone value="{phone}">
<label>Code <input name=code></label><button>Confirm</button></form>"""


@contextmanager
def sign_up_app(cognito: Any, client_id: str) -> Iterator[str]:
    """The app's address while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._show(SIGN_UP)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            fields = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            phone = fields["phone"]
            user = {"ClientId": client_id, "Username": f"web{phone}"}
            if self.path == "/sign-up":
                attributes = [{"Name": "phone_number", "Value": phone}]
                cognito.sign_up(**user, Password=fields["password"], UserAttributes=attributes)
                self._show(CONFIRM.format(phone=phone))
            else:
                cognito.confirm_sign_up(**user, ConfirmationCode=fields["code"])
                self._show("Welcome")

        def _show(self, content: str) -> None:
            body = PAGE.format(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet: the output belongs to the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
