"""Composes what is published: the document for programs, the email for people, the bare text for phones. Pure.

The document's shape is a contract with everybody who reads the topic: see the table in docs/message.md.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sms_sender.encoding import LIMITS, Encoded, Forced, encode, non_gsm_characters
from sms_sender.event import SmsRequest
from sms_sender.findings import Caution, Failure
from sms_sender.flows import KINDS
from sms_sender.templates import Template

SCHEMA = "sms-redirect/1"
LONGEST_TEMPLATE = 140  # characters that Cognito allows in an SMS, the code included
LONGEST_SUBJECT = 99
LARGEST = 240_000  # bytes of all texts together; SNS takes 262,144, attributes included
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # what SNS refuses in an attribute


@dataclass(frozen=True, slots=True)
class Preview:
    """What the phone would have shown: `code` None where there is none, `template` None where no template was used."""

    text: str = field(repr=False)
    code: str | None = field(repr=False)
    template: Template | None
    cautions: tuple[Caution, ...] = ()


_NOTHING = Preview("", None, None)
# In pools with UsernameAttributes the user name is the sub. What their invitations show is documented nowhere.
_GENERATED = (
    "The user name is generated, because users of this pool sign in with an email address or a phone number. "
    "The phone may show that address or number instead."
)


@dataclass(frozen=True, slots=True)
class Message:
    """One publish: `texts` by protocol ("default" is the document), as JSON for SNS."""

    subject: str
    texts: str = field(repr=False)
    attributes: dict[str, str] = field(repr=False)


def preview(request: SmsRequest, template: Template, secret: str) -> Preview:
    """The SMS with its code, which is `secret` as Cognito encrypted it."""
    # Temporary passwords arrive HTML-escaped, once; codes never are (developer guide).
    typed = html.unescape(secret) if request.flow == "AdminCreateUser" else secret
    text = template.fill(typed, request.user_name or "")
    return Preview(text, typed, template, (*_about_source(request, template), *_about_text(text)))


def notification(request: SmsRequest) -> Preview:
    """A security notification, or an unknown source, without a code. Cognito documents no text for it."""
    user = f" for user {request.user_name}" if request.user_name else ""
    warning = Caution(
        "no-template",
        f"Cognito sends {request.trigger_source} without a code and documents no text: this is a description.",
    )
    return Preview(f"Security notification{user}: {request.flow}", None, None, (warning,))


def compose(request: SmsRequest, identity: str, sent_at: datetime, shown: Preview | Failure) -> Message:
    """Everything for one publish. `identity` is the same for a retry; `sent_at` is aware."""
    document = _document(request, identity, sent_at, shown)
    texts = _texts(document)
    if len(texts) > LARGEST:
        texts = _texts(_without_metadata(document))
    return Message(_subject(request, failed=isinstance(shown, Failure)), texts, _attributes(document))


def _texts(document: dict[str, Any]) -> str:
    """What each protocol gets. ASCII, so that its length is its size."""
    email = _email(document) if document["failure"] is None else _failure_email(document)
    return json.dumps({"default": json.dumps(document), "email": email, "sms": _bare_text(document)})


def _without_metadata(document: dict[str, Any]) -> dict[str, Any]:
    """The user decides how much client metadata there is (developer guide: no limit is named); the SMS matters more."""
    dropped = Caution("metadata-dropped", "The client metadata is too large for SNS and was left out.")
    return document | {"client_metadata": {}, "warnings": [*document["warnings"], _as_dict(dropped)]}


def _document(request: SmsRequest, identity: str, sent_at: datetime, shown: Preview | Failure) -> dict[str, Any]:
    failure, seen = (shown, _NOTHING) if isinstance(shown, Failure) else (None, shown)
    encoded = encode(seen.text)
    return {
        "schema": SCHEMA,
        "id": identity,
        "flow": request.flow,
        "trigger_source": request.trigger_source,
        "text": seen.text,
        "code": seen.code,
        "phone_number": request.phone_number,
        "user_name": request.user_name,
        "user_sub": request.user_sub,
        "user_pool_id": request.user_pool_id,
        "region": request.region,
        "client_id": request.client_id,
        "client_metadata": dict(request.client_metadata),
        "sent_at": sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "encoding": encoded.encoding,
        "characters": encoded.characters,
        "segments": encoded.segments if seen.text else 0,
        "warnings": [_as_dict(caution) for caution in seen.cautions],
        "template": _template_name(seen.template),
        "template_source": seen.template.source if seen.template else "default",
        "failure": {"reason": failure.reason, "hint": failure.hint} if failure else None,
    }


def _template_name(template: Template | None) -> str:
    if template is None:
        return "none"
    return "custom-message" if template.source == "custom-message" else template.kind


def _as_dict(warning: Caution) -> dict[str, str]:
    return {"code": warning.code, "text": warning.text}


# ---- cautions ----


def _about_source(request: SmsRequest, template: Template) -> list[Caution]:
    cautions = list(template.cautions)
    if request.flow not in KINDS:
        guess = f"{request.trigger_source} is no source that sms-redirect knows: the verification template is a guess."
        cautions.append(Caution("unknown-source", guess))
    if not template.has_code:
        cautions.append(Caution("no-placeholder", "The template has no {####}: the phone shows no code."))
    if template.has_user_name and not request.user_name:
        cautions.append(Caution("no-user-name", "The event has no user name: the phone shows one."))
    elif template.has_user_name and request.user_name == request.user_sub:
        cautions.append(Caution("generated-user-name", _GENERATED))
    return cautions


def _about_text(text: str) -> list[Caution]:
    encoded = encode(text)
    cautions = [_about_character(each) for each in _by_character(non_gsm_characters(text)).values()]
    if encoded.segments > 1:
        cautions.append(
            Caution("several-parts", f"{encoded.segments} parts: this SMS costs as much as {encoded.segments}.")
        )
    if len(text) > LONGEST_TEMPLATE:
        longer = f"{len(text)} characters: Cognito allows {LONGEST_TEMPLATE} in an SMS, the code included."
        cautions.append(Caution("over-140-characters", longer))
    if encoded.characters > LIMITS[encoded.encoding]:
        cautions.append(Caution("over-aws-limit", _over_limit(encoded)))
    return cautions


def _over_limit(encoded: Encoded) -> str:
    limit = LIMITS[encoded.encoding]
    return f"{encoded.characters} {encoded.encoding} characters: AWS sends at most {limit} in one message."


def _by_character(forced: list[Forced]) -> dict[str, list[Forced]]:
    groups: dict[str, list[Forced]] = {}
    for each in forced:
        groups.setdefault(each.character, []).append(each)
    return groups


def _about_character(same: list[Forced]) -> Caution:
    first = same[0]
    where = ", ".join(str(each.position) for each in same)
    instead = {None: "nothing in GSM-7 is near it", "": "leave it out"}.get(
        first.replacement, f"write {first.replacement} instead"
    )
    shown = first.character if first.character.isprintable() else "character"
    name = f"{shown} (U+{ord(first.character):04X}) at position {where}"
    return Caution("not-gsm-7", f"{name} forces UCS-2, 70 characters a part instead of 160: {instead}.")


# ---- for people ----


def _subject(request: SmsRequest, *, failed: bool) -> str:
    to = request.phone_number or "unknown number"
    subject = f"SMS {'FAILED ' if failed else ''}to {to}: {request.flow}"
    return _UNPRINTABLE.sub("?", subject)[:LONGEST_SUBJECT]


def _bare_text(document: dict[str, Any]) -> str:
    failure = document["failure"]
    text: str = f"SMS not shown: {failure['reason']}" if failure else document["text"]
    return text


def _email(document: dict[str, Any]) -> str:
    parts = "1 part" if document["segments"] == 1 else f"{document['segments']} parts"
    rows = [
        *_about(document),
        ("length", f"{document['characters']} characters, {document['encoding']}, {parts}"),
        ("template", f"{document['template']} ({document['template_source']})"),
        *(("warning", warning["text"]) for warning in document["warnings"]),
    ]
    return f"{document['text']}\n\n{_table(rows)}"


def _failure_email(document: dict[str, Any]) -> str:
    failure = document["failure"]
    text = f"An SMS could not be shown.\n\nWhat happened: {failure['reason']}\nWhat to do:    {failure['hint']}"
    return f"{text}\n\n{_table(_about(document))}"


def _about(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("to", document["phone_number"] or "unknown number"),
        ("flow", document["flow"]),
        ("user", document["user_name"] or "unknown"),
        ("pool", document["user_pool_id"] or "unknown"),
    ]


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name + ':':<10}{' '.join(value.split())}" for name, value in rows)


def _attributes(document: dict[str, Any]) -> dict[str, str]:
    """For filter policies. SNS takes no empty attribute: what is unknown is left out."""
    values = {name: document[name] for name in ("flow", "phone_number", "user_name", "user_pool_id", "client_id")}
    values["failed"] = "false" if document["failure"] is None else "true"
    return {name: cleaned for name, value in values.items() if value and (cleaned := _CONTROL.sub("?", value))}
