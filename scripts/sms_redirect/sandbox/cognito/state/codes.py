"""One-time codes: issued at random, kept as a hash, valid for a while, replaced by the next one.

How long, and the texts of the errors: docs/cognito-facts.md, "Codes and attempts".
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.cognito.values.sign_in import Code
from sms_redirect.sandbox.errors import CognitoError

Purpose = tuple[str, ...]

HOUR = 3600
DAY = 24 * HOUR
VERIFICATION = DAY  # sign-up and attribute codes
RECOVERY = HOUR  # forgotten passwords
# +1 XXX 555-0100 to 0199: numbers that belong to nobody, as test numbers elsewhere.
TEST_NUMBER = re.compile(r"\+1[0-9]{3}55501[0-9]{2}")


class Codes:
    """`test_code` is what test numbers (+1 XXX 555-0100 to 0199) get instead of a random code."""

    def __init__(self, store: Store, clock: Clock, test_code: str | None = None) -> None:
        self._store = store
        self._clock = clock
        self._test_code = test_code

    def issue(self, purpose: Purpose, address: str, *, digits: int = 6, valid_for: float = VERIFICATION) -> str:
        """A new code; the one before it, for the same purpose, is worth nothing any more."""
        code = self._new_code(address, digits)
        salt = secrets.token_hex(16)
        self._store.codes.put(Code(purpose, salt, _digest(salt, code), self._clock.now() + valid_for))
        return code

    def check(self, purpose: Purpose, code: str) -> None:
        """Does nothing if the code is right; it stays valid until `use`.

        Raises:
            CognitoError: CodeMismatchException, or ExpiredCodeException if none is out (any more).
        """
        issued = self._store.codes.get(purpose)
        if issued is None or self._clock.now() >= issued.expires:
            raise CognitoError("ExpiredCodeException", "Invalid code provided, please request a code again.")
        if not hmac.compare_digest(issued.digest, _digest(issued.salt, code)):
            raise CognitoError("CodeMismatchException", "Invalid verification code provided, please try again.")

    def use(self, purpose: Purpose, code: str) -> None:
        """The same, and the code is used up: of several calls at once, one succeeds."""
        with self._store.transaction():
            self.check(purpose, code)
            self._store.codes.remove(purpose)

    def forget(self, purpose: Purpose) -> None:
        self._store.codes.remove(purpose)

    def _new_code(self, address: str, digits: int) -> str:
        if self._test_code and TEST_NUMBER.fullmatch(address):
            return (self._test_code * digits)[:digits]
        return f"{secrets.randbelow(10**digits):0{digits}d}"


def _digest(salt: str, code: str) -> str:
    return hashlib.sha256(f"{salt}{code}".encode()).hexdigest()
