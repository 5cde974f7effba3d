"""One message to a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_sender.flows import TRIGGER_PREFIX

Flow = Literal[
    "SignUp",
    "ResendCode",
    "ForgotPassword",
    "VerifyUserAttribute",
    "UpdateUserAttribute",
    "Authentication",
    "AdminCreateUser",
    "AccountTakeOverNotification",
]


@dataclass(frozen=True, slots=True)
class Message:
    """`secret` is the code or the temporary password; None for an invitation without one.

    `client_metadata` is what the trigger is told: never that of InitiateAuth and AdminInitiateAuth.
    """

    pool: Pool
    user: User
    flow: Flow
    secret: str | None = field(repr=False)
    destination: Destination
    client_id: str | None = None
    client_metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def trigger_source(self) -> str:
        """What a custom sender's event calls it."""
        return (TRIGGER_PREFIX if self.destination.medium == "SMS" else "CustomEmailSender_") + self.flow

    @property
    def attributes(self) -> dict[str, str]:
        """The user's, with the address that the message goes to: it may be one that is not the user's yet."""
        return {
            "sub": self.user.sub,
            **self.user.attributes,
            self.destination.attribute: self.destination.address,
            "cognito:user_status": self.user.status,
        }


@dataclass(frozen=True, slots=True)
class Email:
    """An email as Cognito sends it to a user: `body` is HTML, as on AWS.

    `code` and `link` are those that the body shows. `warnings` are doubts: a word for programs, a sentence for people.
    """

    to: str
    sender: tuple[str, str]  # name, which may be empty, and address
    subject: str
    body: str = field(repr=False)
    code: str | None = field(repr=False)
    link: str | None = field(repr=False)
    template: str
    template_source: str
    warnings: tuple[tuple[str, str], ...]
    message: Message = field(repr=False)
