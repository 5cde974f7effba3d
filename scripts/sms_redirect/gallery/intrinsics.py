"""Works out a template's values as far as a person could without deploying it: pure.

What only a deployment knows (a resource's name, an export, a secret) becomes an `Unresolved`, which stays where it is
until somebody needs it. Functions: CloudFormation's template reference, "Intrinsic functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sms_redirect.gallery.other_sources import SERVERLESS_VARIABLE
from sms_redirect.pool_rules.violation import Unknown

# Neither expression looks further than the next brace, so that no text makes it slow.
_REFERENCE = re.compile(r"\$\{(!?)([^${}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
NO_VALUE = "AWS::NoValue"
TRANSFORM = "Fn::Transform"


@dataclass(frozen=True, slots=True)
class Unresolved(Unknown):
    """A value that is not known: how the template writes it, and why."""

    expression: str
    reason: str

    def __str__(self) -> str:
        return self.expression


class _Nothing:
    """What AWS::NoValue leaves of a property."""


_NOTHING = _Nothing()


class Resolver:
    """Resolves the values of one template.

    `parameters` are the values of all parameters that have one (see `parameters.values`), `pseudo` those of AWS::Region
    and the like. `assumed` are the names among them that nobody gave: `assumptions` collects which of these were used.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, Any],
        pseudo: Mapping[str, str],
        assumed: frozenset[str] = frozenset(),
    ) -> None:
        self._conditions = _section(template, "Conditions")
        self._mappings = _section(template, "Mappings")
        self._known: Mapping[str, Any] = {**pseudo, **parameters}
        self._assumed = assumed
        self._used: set[str] = set()
        self._decided: dict[str, tuple[bool | Unresolved, frozenset[str]]] = {}
        self._deciding: set[str] = set()
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Split": self._split,
            "Fn::Select": self._select,
            "Fn::FindInMap": self._find,
            "Fn::Equals": self._equals,
            "Fn::And": lambda values: self._all(values, decisive=False),
            "Fn::Or": lambda values: self._all(values, decisive=True),
            "Fn::Not": self._not,
            "Fn::Length": self._length,
            "Fn::ToJsonString": self._to_json,
            "Condition": self.condition,
        }

    @contextmanager
    def assumptions(self) -> Iterator[set[str]]:
        """The assumed names that are used within the context."""
        before, self._used = self._used, set()
        try:
            yield self._used
        finally:
            before |= self._used
            self._used = before

    def value(self, node: Any) -> Any:
        """A value with everything in it resolved that can be; a property without a value is left out."""
        if isinstance(node, Mapping):
            return self._mapping(node)
        if isinstance(node, list):
            return [each for each in map(self.value, node) if each is not _NOTHING]
        if isinstance(node, str) and (found := _DYNAMIC.search(node)):
            return Unresolved(node[:200], f"{found[0][:200]} is known to a deployment only")
        if isinstance(node, str) and (found := SERVERLESS_VARIABLE.search(node)):
            reason = f"{found[0][:200]} is a variable of the Serverless Framework, which `serverless package` fills in"
            return Unresolved(node[:200], reason)
        return node

    def property(self, node: Any) -> Any:
        """As `value`, with None in place of AWS::NoValue."""
        found = self.value(node)
        return None if found is _NOTHING else found

    def _mapping(self, node: Mapping[str, Any]) -> Any:
        if TRANSFORM in node:
            return Unresolved(
                _transform(node[TRANSFORM]), "a macro writes this part of the template when it is deployed"
            )
        name, argument = next(iter(node.items())) if len(node) == 1 else ("", None)
        if name in self._functions and not (name == "Condition" and isinstance(argument, Mapping)):  # a policy's
            return self._call(name, argument)
        if str(name).startswith("Fn::"):
            return Unresolved(_written(node), f"{name} is known to a deployment only")
        resolved = ((name, self.value(each)) for name, each in node.items())
        return {name: each for name, each in resolved if each is not _NOTHING}

    def condition(self, name: str) -> bool | Unresolved:
        """Whether a condition of the template holds."""
        if name not in self._conditions or name in self._deciding:
            return Unresolved(f"Condition {name}", f"the template's condition {name} is missing or depends on itself")
        if name not in self._decided:
            self._deciding.add(name)
            try:
                with self.assumptions() as used:
                    found = self.value(self._conditions[name])
                    verdict = found if isinstance(found, bool | Unresolved) else _is_true(found)
                self._decided[name] = verdict, frozenset(used)
            finally:
                self._deciding.discard(name)
        verdict, names = self._decided[name]
        self._used |= names
        return verdict

    def _call(self, name: str, argument: Any) -> Any:
        try:
            return self._functions[name](argument)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            return Unresolved(_written({name: argument}), f"{name} is malformed here")

    def _ref(self, name: str) -> Any:
        if name == NO_VALUE:
            return _NOTHING
        if name not in self._known:
            return Unresolved(f"!Ref {name}", f"{name} is known to a deployment only")
        if name in self._assumed:
            self._used.add(name)
        return self.value(self._known[name])

    def _sub(self, argument: Any) -> Any:
        text, own = argument if isinstance(argument, list) else (argument, {})
        known = {name: self.value(each) for name, each in own.items()}
        troubles: list[Unresolved] = []

        def filled(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return "${" + found[2] + "}"
            value = known[name] if name in known else self._ref_or_attribute(name)
            if isinstance(value, Unresolved):
                troubles.append(value)
            return as_text(value)

        result = _REFERENCE.sub(filled, text)
        return Unresolved(_written({"Fn::Sub": text}), troubles[0].reason) if troubles else self.value(result)

    def _ref_or_attribute(self, name: str) -> Any:
        if "." in name:
            return Unresolved(f"!GetAtt {name}", f"{name} is known to a deployment only")
        return self._ref(name)

    def _if(self, argument: list[Any]) -> Any:
        name, yes, no = argument
        holds = self.condition(name)
        if isinstance(holds, Unresolved):
            return Unresolved(f"!If {name}", holds.reason)
        return self.value(yes if holds else no)

    def _join(self, argument: list[Any]) -> Any:
        separator, values = argument[0], self.value(argument[1])
        return values if isinstance(values, Unresolved) else _first(values) or separator.join(map(as_text, values))

    def _split(self, argument: list[Any]) -> Any:
        separator, text = argument[0], self.value(argument[1])
        return text if isinstance(text, Unresolved) else as_text(text).split(separator)

    def _select(self, argument: list[Any]) -> Any:
        index, values = self.value(argument[0]), self.value(argument[1])
        return _first([index, values]) or values[_position(index)]

    def _find(self, argument: list[Any]) -> Any:
        keys = [self.value(each) for each in argument[:3]]
        if unknown := _first(keys):
            return unknown
        name, top, second = map(as_text, keys)
        found = _section(self._mappings, name).get(top, {})
        if second not in found and len(argument) > len(keys):
            return self.value(argument[3]["DefaultValue"])
        if second not in found:
            reason = f"the template's mapping {name} has no {top}.{second}{self._assumption_words()}"
            return Unresolved(f"!FindInMap {name}.{top}.{second}", reason)
        return found[second]  # as it stands: CloudFormation takes no functions in mappings

    def _assumption_words(self) -> str:
        names = ", ".join(sorted(self._used))
        return f"; {names} was assumed, see --parameter-overrides and --region" if names else ""

    def _equals(self, argument: list[Any]) -> Any:
        left, right = (self.value(each) for each in argument)
        return _first([left, right]) or as_text(left) == as_text(right)

    def _all(self, argument: list[Any], *, decisive: bool) -> Any:
        """And, where one False decides, or Or, where one True does; an unknown matters only if nothing does."""
        values = [each if isinstance(each, Unresolved) else _is_true(each) for each in map(self.value, argument)]
        return decisive if decisive in values else _first(values) or not decisive

    def _not(self, argument: list[Any]) -> Any:
        value = self.value(argument[0])
        return value if isinstance(value, Unresolved) else not _is_true(value)

    def _length(self, argument: Any) -> Any:
        values = self.value(argument)
        if not isinstance(values, list | Unresolved):
            raise TypeError("Fn::Length counts a list")
        return values if isinstance(values, Unresolved) else len(values)

    def _to_json(self, argument: Any) -> Any:
        value = self.value(argument)
        unknown = next(iter(unresolved(value)), None)
        return unknown or json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def unresolved(value: Any) -> list[Unresolved]:
    """What is not known in a value."""
    if isinstance(value, Unresolved):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [found for each in inner for found in unresolved(each)]


def as_text(value: Any) -> str:
    """As CloudFormation compares and joins values."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _section(template: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = template.get(name)
    return found if isinstance(found, Mapping) else {}


def _position(index: Any) -> int:
    """Of Fn::Select, which counts from 0 and knows no negative numbers."""
    position = int(index)
    if position < 0:
        raise IndexError(position)
    return position


def _first(values: list[Any]) -> Unresolved | None:
    return next((each for each in values if isinstance(each, Unresolved)), None)


def _is_true(value: Any) -> bool:
    return as_text(value) == "true"


def _transform(argument: Any) -> str:
    """For example `Fn::Transform AWS::Include s3://bucket/texts.yaml`."""
    macro = argument if isinstance(argument, Mapping) else {"Name": argument}
    parameters = macro.get("Parameters")
    location = parameters.get("Location", "") if isinstance(parameters, Mapping) else ""
    return " ".join(f"{TRANSFORM} {macro.get('Name')} {location}".split())[:200]


def _written(node: Mapping[str, Any]) -> str:
    """Short, for people: `!GetAtt Role.Arn`."""
    ((name, argument),) = node.items()
    text = ".".join(map(str, argument)) if isinstance(argument, list) else str(argument)
    return f"!{str(name).removeprefix('Fn::')} {text}"[:200]
