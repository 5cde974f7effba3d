"""SNS's filter policies over message attributes (SNSG/sns-subscription-filter-policies), as far as we can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lets_through(policy: Mapping[str, Any] | None, known: Mapping[str, str | None]) -> bool:
    """Whether a policy lets a message through of which only these attributes are known; what is unknown passes."""
    return all(_matches(conditions, known[name]) for name, conditions in (policy or {}).items() if known.get(name))


def _matches(conditions: Any, value: str | None) -> bool:
    listed: Sequence[Any] = conditions if isinstance(conditions, list) else [conditions]
    return any(_one_matches(each, value or "") for each in listed)


def _one_matches(condition: Any, value: str) -> bool:
    if not isinstance(condition, Mapping):
        return bool(condition == value)
    operator, operand = next(iter(condition.items()), ("", None))
    if operator == "anything-but":
        excluded = operand if isinstance(operand, list) else [operand]
        return not any(_one_matches(each, value) for each in excluded)
    test = _OPERATORS.get(operator)
    return test is None or test(value, operand)  # unknown to us: not taken for the cause


_OPERATORS: Mapping[str, Callable[[str, Any], bool]] = {
    "prefix": lambda value, operand: value.startswith(str(operand)),
    "suffix": lambda value, operand: value.endswith(str(operand)),
    "equals-ignore-case": lambda value, operand: value.casefold() == str(operand).casefold(),
    "wildcard": lambda value, operand: re.fullmatch(re.escape(str(operand)).replace(r"\*", ".*"), value) is not None,
    "exists": lambda _value, operand: bool(operand),
}
