"""AWS as real botocore clients meet it: requests are signed and responses parsed, but served in the process."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse

from cognito_codes import POOL_ID, LocalKms

JSON = "application/x-amz-json-1.1"


class _Raw(io.BytesIO):
    def stream(self, **_options: Any) -> Any:
        yield self.read()


@dataclass(frozen=True)
class Response:
    """An HTTP response of any kind."""

    status: int
    body: bytes
    kind: str = JSON

    def response(self) -> AWSResponse:
        return AWSResponse("https://aws", self.status, {"content-type": self.kind}, _Raw(self.body))


class LocalAws:
    """Serves the requests of watched clients.

    `faults` come first, by service: responses, or exceptions. `delays`, by service, are seconds before each response.
    """

    def __init__(self) -> None:
        self.kms = LocalKms()
        self.pool: dict[str, Any] = {"Id": POOL_ID, "SmsVerificationMessage": "Your code is {####}"}
        self.faults: dict[str, list[Response | Exception]] = {}
        self.delays: dict[str, float] = {}
        self.requests: list[tuple[str, Any]] = []
        self._responses: dict[str, Callable[[Any], Response]] = {
            "kms": self._decrypted,
            "cognito-idp": lambda _body: _json({"UserPool": self.pool}),
            "sns": lambda _body: Response(
                200,
                b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
                "text/xml",
            ),
            "lambda": lambda _body: _json({"response": {"smsMessage": "Function: {####}"}}),
        }

    def watch(self, client: Any) -> None:
        service = client.meta.service_model.service_name
        client.meta.events.register("before-send", lambda request, **_event: self._respond(service, request))

    def _respond(self, service: str, request: Any) -> AWSResponse:
        self.requests.append((service, request.body))
        if service in self.delays:
            time.sleep(self.delays[service])
        if self.faults.get(service):
            fault = self.faults[service].pop(0)
            if isinstance(fault, Exception):
                raise fault
            return fault.response()
        return self._responses[service](request.body).response()

    def _decrypted(self, body: bytes) -> Response:
        asked = json.loads(body)
        blob = base64.b64decode(asked["CiphertextBlob"])
        document = self.kms.decrypt(
            KeyId=asked["KeyId"], CiphertextBlob=blob, EncryptionContext=asked["EncryptionContext"]
        )
        return _json({"KeyId": document["KeyId"], "Plaintext": base64.b64encode(document["Plaintext"]).decode()})


def _json(value: Any) -> Response:
    return Response(200, json.dumps(value).encode())
