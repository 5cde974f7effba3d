"""The access key of a run: made anew each time, unless someone fixes it."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Self

# IAM's AccessKey data type: 16 to 128 word characters.
ACCESS_KEY_ID = re.compile(r"\w{16,128}", re.ASCII)
# No keyring format has blanks in it; sixteen characters are the least that nobody guesses.
SECRET_ACCESS_KEY = re.compile(r"[!-~]{16,128}")
ID_ALPHABET, ID_LENGTH = string.ascii_uppercase + "234567", 13
SECRET_ALPHABET, SECRET_LENGTH = string.ascii_letters + string.digits, 40


class BadKey(ValueError):  # noqa: N818 - names what is bad
    """A fixed key cannot be used; the text says which half and what it should be. Never shows the secret."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What a client signs its requests with."""

    id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """One that no other run has. Its id is recognizable, and unlike any of AWS's, which begin with A."""
        return cls(f"SANDBOX{_random(ID_ALPHABET, ID_LENGTH)}", _random(SECRET_ALPHABET, SECRET_LENGTH))

    @classmethod
    def fixed(cls, key_id: str, secret: str) -> Self:
        """One that someone chose.

        Raises:
            BadKey
        """
        if not ACCESS_KEY_ID.fullmatch(key_id):
            raise BadKey("The access key id must be 16 to 128 letters, digits and underscores.")
        if not SECRET_ACCESS_KEY.fullmatch(secret):
            raise BadKey("The secret access key must be 16 to 128 printable ASCII characters without blanks.")
        return cls(key_id, secret)


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
