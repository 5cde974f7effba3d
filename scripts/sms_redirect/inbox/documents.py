"""The API's JSON: SMS and emails, lists, groups, subscriptions. `openapi.json` describes each member."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sms_redirect.inbox import timeline
from sms_redirect.messages import anatomy, phone
from sms_redirect.messages.members import as_json, timestamp
from sms_redirect.messages.query import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sms_redirect.inbox.parameters import Parameters
    from sms_redirect.inbox.sources import Email, PendingSubscription, Trail
    from sms_redirect.messages.document import Message
    from sms_redirect.messages.store import Entry, SmsStore


def message(entry: Entry, store: SmsStore) -> dict[str, Any]:
    """The message document's members, and what the inbox adds."""
    return {
        "kind": entry.message.kind,
        **as_json(entry.message),
        **_for_people(entry.message),
        "received_at": timestamp(entry.received_at),
        "copies": entry.copies,
        "cursor": store.cursor(entry.number),
    }


def whole_message(entry: Entry, store: SmsStore, emails: Sequence[Email] | None, trail: Trail | None) -> dict[str, Any]:
    """A message with everything that its page shows. `emails` None: this inbox does not see the mailboxes; `trail`
    None: it did not see the way.
    """
    if entry.message.kind == "email":
        return {**message(entry, store), "document": entry.message.raw}
    return {
        **message(entry, store),
        "anatomy": anatomy.of(entry.message.text),
        "placeholders": entry.message.template_text,
        "emails": None
        if emails is None
        else [{**asdict(each), "delivered_at": timestamp(each.delivered_at)} for each in emails],
        "timeline": timeline.of(entry.message, trail),
        "log": timeline.log(trail),
        "document": entry.message.raw,
    }


def messages(found: Sequence[Entry], parameters: Parameters, store: SmsStore) -> dict[str, Any]:
    """One page of a list, newest first or group by group."""
    state = store.state
    ordered = _grouped(found, parameters.group) if parameters.group else found
    page = ordered[parameters.offset : parameters.offset + parameters.limit]
    is_first = parameters.offset == 0
    return {
        "messages": [message(entry, store) for entry in page],
        "found": len(found),
        "kept": state.kept,
        "capacity": state.limit,
        "dropped": state.dropped,
        "cursor": state.cursor,
        "groups": _group_sizes(found, parameters.group) if parameters.group and is_first else None,
    }


def groups(entries: Iterable[Entry]) -> dict[str, Any]:
    """The values to filter by, latest first, each with its number of messages."""
    values: dict[str, dict[str, int]] = {"phone_number": {}, "email": {}, "flow": {}, "user_name": {}}
    for entry in entries:
        for name in ("email" if entry.message.kind == "email" else "phone_number", "flow", "user_name"):
            value = getattr(entry.message, name) or UNKNOWN
            values[name][value] = values[name].get(value, 0) + 1
    return {
        name: [
            {"value": value, "label": phone.display(value) if name == "phone_number" else value, "count": count}
            for value, count in counts.items()
        ]
        for name, counts in values.items()
    }


def pending(subscription: PendingSubscription) -> dict[str, Any]:
    url = subscription.confirm_url
    is_link = url is not None and url.startswith(("https://", "http://"))
    return {"endpoint": subscription.endpoint, "confirm_url": url if is_link else None}


def _grouped(found: Sequence[Entry], name: str) -> list[Entry]:
    """Group by group, the one with the latest message first; within a group, newest first."""
    members: dict[str, list[Entry]] = {}
    for entry in found:
        members.setdefault(_group_of(entry, name), []).append(entry)
    return [entry for group in members.values() for entry in group]


def _group_sizes(found: Sequence[Entry], name: str) -> list[dict[str, Any]]:
    """In the order of `_grouped`."""
    counts = Counter(_group_of(entry, name) for entry in found)
    is_number = name == "phone_number"
    return [
        {"value": value, "label": phone.display(value) if is_number and "@" not in value else value, "count": count}
        for value, count in counts.items()
    ]


def _group_of(entry: Entry, name: str) -> str:
    to_email = name == "phone_number" and entry.message.kind == "email"
    return getattr(entry.message, "email" if to_email else name) or UNKNOWN


def _for_people(shown: Message) -> dict[str, Any]:
    if shown.kind == "email":
        return {}
    return {"phone_number_display": phone.display(shown.phone_number) if shown.phone_number else None}
