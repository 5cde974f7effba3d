"""Whether a pool is, after an update, what it was meant to be. Pure: two readings in, the names of what differs out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pool_attachment import memory
from pool_attachment.settings import Settings, SettingsModel

# What moves on its own while nobody changes a setting.
_VOLATILE = frozenset(
    {"EstimatedNumberOfUsers", "LastModifiedDate", "Status", "SmsConfigurationFailure", "EmailConfigurationFailure"}
)


def unlike_request(request: Mapping[str, Any], after: Settings) -> tuple[str, ...]:
    """Settings that are not as the request asked. Our own tags may linger: they are taken off by themselves."""
    tags = memory.without(after.tags, memory.TAGS - set(request.get("UserPoolTags", {})))
    return differences({**request, "UserPoolId": None}, {**after.update, "UserPoolTags": tags})


def unlike_before(model: SettingsModel, before: Settings, after: Settings) -> tuple[str, ...]:
    """What UpdateUserPool cannot set and should not have moved, and members that were not there before."""
    fixed = model.read_only - _VOLATILE
    changed = differences(*({k: v for k, v in each.raw.items() if k in fixed} for each in (before, after)))
    return (*changed, *(path for path in after.unknown if path not in before.unknown))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths of the members that differ.

    An absent member and an empty one are the same, and lists have no order: each in a pool's settings is a set.
    """
    return tuple(_differences(before, after, ""))


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        one, other = before or {}, after or {}
        for name in sorted({*one, *other}):
            yield from _differences(one.get(name), other.get(name), f"{path}.{name}" if path else name)
    elif _canonical(before) != _canonical(after):
        yield path


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        members = {name: _canonical(each) for name, each in value.items()}
        return {name: each for name, each in members.items() if each is not None} or None
    if isinstance(value, list):
        return sorted((_canonical(each) for each in value), key=json.dumps) or None
    return None if value == "" else value
