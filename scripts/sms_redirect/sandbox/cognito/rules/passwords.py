"""Password policies, and passwords that satisfy them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

DAY = 24 * 3600
# What counts as a symbol (DG/user-pool-settings-policies).
SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")
# Of a generated password. & < > among them: they are escaped on the way to a custom sender, so a sender that forgets
# to undo that shows here.
GENERATED_SYMBOLS = "!#$%&*+-=?@^_<>"
CLASSES = (string.ascii_uppercase, string.ascii_lowercase, string.digits, GENERATED_SYMBOLS)
SHORTEST = 8

# In the order in which Cognito names them, one at a time.
REQUIREMENTS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "RequireUppercase": (lambda character: "A" <= character <= "Z", "uppercase"),
    "RequireLowercase": (lambda character: "a" <= character <= "z", "lowercase"),
    "RequireNumbers": (lambda character: "0" <= character <= "9", "numeric"),
    "RequireSymbols": (SYMBOLS.__contains__, "symbol"),
}


def policy_of(pool: Pool) -> Mapping[str, Any]:
    policy: Mapping[str, Any] = pool.get("Policies", "PasswordPolicy") or {}
    return policy


def check(pool: Pool, password: str) -> None:
    """Raises CognitoError, InvalidPasswordException, with the first requirement that the password does not meet."""
    policy = policy_of(pool)
    if len(password) < int(policy.get("MinimumLength", SHORTEST)):
        raise _refused("Password not long enough")
    for setting, (is_in_class, name) in REQUIREMENTS.items():
        if policy.get(setting) and not any(map(is_in_class, password)):
            raise _refused(f"Password must have {name} characters")


def generated(pool: Pool) -> str:
    """A temporary password: random, of every class of character, long enough for the policy."""
    length = max(SHORTEST, int(policy_of(pool).get("MinimumLength", 0)))
    characters = [secrets.choice(members) for members in CLASSES]
    characters += [secrets.choice("".join(CLASSES)) for _ in range(length - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def validity_days(pool: Pool) -> int:
    return int(policy_of(pool).get("TemporaryPasswordValidityDays") or 7)


def check_in_time(pool: Pool, user: User, now: float) -> None:
    """Raises CognitoError if a temporary password is older than `TemporaryPasswordValidityDays`."""
    set_at = user.temporary_password_at
    if set_at is not None and now >= set_at + validity_days(pool) * DAY:
        raise CognitoError(
            "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."
        )


def _refused(reason: str) -> CognitoError:
    return CognitoError("InvalidPasswordException", f"Password did not conform with policy: {reason}")
