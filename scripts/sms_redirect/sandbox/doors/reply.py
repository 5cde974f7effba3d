"""A response on its way out: with the headers that its page may see, and as long as it says."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate

from starlette.types import Message, Send

from sms_redirect.sandbox.doors.origins import Cors

EMPTY = frozenset({204, 304})


async def send_whole(send: Send, status: int, headers: Mapping[str, str], content: bytes) -> None:
    """Send a response that is all there, with its length and its date."""
    given = {
        "content-length": str(len(content)),
        "date": formatdate(usegmt=True),
        **{name.lower(): value for name, value in headers.items()},
    }
    encoded = [(name.encode(), value.encode("latin-1", "replace")) for name, value in given.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})
    await send({"type": "http.response.body", "body": content})


class Reply:
    """`send` takes the place of the server's. `cors` replaces the emulator's headers, which open it to every page.

    A response that comes in one piece gets the length that it has. Services hand out their headers with the body, and
    whatever replaces one of the two later on, as a simulated fault does, would leave the other behind: the server then
    breaks off in the middle ("too much data for declared Content-Length").
    """

    def __init__(self, send: Send, cors: Cors, *, has_body: bool) -> None:
        self._send = send
        self._cors = [(name.lower().encode(), value.encode()) for name, value in cors.items()]
        self._has_body = has_body
        self._start: Message | None = None
        self.started = False

    async def send(self, message: Message) -> None:
        """Pass one ASGI message on; the first waits for the second, which tells the length."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            whole = self._has_body and not message.get("more_body", False)
            await self._send_start(self._start, len(message.get("body", b"")) if whole else None)
            self._start = None
        await self._send(message)

    async def _send_start(self, start: Message, length: int | None) -> None:
        dropped = (b"content-length", b"transfer-encoding") if length is not None else ()
        headers = [
            (name, value)
            for name, value in start["headers"]
            if not name.lower().startswith(b"access-control-") and name.lower() not in dropped
        ]
        if length is not None and start["status"] not in EMPTY:
            headers.append((b"content-length", str(length).encode()))
        self.started = True
        await self._send({**start, "headers": [*headers, *self._cors]})
