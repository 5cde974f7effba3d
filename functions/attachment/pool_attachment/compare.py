"""Whether a pool is, after an update, what it was meant to be. Pure: two readings in, what differs out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pool_attachment import tags
from pool_attachment.settings import Settings, SettingsModel

# What moves on its own while nobody changes a setting.
_VOLATILE = frozenset(
    {"EstimatedNumberOfUsers", "LastModifiedDate", "Status", "SmsConfigurationFailure", "EmailConfigurationFailure"}
)
_MOST = 15
_LONGEST_VALUE = 40

Differences = Mapping[str, tuple[Any, Any]]
"""Path of a setting to what it was and what it is."""


def unlike_request(request: Mapping[str, Any], after: Settings) -> Differences:
    """Settings that are not as the request asked. Our own tags may linger: they are taken off by themselves."""
    own = tags.without(after.tags, tags.TAGS - set(request.get("UserPoolTags", {})))
    return differences({**request, "UserPoolId": None}, {**after.update, "UserPoolTags": own})


def unlike_before(model: SettingsModel, before: Settings, after: Settings) -> Differences:
    """What UpdateUserPool cannot set and should not have moved, and members that were not there before."""
    fixed = model.read_only - _VOLATILE
    changed = differences(*({k: v for k, v in each.raw.items() if k in fixed} for each in (before, after)))
    return {**changed, **{path: (None, "new") for path in after.unknown if path not in before.unknown}}


def unlike_mfa(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    return {f"MFA {path}": values for path, values in differences(before, after).items()}


def mfa_was_reset(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """MFA is off, or a factor is gone, that was there before: what a default would do, and hardly an owner."""
    on_before, on_after = ((each.get("MfaConfiguration") or "OFF") != "OFF" for each in (before, after))
    factors = set(before) - {"MfaConfiguration"}
    return (on_before and not on_after) or any(before[name] and not after.get(name) for name in factors)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """An absent member and an empty one are the same, and lists have no order: each in a pool's settings is a set."""
    return dict(_differences(before, after, ""))


def named(found: Differences) -> str:
    """`Policies.PasswordPolicy.MinimumLength (was 14, is 8)`, for a person."""
    texts = [f"{path}{_values(*values)}" for path, values in sorted(found.items())]
    more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more


def _values(before: Any, after: Any) -> str:
    texts = ["unset" if each is None else str(each) for each in (before, after)]
    structured = any(isinstance(each, list | Mapping) for each in (before, after))
    return "" if structured or max(map(len, texts)) > _LONGEST_VALUE else " (was {}, is {})".format(*texts)


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        one, other = before or {}, after or {}
        for name in sorted({*one, *other}):
            yield from _differences(one.get(name), other.get(name), f"{path}.{name}" if path else name)
    elif _canonical(before) != _canonical(after):
        yield path, (before, after)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        members = {name: _canonical(each) for name, each in value.items()}
        return {name: each for name, each in members.items() if each is not None} or None
    if isinstance(value, list):
        return sorted((_canonical(each) for each in value), key=json.dumps) or None
    return None if value == "" else value
