"""Pools for the gallery's tests and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sms_redirect.gallery.compose import Gallery, compose
from sms_redirect.gallery.pool import Factors, Pool
from sms_redirect.gallery.samples import Person
from sms_redirect.gallery.texts import Texts

if TYPE_CHECKING:
    from sms_sender.custom_message import CustomMessage

POOL_ID = "us-east-1_AbCdEf123"
ROLE = {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms", "ExternalId": "x"}
BUSY: dict[str, Any] = {
    "Name": "example-bank",
    "AutoVerifiedAttributes": ["phone_number"],
    "SmsConfiguration": ROLE,
    "MfaConfiguration": "OPTIONAL",
    "SmsVerificationMessage": "Zoë’s café: your code is {####} — it is valid for 24 hours. Never share it.",
    "SmsAuthenticationMessage": "[Example Bank] {####} is your code to sign in.",
    "AdminCreateUserConfig": {
        "InviteMessageTemplate": {
            "SMSMessage": "Example Bank: user name {username}, temporary password {####}. Valid for 7 days."
        }
    },
}


def pool(
    *, sms_factor: bool = True, other_factors: bool = False, pool_id: str | None = POOL_ID, **settings: Any
) -> Pool:
    """A pool with these settings and no others."""
    return Pool(
        settings=settings,
        factors=Factors(sms_factor, other_factors),
        id=pool_id,
        name=settings.get("Name", "a pool"),
        region="us-east-1",
        origin=f"user pool {pool_id}",
    )


def gallery(custom_message: CustomMessage | None = None, *, person: Person | None = None, **settings: Any) -> Gallery:
    """The gallery of `pool(**settings)`."""
    return compose(Texts(pool(**settings), custom_message), person)


def busy() -> Gallery:
    """One with something of everything."""
    return gallery(**BUSY)
