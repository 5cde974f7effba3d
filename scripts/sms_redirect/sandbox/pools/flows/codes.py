"""One-time codes: issued at random, kept as a hash, valid for a while, replaced by the next one."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Hashable
from dataclasses import dataclass

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.errors import CognitoError

Key = tuple[Hashable, ...]

HOUR = 3600
DAY = 24 * HOUR
VERIFICATION = DAY  # sign-up and attribute codes
RECOVERY = HOUR  # forgotten passwords
# +1 XXX 555-0100 to 0199: numbers that belong to nobody, as test numbers elsewhere.
TEST_NUMBER = re.compile(r"\+1\d{3}55501\d{2}")


@dataclass(frozen=True, slots=True)
class _Issued:
    salt: bytes
    digest: bytes
    expires_at: float


class Codes:
    """The codes that are out, by what they are for.

    Args:
        clock: the sandbox's time.
        test_code: what test numbers (+1 XXX 555-0100 to 0199) get instead of a random code.
    """

    def __init__(self, clock: Clock, test_code: str | None = None) -> None:
        self._clock = clock
        self._test_code = test_code
        self._issued: dict[Key, _Issued] = {}

    def issue(self, key: Key, phone_number: str, *, digits: int = 6, valid_for: float = VERIFICATION) -> str:
        """A new code; the one before it, for the same thing, is worth nothing any more."""
        code = self._new_code(phone_number, digits)
        salt = secrets.token_bytes(16)
        self._issued[key] = _Issued(salt, _digest(salt, code), self._clock.now() + valid_for)
        return code

    def check(self, key: Key, code: object) -> None:
        """Does nothing if the code is right; it stays valid until `used`.

        Raises:
            CognitoError: CodeMismatchException, or ExpiredCodeException where none is out (any more).
        """
        issued = self._issued.get(key)
        if issued is None or self._clock.now() >= issued.expires_at:
            raise CognitoError("ExpiredCodeException", "Invalid code provided, please request a code again.")
        if not isinstance(code, str) or not hmac.compare_digest(issued.digest, _digest(issued.salt, code)):
            raise CognitoError("CodeMismatchException", "Invalid verification code provided, please try again.")

    def is_out(self, key: Key) -> bool:
        """Was a code issued for this, and not used yet? It may have expired."""
        return key in self._issued

    def used(self, key: Key) -> None:
        self._issued.pop(key, None)

    def _new_code(self, phone_number: str, digits: int) -> str:
        if self._test_code and TEST_NUMBER.fullmatch(phone_number):
            return (self._test_code * digits)[:digits]
        return f"{secrets.randbelow(10**digits):0{digits}d}"


def _digest(salt: bytes, code: str) -> bytes:
    return hashlib.sha256(salt + code.encode("utf-8", "surrogatepass")).digest()
