"""Reads what a function logged during one invocation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sms_redirect.inbox.sources import LogLine

LONGEST = 2000  # characters of a line
# Lambda's own lines, and the metric, which says nothing that the lines beside it do not.
_LAMBDAS_OWN = re.compile(r"(INIT_START|START RequestId|END RequestId|REPORT RequestId)\b")
_KNOWN = ("timestamp", "level", "message", "logger", "requestId")
_SMS_ID = re.compile(r"\bsms_id: ([0-9a-f]{32})\b")


def lines(log: str) -> tuple[LogLine, ...]:
    """The lines that the function wrote, in Lambda's JSON format or as plain text."""
    return tuple(_line(text) for text in log.splitlines() if text.strip() and not _is_left_out(text))


def sms_id(log: Sequence[LogLine]) -> str | None:
    """What the sender calls the SMS that it published."""
    found = (_SMS_ID.search(line.text) for line in log)
    return next((match[1] for match in found if match), None)


def _is_left_out(text: str) -> bool:
    return bool(_LAMBDAS_OWN.match(text)) or '"_aws":' in text


def _line(text: str) -> LogLine:
    record = _parsed(text)
    if record is None:
        return LogLine(None, None, text[:LONGEST])
    rest = "; ".join(f"{name}: {_shown(value)}" for name, value in record.items() if name not in _KNOWN)
    told = " · ".join(part for part in (str(record["message"]), rest) if part)
    level = record.get("level")
    return LogLine(_moment(record.get("timestamp")), str(level) if level else None, told[:LONGEST])


def _parsed(text: str) -> Mapping[str, Any] | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, Mapping) and "message" in record else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
