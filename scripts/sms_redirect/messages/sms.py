"""The message document, as the sender publishes it (schema `sms-redirect/1`), read into a value."""

from __future__ import annotations

import hashlib
import json
import re
import warnings as python_warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

T = TypeVar("T")

SCHEMA_VERSION = 1
_SCHEMA = re.compile(r"sms-redirect/(\d{1,6})")


class NotAnSms(ValueError):  # noqa: N818 - says what the document is, not that something failed
    """The document is not a redirected SMS: other publishers may use the same topic. The text never quotes it."""


class NewerSchema(UserWarning):
    """The document was written by a newer sender; what is understood of it is used."""


@dataclass(frozen=True, slots=True)
class SmsWarning:
    """Something that the tester should know about the text: `code` for programs, `text` for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SmsFailure:
    """Why an SMS could not be shown, and what to do about it."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """One SMS that a user pool sent, or failed to show (`failure`).

    The text, the code and what could contain them stay out of the repr, and so out of logs and test reports.
    """

    id: str  # the same for each retry, so duplicates have it in common
    flow: str
    trigger_source: str
    text: str = field(repr=False)
    code: str | None = field(repr=False)
    phone_number: str | None  # E.164
    user_name: str | None
    user_sub: str | None
    user_pool_id: str
    region: str
    client_id: str | None
    client_metadata: Mapping[str, str] = field(repr=False, hash=False)
    sent_at: datetime  # aware, UTC
    encoding: str  # "GSM-7" or "UCS-2"
    characters: int
    segments: int  # SMS parts, as billed
    warnings: tuple[SmsWarning, ...] = field(repr=False)
    template: str
    template_source: str
    failure: SmsFailure | None
    raw: Mapping[str, Any] = field(repr=False, compare=False)  # the whole document, with fields of newer senders

    @classmethod
    def from_document(cls, document: str | bytes | Mapping[str, Any], *, warn: bool = True) -> Self:
        """Read a document from its JSON text or its parsed form.

        A newer schema is read as far as it is understood, with a `NewerSchema` warning; without `warn` the caller does
        that later (`warn_if_newer`), in the thread whose warning filters should decide.

        Raises:
            NotAnSms: the document is something else, or a field of it is missing or of another type.
        """
        raw = _parsed(document)
        sms = cls(**_fields(_Reader(raw, strict=_version(raw) <= SCHEMA_VERSION)), raw=raw)
        if warn:
            sms.warn_if_newer(stacklevel=3)
        return sms

    def warn_if_newer(self, stacklevel: int = 2) -> None:
        """Issue a `NewerSchema` warning where a newer sender wrote the document."""
        version = _version(self.raw)
        if version > SCHEMA_VERSION:
            python_warnings.warn(
                f"This SMS has schema sms-redirect/{version}, newer than sms-redirect/{SCHEMA_VERSION}: "
                "some of it may be missing. Upgrade the sms-redirect package.",
                NewerSchema,
                stacklevel=stacklevel,
            )


def _parsed(document: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(document, Mapping):
        return dict(document)
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        raise NotAnSms("This message is no JSON.") from None  # the cause would quote the message
    if not isinstance(parsed, dict):
        raise NotAnSms("This message is JSON, but no object.")
    return parsed


def _version(raw: Mapping[str, Any]) -> int:
    found = _SCHEMA.fullmatch(raw["schema"]) if isinstance(raw.get("schema"), str) else None
    if found is None:
        raise NotAnSms('This message has no schema "sms-redirect/...": something else published it.')
    return int(found[1])


def _fields(read: _Reader) -> dict[str, Any]:
    return {
        "id": read.identity(),
        "flow": read.text("flow", "unknown"),
        "trigger_source": read.text("trigger_source", ""),
        "text": read.optional_text("text") or "",  # null where there was none to show
        "code": read.optional_text("code"),
        "phone_number": read.optional_text("phone_number"),
        "user_name": read.optional_text("user_name"),
        "user_sub": read.optional_text("user_sub"),
        "user_pool_id": read.text("user_pool_id", ""),
        "region": read.text("region", ""),
        "client_id": read.optional_text("client_id"),
        "client_metadata": read.texts("client_metadata"),
        "sent_at": read.time("sent_at"),
        "encoding": read.text("encoding", "GSM-7"),
        "characters": read.count("characters"),
        "segments": read.count("segments"),
        "warnings": read.warnings(),
        "template": read.text("template", "none"),
        "template_source": read.text("template_source", "default"),
        "failure": read.failure(),
    }


class _Reader:
    """Takes fields out of a document: a strict one must be as specified, another is used as far as it is."""

    def __init__(self, raw: Mapping[str, Any], *, strict: bool) -> None:
        self._raw = raw
        self._strict = strict

    def text(self, name: str, default: str) -> str:
        value = self._raw.get(name)
        return value if isinstance(value, str) else self._otherwise(name, "a text", default)

    def optional_text(self, name: str) -> str | None:
        value = self._raw.get(name)
        return value if value is None or isinstance(value, str) else self._otherwise(name, "a text or null", None)

    def count(self, name: str) -> int:
        value = self._raw.get(name)
        usable = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return int(value) if usable and value is not None else self._otherwise(name, "a count", 0)

    def texts(self, name: str) -> dict[str, str]:
        value = self._raw.get(name)
        if value is None:
            return {}
        if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
            return dict(value)
        return self._otherwise(name, "an object of texts", {})

    def time(self, name: str) -> datetime:
        value = self._raw.get(name)
        try:
            moment = datetime.fromisoformat(value)  # type: ignore[arg-type]  # TypeError is caught
        except (TypeError, ValueError):
            return self._otherwise(name, "an RFC 3339 time", datetime.now(UTC))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def warnings(self) -> tuple[SmsWarning, ...]:
        value = self._raw.get("warnings")
        entries = value if isinstance(value, list) else []
        usable = tuple(
            SmsWarning(entry["code"], entry["text"]) for entry in entries if _has_texts(entry, "code", "text")
        )
        as_specified = value is None or (isinstance(value, list) and len(usable) == len(value))
        return usable if as_specified else self._otherwise("warnings", "a list of {code, text}", usable)

    def failure(self) -> SmsFailure | None:
        value = self._raw.get("failure")
        if value is None:
            return None
        if _has_texts(value, "reason", "hint"):
            return SmsFailure(value["reason"], value["hint"])
        # A failure must stay one, whatever became of its words.
        return self._otherwise("failure", "{reason, hint} or null", SmsFailure("The SMS could not be shown.", ""))

    def identity(self) -> str:
        value = self._raw.get("id")
        if isinstance(value, str) and value:
            return value
        whole = json.dumps(self._raw, sort_keys=True, default=str).encode()
        return self._otherwise("id", "a text", hashlib.sha256(whole).hexdigest()[:32])

    def _otherwise(self, name: str, expected: str, default: T) -> T:
        if self._strict:
            raise NotAnSms(f'The field "{name}" of this message is not {expected}.')
        return default


def _has_texts(value: object, *names: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)
