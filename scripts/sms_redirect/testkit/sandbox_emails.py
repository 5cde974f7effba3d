"""Reads the emails that a sandbox's user pools sent. On AWS there is nothing to read: they go to the user's mailbox."""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sms_redirect.errors import BadInput, CannotReachAws, SmsInboxError
from sms_redirect.messages.email import Email

PATH = "/_sandbox/emails"
EVERY = 0.05  # seconds between two looks while a test waits
PATIENCE = 10.0  # seconds for one response
TOKEN = "SMS_REDIRECT_TOKEN"  # noqa: S105 - the variable's name
ONLY_IN_A_SANDBOX = (
    "Emails can be awaited in a sandbox only (`sms-redirect sandbox`, with its endpoint_url): of a deployed pool the "
    "stack redirects SMS, and Cognito sends emails to the user's own mailbox."
)


class SandboxEmails:
    """Calls `deliver` with each email since `forget`. Any thread may use it. It reads only while somebody waits."""

    def __init__(self, endpoint_url: str | None, deliver: Callable[[Email], object]) -> None:
        self._endpoint_url = endpoint_url
        self._deliver = deliver
        self._since = datetime.now(UTC).isoformat()
        self._lock = threading.Lock()
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self.trouble: str | None = None  # why they could not be read last time

    def forget(self) -> None:
        """Only those from now on."""
        with self._lock:
            self._since = datetime.now(UTC).isoformat()

    def fetch(self) -> None:
        """Deliver what has arrived.

        Raises:
            BadInput: there is no sandbox at the endpoint.
            CannotReachAws: it does not respond.
        """
        with self._lock:
            found = self._request()
            self._since = str(found["cursor"])
        for document in found["emails"]:
            self._deliver(Email.from_document(document))

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """While the context lasts, deliver each as soon as it arrives."""
        with self._lock:
            self._waiting += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._read, name="emails of the sandbox", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def _read(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.fetch()
                self.trouble = None
            except SmsInboxError as error:
                self.trouble = str(error)
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
            pause.wait(EVERY)

    def _request(self) -> dict[str, Any]:
        if not (self._endpoint_url or "").startswith("http://"):
            raise BadInput(ONLY_IN_A_SANDBOX)
        query = urllib.parse.urlencode({"since": self._since})
        request = urllib.request.Request(f"{(self._endpoint_url or '').rstrip('/')}{PATH}?{query}")  # noqa: S310 - http
        token = os.environ.get(TOKEN)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy is for the real AWS
        try:
            with direct.open(request, timeout=PATIENCE) as response:
                found: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 401:  # noqa: PLR2004 - HTTP
                raise BadInput(f"The sandbox asks for its token: set {TOKEN}.") from None
            raise BadInput(ONLY_IN_A_SANDBOX) from None
        except OSError as error:
            raise CannotReachAws(
                f"The sandbox at {self._endpoint_url} does not respond ({type(error).__name__})."
            ) from None
        except ValueError:
            raise BadInput(ONLY_IN_A_SANDBOX) from None
        return found
