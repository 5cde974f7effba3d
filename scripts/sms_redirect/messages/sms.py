"""The message document, as the sender publishes it (schema `sms-redirect/1`), read into a value."""

from __future__ import annotations

import hashlib
import json
import re
import warnings as python_warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from sms_redirect.messages.members import Member, UnreadableError, as_json, members_of, schema_of

SCHEMA_VERSION = 1
SCHEMA = f"sms-redirect/{SCHEMA_VERSION}"
_SCHEMA = re.compile(r"sms-redirect/(\d{1,6})")


class NotAnSms(ValueError):  # noqa: N818 - says what the document is, not that something failed
    """The document is not a redirected SMS: other publishers may use the same topic. The text never quotes it."""


class NewerSchema(UserWarning):
    """The document was written by a newer sender; what is understood of it is used."""


@dataclass(frozen=True, slots=True)
class SmsWarning:
    """Something that the tester should know about the text."""

    code: Annotated[str, Member("For programs.")]
    text: Annotated[str, Member("For people.")]


@dataclass(frozen=True, slots=True)
class SmsFailure:
    """Why an SMS cannot be shown, and what to do about it."""

    reason: Annotated[str, Member("What happened.")]
    hint: Annotated[str, Member("What to do about it.")]


@dataclass(frozen=True, slots=True)
class SmsVerdict:
    """Whether a phone would offer the code in one of the ways there are."""

    verdict: Annotated[str, Member("`yes`, `likely`, `unlikely` or `no`.")]
    why: Annotated[str, Member("For people.")]


# A failure must stay one, whatever became of its words.
_SOME_FAILURE = SmsFailure("The SMS cannot be shown.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """One SMS that a user pool sent, or failed to show (`failure`).

    This is the one description of the message document: the sender's documents, the API and docs/message.md are tested
    against it. A new member is `| None`, so that the documents of older senders can still be read.

    The text, the code and what could contain them stay out of the repr, and so out of logs and test reports.
    """

    kind: ClassVar[Literal["sms"]] = "sms"

    id: Annotated[str, Member("Identifies the SMS. It is the same for a retry: drop duplicates by it.", unknown="")]
    flow: Annotated[
        str,
        Member(
            "Why Cognito sent it: `SignUp`, `ResendCode`, `ForgotPassword`, `VerifyUserAttribute`, "
            "`UpdateUserAttribute`, `Authentication`, `AdminCreateUser`, `AccountTakeOverNotification`; `Notice` and "
            "`Probe` are not SMS: a notice of the stack's watch, a message of `sms-redirect doctor --probe`; or the "
            "name of a flow that this version does not know.",
            unknown="unknown",
        ),
    ]
    trigger_source: Annotated[
        str, Member("Cognito's own name of the flow, for example `CustomSMSSender_SignUp`.", unknown="")
    ]
    text: Annotated[
        str,
        Member(
            "The SMS, character for character; empty if `failure` is set, unless a sandbox knows what the phone would "
            "have got.",
            absent="",
        ),
    ] = field(repr=False)
    code: Annotated[str | None, Member("The code or temporary password in it.")] = field(repr=False)
    phone_number: Annotated[
        str | None, Member("Where Cognito would have sent it, in E.164; null if the event has none.")
    ]
    user_name: Annotated[str | None, Member("The user's name in the pool.")]
    user_sub: Annotated[str | None, Member("The user's `sub`.")]
    user_pool_id: Annotated[str, Member("The pool that sent it.", unknown="")]
    region: Annotated[str, Member("The pool's region.", unknown="")]
    client_id: Annotated[str | None, Member("The app client; null for calls of administrators.")]
    client_metadata: Annotated[Mapping[str, str], Member("What the app passed as `ClientMetadata`.", absent={})] = (
        field(repr=False, hash=False)
    )
    sent_at: Annotated[datetime, Member("When the sender handled it, in UTC.")]
    encoding: Annotated[str, Member("`GSM-7` or `UCS-2`.", unknown="GSM-7")]
    characters: Annotated[
        int,
        Member(
            "The text's length as SMS count it: an extension character (`€`, `{`, `[` ...) is two in GSM-7, most emoji "
            "are two in UCS-2.",
            unknown=0,
        ),
    ]
    segments: Annotated[
        int,
        Member(
            "Parts that it is sent and billed as: 160 characters alone or 153 each in GSM-7, 70 or 67 in UCS-2.",
            unknown=0,
        ),
    ]
    warnings: Annotated[
        tuple[SmsWarning, ...], Member("Traps in the text and doubts about the preview, see below.", absent=())
    ] = field(repr=False)
    template: Annotated[
        str, Member("`verification`, `authentication`, `invitation`, `custom-message` or `none`.", unknown="none")
    ]
    template_source: Annotated[
        str,
        Member(
            "`pool`, `cached` (the last known, because the pool could not be read), `default` (Cognito's) or "
            "`custom-message`.",
            unknown="default",
        ),
    ]
    template_text: Annotated[
        str | None, Member("The template as it was used, with `{####}` and `{username}`; null if none was.")
    ] = field(repr=False)
    template_read_at: Annotated[
        datetime | None, Member("When the pool, or its CustomMessage function, returned it; null if neither did.")
    ]
    autofill: Annotated[
        Mapping[str, SmsVerdict] | None,
        Member(
            "Whether a phone would offer the code: `ios`, `domain_bound`, `android_consent`, `android_retriever`, see "
            "below; null if there is no code.",
        ),
    ] = field(repr=False, hash=False)
    failure: Annotated[
        SmsFailure | None,
        Member("Why the SMS cannot be shown, and what to do; null if it is shown.", unknown=_SOME_FAILURE),
    ]
    raw: Mapping[str, Any] = field(repr=False, compare=False)  # the whole document, with members of newer senders

    @classmethod
    def from_document(cls, document: str | bytes | Mapping[str, Any], *, warn: bool = True) -> Self:
        """Read a document from its JSON text or its parsed form.

        A newer schema is read as far as it is understood, with a `NewerSchema` warning; without `warn` the caller does
        that later (`warn_if_newer`), in the thread whose warning filters should decide.

        Raises:
            NotAnSms: the document is something else, or a member of it is missing or of another type.
        """
        raw = _parsed(document)
        strict = _version(raw) <= SCHEMA_VERSION
        values = {name: _read(name, member, raw, strict=strict) for name, member in members_of(Sms).items()}
        # In case a newer sender writes them in another form: an identity that a retry has too, and a time of our own.
        values["id"] = values["id"] or _fingerprint(raw)
        values["sent_at"] = values["sent_at"] or datetime.now(UTC)
        sms = cls(**values, raw=raw)
        if warn:
            sms.warn_if_newer(stacklevel=3)
        return sms

    def warn_if_newer(self, stacklevel: int = 2) -> None:
        """Issue a `NewerSchema` warning if a newer sender wrote the document."""
        version = _version(self.raw)
        if version > SCHEMA_VERSION:
            python_warnings.warn(
                f"This SMS has schema sms-redirect/{version}, newer than sms-redirect/{SCHEMA_VERSION}: "
                "some of it may be missing. Upgrade the sms-redirect package.",
                NewerSchema,
                stacklevel=stacklevel,
            )


def document(**known: Any) -> dict[str, Any]:
    """A document with these members, in their JSON form; of the others nothing is known."""
    blank = {name: as_json(None if name == "failure" else each.blank) for name, each in members_of(Sms).items()}
    return {"schema": SCHEMA, **blank, **known}


def schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of the document."""
    described = schema_of(Sms)
    version = {"const": SCHEMA, "description": "The next number if a member changes its meaning."}
    return {
        **described,
        "required": ["schema", *described["required"]],
        "properties": {"schema": version, **described["properties"]},
    }


def _read(name: str, member: Member, raw: Mapping[str, Any], *, strict: bool) -> Any:
    try:
        value = member.read(raw.get(name), strict=strict)
    except UnreadableError:
        raise NotAnSms(f'The member "{name}" of this message is not of its type ({member.kind.words}).') from None
    if strict and name == "id" and not value:
        raise NotAnSms('The member "id" of this message is empty.')
    return value


def _fingerprint(raw: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _parsed(document: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(document, Mapping):
        return dict(document)
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        raise NotAnSms("This message is not JSON.") from None  # the cause would quote the message
    if not isinstance(parsed, dict):
        raise NotAnSms("This message is JSON, but not an object.")
    return parsed


def _version(raw: Mapping[str, Any]) -> int:
    found = _SCHEMA.fullmatch(raw["schema"]) if isinstance(raw.get("schema"), str) else None
    if found is None:
        raise NotAnSms('This message has no schema "sms-redirect/...": something else published it.')
    return int(found[1])
