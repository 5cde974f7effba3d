"""A plain HTTP client of the inbox, for tests: every header is under the test's control."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message

PATIENCE = 30.0  # seconds; never spent where the behaviour is right


@dataclass(frozen=True)
class Response:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    port: int

    def request(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, target: str, **headers: str) -> Response:
        return self.request("GET", target, {name.replace("_", "-"): value for name, value in headers.items()})

    def send(self, method: str, target: str, body: Any) -> Response:
        """With a JSON body."""
        return self.request(method, target, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def json(self, target: str) -> Any:
        response = self.get(target)
        assert response.status == 200, response.body
        return response.json


class Events:
    """A connection to the event stream. Use as a context manager, iterate over (name, id, data)."""

    def __init__(self, port: int, target: str = "/api/events", last_event_id: str | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        self._connection.request("GET", target, headers=headers)
        self.response = self._connection.getresponse()
        self.response.readline()  # the retry interval: from here on nothing is missed
        self.response.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._connection.close()

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        fields: dict[str, str] = {}
        for line in self.response:
            text = line.decode().rstrip("\n")
            assert not text.startswith(":"), "nothing came before the stream's first sign of life"
            if text:
                name, _, value = text.partition(": ")
                fields[name] = value
            elif "event" in fields:
                yield fields["event"], fields["id"], json.loads(fields["data"])
                fields = {}
