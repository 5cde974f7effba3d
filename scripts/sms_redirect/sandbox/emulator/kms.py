"""KMS as the emulator keeps it: with `emulator`, the only module that knows its insides.

Covered by tests/integration/test_emulator_contract.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import base64
import json
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from sms_redirect.sandbox import emulator


class Kms(BaseClient):  # type: ignore[misc, unused-ignore]
    """GenerateDataKey and Encrypt as the user pools service may use them, without a request over the network.

    A BaseClient by name only: the Encryption SDK insists on one.
    """

    def __init__(self, region: str) -> None:
        self._region = region

    def generate_data_key(self, **request: Any) -> dict[str, Any]:
        from ministack.services import kms

        return self._result("GenerateDataKey", kms._generate_data_key, request)

    def encrypt(self, **request: Any) -> dict[str, Any]:
        from ministack.services import kms

        encoded = base64.b64encode(request["Plaintext"]).decode()
        return self._result("Encrypt", kms._encrypt, {**request, "Plaintext": encoded})

    def _result(self, operation: str, run: Any, request: dict[str, Any]) -> dict[str, Any]:
        with emulator.scope(self._region):
            response = run(request)
        document = json.loads(response[2])
        if response[0] != 200:  # noqa: PLR2004 - HTTP's success
            code, message = emulator.error_of(response)
            raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
        for name in ("Plaintext", "CiphertextBlob"):
            if name in document:
                document[name] = base64.b64decode(document[name])
        result: dict[str, Any] = document
        return result
