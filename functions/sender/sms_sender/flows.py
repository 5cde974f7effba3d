"""What Cognito sends SMS for, and which of the pool's three templates each flow uses.

Source: the developer guide's pages user-pool-lambda-custom-sms-sender (trigger sources) and
cognito-user-pool-settings-message-customizations (templates).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

TRIGGER_PREFIX = "CustomSMSSender_"  # of a trigger source; the rest is the flow

INVITATION = "AdminCreateUser"  # the flow whose secret is a temporary password, or nothing in passwordless pools

Kind = Literal["verification", "authentication", "invitation"]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "SignUp": "verification",
        "ResendCode": "verification",
        "ForgotPassword": "verification",
        "VerifyUserAttribute": "verification",
        "UpdateUserAttribute": "verification",
        "Authentication": "authentication",
        "AdminCreateUser": "invitation",
    }
)
"""Every flow with a template. AccountTakeOverNotification, the eighth source, has neither code nor template."""


def template_kind(flow: str) -> Kind:
    """The template of a flow. For an unknown one it is a guess: most codes are verifications."""
    return KINDS.get(flow, "verification")
