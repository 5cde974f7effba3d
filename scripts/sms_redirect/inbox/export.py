"""Messages as files: JSON for programs, CSV for spreadsheets, EML for mail programs."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from sms_redirect.messages.flows import NOTICE
from sms_redirect.messages.members import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sms_redirect.inbox.sources import Email
    from sms_redirect.messages.document import Message
    from sms_redirect.messages.store import Entry

COLUMNS = (
    "id",
    "kind",
    "sent_at",
    "received_at",
    "flow",
    "phone_number",
    "email",
    "user_name",
    "user_sub",
    "code",
    "subject",
    "text",
    "link",
    "encoding",
    "characters",
    "segments",
    "template",
    "template_source",
    "user_pool_id",
    "client_id",
    "trigger_source",
    "failure_reason",
    "failure_hint",
    "copies",
)
COGNITO = "no-reply@verificationemail.com"  # the sender of a pool without an email configuration
# A spreadsheet takes a cell that begins so for a formula, which may run programs or send what is in other cells.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_PHONE_NUMBER = re.compile(r"\+\d{1,15}", re.ASCII)
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def as_json_file(entries: Iterable[Entry]) -> bytes:
    """The documents as they were published, newest first."""
    return (json.dumps([entry.message.raw for entry in entries], indent=2) + "\n").encode()


def as_csv(entries: Iterable[Entry]) -> bytes:
    """A row for each message. A cell that a spreadsheet would run as a formula begins with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _row(entry)] for entry in entries)
    # With a byte order mark: without one, Excel takes UTF-8 for the system's code page.
    return text.getvalue().encode("utf-8-sig", "replace")


def as_zip(entries: Iterable[Entry], emails: Callable[[str], Sequence[Email]]) -> bytes:
    """An EML file for each email that carried an SMS, for each pool's email, and for each SMS that none carried."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, entry in enumerate(entries, 1):
            for copy, eml in enumerate(as_emls(entry.message, emails)):
                archive.writestr(f"{number:05d}-{_file_name(entry.message, copy)}.eml", eml)
    return content.getvalue()


def as_emls(message: Message, emails: Callable[[str], Sequence[Email]]) -> list[bytes]:
    """The emails that carried an SMS, as delivered; if there are none, one that holds the SMS."""
    if message.kind == "email":
        eml = _headers(COGNITO, message.email, message.subject, message)
        eml.set_content(_text(message.text or _reason(message)))
        if message.html:
            eml.add_alternative(_text(message.html), subtype="html")
        return [eml.as_bytes()]
    return [_delivered(each, message) for each in emails(message.id)] or [_composed(message)]


def _delivered(email: Email, message: Message) -> bytes:
    eml = _headers(email.sender, email.recipient, email.subject, message)
    eml.replace_header("Date", format_datetime(email.delivered_at))
    eml.set_content(_text(email.body))
    return eml.as_bytes()


def _composed(message: Message) -> bytes:
    to = message.phone_number or "unknown" if message.kind == "sms" else message.email
    subject = "Notice of the redirect's watch" if message.flow == NOTICE else f"SMS to {to}: {message.flow}"
    eml = _headers("sms-redirect <inbox@sandbox.invalid>", None, subject, message)
    eml.set_content(_text(message.text or _reason(message)))
    return eml.as_bytes()


def _headers(sender: str, to: str | None, subject: str, message: Message) -> EmailMessage:
    eml = EmailMessage(policy=SMTP)
    eml["From"] = _header(sender)
    if to is not None:
        eml["To"] = _header(to)
    eml["Subject"] = _header(subject)
    eml["Date"] = format_datetime(message.sent_at)
    eml["Message-ID"] = f"<{_file_name(message, 0)}@sms-redirect.invalid>"
    eml["X-Sms-Redirect-Flow"] = _header(message.flow)
    if message.kind == "sms" and message.phone_number:
        eml["X-Sms-Redirect-Phone-Number"] = _header(message.phone_number)
    if message.user_name:
        eml["X-Sms-Redirect-User-Name"] = _header(message.user_name)
    return eml


def _header(text: str) -> str:
    """Without line breaks, so that no value begins a header of its own."""
    return _NOT_IN_A_HEADER.sub(" ", text).strip() or "unknown"


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half of a surrogate pair is not text


def _reason(message: Message) -> str:
    return f"{message.failure.reason} {message.failure.hint}".strip() if message.failure else ""


def _file_name(message: Message, copy: int) -> str:
    name = re.sub(r"[^A-Za-z0-9-]+", "", f"{message.flow}-{message.id}")[:80] or "message"
    return name if copy == 0 else f"{name}-{copy + 1}"


def _row(entry: Entry) -> list[Any]:
    message = entry.message
    failure = message.failure
    known = {
        "kind": message.kind,
        "sent_at": timestamp(message.sent_at),
        "received_at": timestamp(entry.received_at),
        "failure_reason": failure.reason if failure else None,
        "failure_hint": failure.hint if failure else None,
        "copies": entry.copies,
    }
    return [known.get(name, getattr(message, name, None)) for name in COLUMNS]


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    # A phone number is a number to a spreadsheet, whatever it does to the plus sign.
    return f"'{text}" if _FORMULA.match(text) and not _PHONE_NUMBER.fullmatch(text) else text
