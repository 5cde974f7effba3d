"""How often a user may ask for a code or try one, within an hour."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WINDOW = 3600.0
WRONG_PASSWORDS = 5

# Calls per user and hour: the developer guide's quotas page (2023). It gives those of a forgotten password as 5 to 20,
# by risk, requests included (DG/how-to-recover-a-user-account).
PER_HOUR: Mapping[str, int] = MappingProxyType(
    {
        "ResendConfirmationCode": 5,
        "GetUserAttributeVerificationCode": 5,
        "ConfirmSignUp": 15,
        "VerifyUserAttribute": 15,
        "ForgotPassword": 5,
        "ConfirmForgotPassword": 5,
    }
)
