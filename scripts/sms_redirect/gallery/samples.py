"""The people and secrets of the samples, usual ones and the longest that are realistic: pure."""

from __future__ import annotations

import difflib
import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sms_redirect.gallery.errors import AttributeNameError
from sms_redirect.gallery.flows import Occasion
from sms_redirect.gallery.pool import Pool
from sms_redirect.pool_rules.violation import Unknown
from sms_sender.flows import INVITATION, KINDS
from sms_sender.templates import CODE, SETTINGS

PHONE_NUMBER = "+12065551212"
EMAIL = "alice@example.com"
SUB = "5f6c1d1e-2b7a-4c3d-9e8f-0a1b2c3d4e5f"
CLIENT_ID = "1example23456789"
DIGITS = "49302718"
SEALED = "sample"  # in place of the encrypted code, which nobody opens
MADE_UP_POOL = "Example1"  # of a pool that has no id yet

# Cognito takes 128 characters in a user name; one of 64 is a long email address.
LONGEST_USER_NAME = "maximiliane.featherstone-haugh@customer-services.example-bank.eu"
# Passwords come from the pool's policy or an administrator; 20 characters are what password managers propose. Brackets
# count two in GSM-7.
LONGEST_PASSWORD = 20
# The only one of Cognito's symbols that GSM-7 lacks; as any accent outside it in a user name, it makes the SMS UCS-2.
OUTSIDE_GSM_7 = "`"
_PASSWORD = "Xk7!mP2q"  # noqa: S105 - nobody's
_LONG_PASSWORD = "Xk7[mP2q]Rt9{wZ4c}Lb"  # noqa: S105 - nobody's

# OpenID Connect's standard claims, which every pool has as attributes.
_STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "address": "1 Example Street, Seattle",
        "birthdate": "1990-01-31",
        "email": EMAIL,
        "family_name": "Example",
        "gender": "female",
        "given_name": "Alice",
        "locale": "en-US",
        "middle_name": "B",
        "name": "Alice Example",
        "nickname": "Al",
        "phone_number": PHONE_NUMBER,
        "picture": "https://example.com/alice.png",
        "preferred_username": "alice",
        "profile": "https://example.com/alice",
        "updated_at": "1767225600",
        "website": "https://example.com",
        "zoneinfo": "America/Los_Angeles",
    }
)
_OF_COGNITO = ("sub", "cognito:user_status", "email_verified", "phone_number_verified")
_VALUES: Mapping[str, str] = MappingProxyType(
    {"Boolean": "true", "DateTime": "2026-01-01T00:00:00Z", "Number": "1", "String": "example"}
)
_STATUS: Mapping[str, str] = MappingProxyType(
    {"SignUp": "UNCONFIRMED", "ResendCode": "UNCONFIRMED", "AdminCreateUser": "FORCE_CHANGE_PASSWORD"}
)
# Where the number is about to be verified. Sign-in by SMS needs a verified one, or verifies it.
_UNVERIFIED = frozenset({"SignUp", "ResendCode", "VerifyUserAttribute", "UpdateUserAttribute", "AdminCreateUser"})
# InitiateAuth and AdminInitiateAuth do not pass client metadata to this trigger (API reference).
_WITHOUT_METADATA = frozenset({"Authentication", "AccountTakeOverNotification"})


@dataclass(frozen=True, slots=True)
class Person:
    """What the sample user has beside the usual: `attributes` (an empty one is left out), client metadata, a locale."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    client_metadata: Mapping[str, str] = field(default_factory=dict)
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What is filled into a text. `secret` is as Cognito would encrypt it: a temporary password is HTML-escaped."""

    user_name: str
    secret: str


def usual(pool: Pool, occasion: Occasion) -> Sample:
    """An everyday user of this pool."""
    user_name = SUB if pool.generates_user_names else "alice"
    if occasion.flow != "AdminCreateUser":
        return Sample(user_name, DIGITS[: occasion.digits])
    return Sample(user_name, html.escape(_stretched(_PASSWORD, _shortest_password(pool))))


def longest(pool: Pool) -> Sample:
    """The longest user name and temporary password that are to be expected, all of GSM-7."""
    password = _stretched(_LONG_PASSWORD, max(LONGEST_PASSWORD, _shortest_password(pool)))
    # Whether an invitation shows the generated name or the address is documented nowhere: the longer one counts.
    by_phone_only = pool.names("UsernameAttributes") == ["phone_number"]
    return Sample(SUB if by_phone_only else LONGEST_USER_NAME, html.escape(password))


def outside_gsm_7(sample: Sample) -> Sample:
    """The same length with a character that GSM-7 lacks."""
    password = html.unescape(sample.secret)
    return Sample(sample.user_name, html.escape(OUTSIDE_GSM_7 + password[1:]))


def event(pool: Pool, occasion: Occasion, user_name: str, person: Person) -> dict[str, Any]:
    """Cognito's event for the occasion, as the sender gets it. Its code is not encrypted, and not read."""
    metadata = {} if occasion.flow in _WITHOUT_METADATA else person.client_metadata
    return {
        "version": "1",
        "triggerSource": occasion.trigger_source,
        "region": pool.region,
        "userPoolId": pool.id or f"{pool.region}_{MADE_UP_POOL}",
        "userName": user_name,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": CLIENT_ID},
        "request": {
            "type": "customSMSSenderRequestV1",
            "code": None if _has_no_code(pool, occasion) else SEALED,
            "clientMetadata": dict(metadata) or None,
            "userAttributes": attributes(pool, occasion, person),
        },
        "response": {},
    }


def _has_no_code(pool: Pool, occasion: Occasion) -> bool:
    """Passwordless pools make no temporary password, so that an invitation may come without a code."""
    return occasion.flow not in KINDS or (occasion.flow == INVITATION and pool.is_passwordless)


def attributes(pool: Pool, occasion: Occasion, person: Person) -> dict[str, str]:
    """Of the sample user in the state that the occasion implies."""
    verified = "false" if occasion.flow in _UNVERIFIED else "true"
    chosen = {**person.attributes, **({"locale": person.locale} if person.locale else {})}
    found = {
        "sub": SUB,
        "cognito:user_status": _status(pool, occasion),
        "phone_number": PHONE_NUMBER,
        "phone_number_verified": verified,
        "email": EMAIL,
        "email_verified": "false" if occasion.flow in _STATUS else "true",
        **dict(required(pool)),
        **chosen,
    }
    return {name: value for name, value in found.items() if value}


def check(pool: Pool, person: Person) -> None:
    """Refuse attributes that the pool does not have.

    Raises:
        AttributeNameError: one is neither a standard attribute nor in the pool's schema.
    """
    schema = [name for name, _ in _schema(pool)]
    known = sorted({*_STANDARD, *_OF_COGNITO, *schema})
    if any(isinstance(each, Unknown) for each in _schema_settings(pool)):
        return
    for name in person.attributes:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(known)}."
            raise AttributeNameError(f"The pool has no attribute {name!r}. {hint}")


def _status(pool: Pool, occasion: Occasion) -> str:
    invitation = SETTINGS["invitation"][0]
    text = pool.get(*invitation)
    if occasion.flow == "AdminCreateUser" and text and CODE not in text and pool.is_passwordless:
        return "CONFIRMED"  # a user without a password is so at once (observed with EMAIL_OTP)
    return _STATUS.get(occasion.flow, "CONFIRMED")


def required(pool: Pool) -> Iterator[tuple[str, str]]:
    """The attributes that every user of the pool must have, with values that fit the schema."""
    for name, declared in _schema(pool):
        if str(declared.get("Required")).lower() == "true" and name not in _OF_COGNITO:
            kind = str(declared.get("AttributeDataType", "String"))
            yield name, _fitting(_STANDARD.get(name, _VALUES.get(kind, "example")), kind, declared)


def _schema(pool: Pool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The declared attributes under the names that users' attributes have."""
    for each in _schema_settings(pool):
        name = each.get("Name") if isinstance(each, Mapping) else None
        if isinstance(name, str):
            standard = name in _STANDARD or name in _OF_COGNITO or name.startswith(("custom:", "dev:"))
            yield name if standard else f"custom:{name}", each


def _schema_settings(pool: Pool) -> list[Any]:
    """A template's Schema; DescribeUserPool's SchemaAttributes."""
    unknown = pool.unknown("Schema")
    found = pool.get("SchemaAttributes") or pool.get("Schema") or []
    return [*(found if isinstance(found, list) else []), *([unknown] if unknown else [])]


def _fitting(value: str, kind: str, declared: Mapping[str, Any]) -> str:
    """The value, as long or as large as the schema wants it."""
    found = declared.get(f"{kind}AttributeConstraints")
    constraints: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    least = str(constraints.get("MinLength" if kind == "String" else "MinValue", ""))
    most = str(constraints.get("MaxLength", ""))
    if kind == "Number":
        return least if least.lstrip("-").isdecimal() else value
    if least.isdecimal():
        value = value.ljust(min(int(least), 2048), "x")
    return value[: int(most)] if most.isdecimal() and int(most) < len(value) else value


def _shortest_password(pool: Pool) -> int:
    return pool.number("Policies", "PasswordPolicy", "MinimumLength", default=len(_PASSWORD))


def _stretched(password: str, length: int) -> str:
    """The password, repeated until it has the length."""
    length = min(max(length, len(password)), 99)  # the longest that a policy can ask for
    return (password * (length // len(password) + 1))[:length]
