"""May a user pool invoke a function? Lambda asks the function's resource policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

PRINCIPAL = "cognito-idp.amazonaws.com"
ACTIONS = {"lambda:InvokeFunction", "lambda:*", "*"}


def missing_permission(statements: Iterable[Mapping[str, Any]], pool_arn: str) -> str | None:
    """Why a pool may not invoke a function with these policy statements; None if it may."""
    candidates = [statement for statement in statements if _names_cognito(statement)]
    if not candidates:
        return f"the function's policy has no statement that lets {PRINCIPAL} invoke it"
    reasons = [_condition_unmet(statement.get("Condition") or {}, pool_arn) for statement in candidates]
    return None if None in reasons else reasons[0]


def _names_cognito(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = _list(principal.get("Service")) if isinstance(principal, Mapping) else _list(principal)
    named = PRINCIPAL in services or "*" in services
    return statement.get("Effect") == "Allow" and named and bool(ACTIONS & set(_list(statement.get("Action"))))


def _condition_unmet(condition: Mapping[str, Mapping[str, Any]], pool_arn: str) -> str | None:
    facts = {"aws:sourcearn": pool_arn, "aws:sourceaccount": pool_arn.split(":")[4]}
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            if key.lower() not in facts:
                return f"its policy asks for {key}, which a user pool does not send"
            if not any(_matches(operator, facts[key.lower()], pattern) for pattern in _list(wanted)):
                return f"its policy allows {key} {wanted}, but the pool's is {facts[key.lower()]}"
    return None


def _matches(operator: str, value: str, pattern: str) -> bool:
    if operator.endswith("Like"):
        return fnmatchcase(value, pattern.replace("[", "[[]"))
    return value == pattern


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
