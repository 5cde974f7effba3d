"""Composes what is published: the document for programs, the email for people, the bare text for phones. Pure.

The document's shape is a contract with everybody who reads the topic: see the table in docs/message.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sms_sender.autofill import LABELS, autofill
from sms_sender.encoding import encode
from sms_sender.event import SmsRequest
from sms_sender.findings import Failure, SmsWarning
from sms_sender.preview import Preview
from sms_sender.templates import Template

SCHEMA = "sms-redirect/1"
LONGEST_SUBJECT = 99
LONGEST_CUT = 200
LARGEST = 240_000  # bytes of all texts together; SNS takes 262,144, attributes included
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # what SNS refuses in an attribute
_NOTHING = Preview("", None, None)


@dataclass(frozen=True, slots=True)
class Message:
    """One publish: `texts` by protocol ("default" is the document), as JSON for SNS."""

    subject: str
    texts: str = field(repr=False)
    attributes: dict[str, str] = field(repr=False)


def compose(request: SmsRequest, identity: str, sent_at: datetime, shown: Preview | Failure) -> Message:
    """Everything for one publish. `identity` is the same for a retry; `sent_at` is aware."""
    document = _document(request, identity, sent_at, shown)
    texts = _texts(document)
    for smaller in (_without_metadata, _without_sms):
        if len(texts) > LARGEST:
            document = smaller(document)
            texts = _texts(document)
    return Message(_subject(document), texts, _attributes(document))


def _texts(document: dict[str, Any]) -> str:
    """What each protocol gets. ASCII, so that its length is its size."""
    email = _email(document) if document["failure"] is None else _failure_email(document)
    return json.dumps({"default": json.dumps(document), "email": email, "sms": _bare_text(document)})


def _without_metadata(document: dict[str, Any]) -> dict[str, Any]:
    """The user decides how much client metadata there is (developer guide: no limit is named); the SMS matters more."""
    dropped = SmsWarning("metadata-dropped", "The client metadata is too large for SNS and was left out.")
    return document | {"client_metadata": {}, "warnings": [*document["warnings"], asdict(dropped)]}


def _without_sms(document: dict[str, Any]) -> dict[str, Any]:
    """For events that Cognito does not send: its texts and names have 2048 characters at most."""
    failure = {
        "reason": f"The SMS is too large to publish: with all that the event names, more than {LARGEST} bytes.",
        "hint": "Was the sender invoked by hand, or by something other than the pool?",
    }
    cut = {name: value[:LONGEST_CUT] if isinstance(value, str) else value for name, value in document.items()}
    blank: dict[str, Any] = {
        "text": "",
        "code": None,
        "encoding": "GSM-7",
        "characters": 0,
        "segments": 0,
        "warnings": [],
    }
    no_template = {"template": "none", "template_source": "default", "template_text": None, "template_read_at": None}
    return cut | blank | no_template | {"autofill": None, "failure": failure}


def _document(request: SmsRequest, identity: str, sent_at: datetime, shown: Preview | Failure) -> dict[str, Any]:
    failure, seen = (shown, _NOTHING) if isinstance(shown, Failure) else (None, shown)
    encoded, template = encode(seen.text), seen.template
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
        "sent_at": _timestamp(sent_at),
        "encoding": encoded.encoding,
        "characters": encoded.characters,
        "segments": encoded.segments if seen.text else 0,
        "warnings": [asdict(warning) for warning in seen.warnings],
        "template": _template_name(template),
        "template_source": template.source if template else "default",
        "template_text": template.text if template else None,
        "template_read_at": _timestamp(template.read_at) if template and template.read_at else None,
        "autofill": {name: asdict(verdict) for name, verdict in autofill(seen.text, seen.code).items()} or None,
        "failure": asdict(failure) if failure else None,
    }


def _template_name(template: Template | None) -> str:
    if template is None:
        return "none"
    return "custom-message" if template.source == "custom-message" else template.kind


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ---- for people ----


def _subject(document: dict[str, Any]) -> str:
    to = document["phone_number"] or "unknown number"
    subject = f"SMS {'FAILED ' if document['failure'] else ''}to {to}: {document['flow']}"
    return _UNPRINTABLE.sub("?", subject)[:LONGEST_SUBJECT]


def _bare_text(document: dict[str, Any]) -> str:
    failure = document["failure"]
    text: str = f"SMS not shown: {failure['reason']}" if failure else document["text"]
    return text


def _email(document: dict[str, Any]) -> str:
    parts = {1: "1 part"}.get(document["segments"], f"{document['segments']} parts")
    read = f", read at {document['template_read_at']}" if document["template_read_at"] else ""
    rows = [
        *_about(document),
        ("length", f"{document['characters']} characters, {document['encoding']}, {parts}"),
        ("template", f"{document['template']} ({document['template_source']}{read})"),
    ]
    if document["template_text"] is not None:
        rows.append(("wording", document["template_text"]))
    if document["autofill"]:
        verdicts = (f"{LABELS[name]}: {each['verdict']}" for name, each in document["autofill"].items())
        rows.append(("autofill", ", ".join(verdicts)))
    rows += [("warning", warning["text"]) for warning in document["warnings"]]
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
    """For filter policies. SNS takes no empty attribute, so unknown values are left out."""
    values = {name: document[name] for name in ("flow", "phone_number", "user_name", "user_pool_id", "client_id")}
    values["failed"] = "false" if document["failure"] is None else "true"
    return {name: cleaned for name, value in values.items() if value and (cleaned := _CONTROL.sub("?", value))}
