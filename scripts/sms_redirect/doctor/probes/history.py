"""What the sender's log tells: which SMS were shown, which failed and why, and which only came late."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SHOWN = "sms redirected"  # as sms_sender.telemetry logs it, and the errors
RETRIED = "sms left to a retry"
OUR_ERRORS = {"sms not shown", RETRIED, "bug"}
_FATAL = re.compile(r"Runtime\.\w+|Task timed out|Status: (error|timeout)|Unable to import module")


@dataclass(slots=True)
class History:
    """`errors` maps the reason of each kind to the hint; `retried` are reasons of SMS that came after all."""

    shown: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    retried: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Error:
    reason: str
    hint: str
    flow: str | None
    request: str | None
    ours: bool


def of(lines: Iterable[str], flow: str | None) -> History:
    """The history of one flow, or of all. Errors without a flow count for each."""
    entries = [_parsed(line) for line in lines]
    # Lambda keeps the id of a request over its retries ("Understanding retry behavior in Lambda").
    shown = [each.get("requestId") for each in entries if each.get("message") == SHOWN]
    found = [error for each in entries if (error := _error(each))]
    told = {each.request for each in found if each.ours and each.request}
    history = History(len(shown))
    for each in found:
        if flow and each.flow not in (None, flow):
            continue
        if not each.ours and each.request in told:
            continue  # Lambda's own line about an error that the sender has told better
        if each.request and each.request in shown:
            if each.reason not in history.retried:
                history.retried.append(each.reason)
        else:
            history.errors[each.reason] = each.hint
    return history


def burst(lines: Iterable[tuple[int, str]]) -> tuple[int, int]:
    """The most SMS that were published within a second, and when that was (milliseconds since 1970)."""
    times = sorted(at for at, line in lines if _parsed(line).get("message") == SHOWN)
    most, when = 0, 0
    for index, start in enumerate(times):
        count = sum(1 for _ in _within(times, index, start + 1000))
        if count > most:
            most, when = count, start
    return most, when


def _within(times: list[int], index: int, end: int) -> Iterator[int]:
    while index < len(times) and times[index] < end:
        yield times[index]
        index += 1


def _parsed(line: str) -> Mapping[str, Any]:
    """A line of JSON; of other lines, what Lambda reports in them."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        found = _FATAL.search(line)
        return {"errorType": found[0]} if found else {}
    return entry if isinstance(entry, Mapping) else {}


def _error(entry: Mapping[str, Any]) -> _Error | None:
    request = entry.get("requestId")
    if entry.get("message") in OUR_ERRORS:
        reason = str(entry.get("reason") or entry.get("error") or entry["message"])
        return _Error(reason, str(entry.get("hint") or ""), entry.get("flow"), request, ours=True)
    record = entry.get("record")
    if isinstance(record, Mapping):  # in the JSON log format, Lambda's own lines have a type and a record
        failed = record.get("status") in ("error", "timeout", "failure")
        fault = str(record.get("errorType") or record["status"]) if failed else None
        request = record.get("requestId")
    else:
        fault = str(entry["errorType"]) if entry.get("errorType") else None
    return _Error(f"Lambda reports {fault}", "", None, request, ours=False) if fault else None
