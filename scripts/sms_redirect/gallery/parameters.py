"""The values of a template's parameters, held against what the template allows for them: pure.

CloudFormation's template reference, "Parameters": types, defaults and constraints.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sms_redirect.gallery.errors import ParameterError, TemplateError
from sms_redirect.gallery.intrinsics import Unresolved, as_text

PSEUDO = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix")
_FROM_STORE = "AWS::SSM::"  # the value of such a parameter is the name under which the real one is kept
# A pattern is the template's own, and some take Python's engine for ever: those and long values are not judged.
_LONGEST_MATCHED = 256
_MOST_REPETITIONS = 3


@dataclass(frozen=True, slots=True)
class Given:
    """Values of parameters by name, texts or Unresolved ones (a previous value); pseudo parameters may be among them.

    `strict`: a name that the template does not have is refused, as CloudFormation does; the SAM CLI leaves it out.
    `filed` are the names whose values stand in a file for deployments: for a parameter that is kept in Parameter Store,
    such a value is not the text but the name under which it is kept.
    """

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    strict: bool = True
    filed: frozenset[str] = frozenset()
    region: str | None = None

    @classmethod
    def in_file(cls, values: Mapping[str, Any], *, strict: bool = True, region: str | None = None) -> Given:
        return cls(values, strict, frozenset(values), region)

    def overridden(self, overrides: Mapping[str, str]) -> Given:
        """With these values in place of the file's."""
        return replace(self, values={**self.values, **overrides}, filed=self.filed - overrides.keys())

    def for_another_template(self) -> Given:
        """The same values for a template that may not have all of these parameters."""
        return replace(self, strict=False)


def declared(template: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The template's parameters.

    Raises:
        TemplateError: one is malformed; with `Default` a function, for example.
    """
    found = template.get("Parameters")
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise TemplateError("Parameters is not a mapping of names.", path=("Parameters",))
    for name, each in found.items():
        if not isinstance(each, Mapping):
            raise TemplateError(f"The parameter {name} is not a mapping with a Type.", path=("Parameters", name))
        if isinstance(each.get("Default"), Mapping):
            raise TemplateError(
                f"The default of the parameter {name} is a function: CloudFormation takes literals only.",
                path=("Parameters", name, "Default"),
            )
    return found


def values(template: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """The value of every parameter: given, or its default, or an `Unresolved` that says how to give one.

    Raises:
        ParameterError: CloudFormation would refuse a value, or the template has no such parameter.
        TemplateError: a parameter is malformed.
    """
    known = declared(template)
    for name in given.values if given.strict else ():
        if name not in known and name not in PSEUDO:
            raise ParameterError(f"The template has no parameter {name!r}{_near(name, known)}", path=("Parameters",))
    return {name: _value(name, each, given) for name, each in known.items()}


def _value(name: str, declaration: Mapping[str, Any], given: Given) -> Any:
    kind = str(declaration.get("Type", "String"))
    own = given.values.get(name)
    if isinstance(own, Unresolved):
        return own
    if kind.startswith(_FROM_STORE) and (own is None or name in given.filed):
        reason = f"the parameter {name} is kept in Parameter Store: --parameter-overrides {name}=VALUE"
        return Unresolved(f"!Ref {name}", reason)
    if own is None and "Default" not in declaration:
        return Unresolved(f"!Ref {name}", f"the parameter {name} has no default: --parameter-overrides {name}=VALUE")
    text = as_text(declaration["Default"] if own is None else own)
    whose = f"The default of the parameter {name}" if own is None else f"The value of the parameter {name}"
    is_list = "List<" in kind or kind == "CommaDelimitedList"
    items = [each.strip() for each in text.split(",")] if is_list else [text]
    if not kind.startswith(_FROM_STORE):
        for refusal in _refusals(declaration, kind, items):
            path = ("Parameters", name, *(["Default"] if own is None else []))
            raise ParameterError(f"{whose} is {text!r}, which CloudFormation refuses: {refusal}.", path=path)
    return items if is_list else text


def _refusals(declaration: Mapping[str, Any], kind: str, items: list[str]) -> Iterator[str]:
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list):
        texts = [as_text(each) for each in allowed]
        for item in items:
            if item not in texts:
                yield f"AllowedValues has {', '.join(texts)}{_unquoted(item, allowed)}"
    for item in items:
        yield from _bounds(declaration, kind, item)


def _bounds(declaration: Mapping[str, Any], kind: str, item: str) -> Iterator[str]:
    if "Number" in kind:
        try:
            size = float(item)
        except ValueError:
            yield "it is not a number"
            return
        least, most, what = _limit(declaration, "MinValue"), _limit(declaration, "MaxValue"), "value"
    else:
        size, what = float(len(item)), "length"
        least, most = _limit(declaration, "MinLength"), _limit(declaration, "MaxLength")
        yield from _pattern(declaration, item)
    if least is not None and size < least:
        yield f"the least {what} is {least:g}"
    if most is not None and size > most:
        yield f"the greatest {what} is {most:g}"


def _limit(declaration: Mapping[str, Any], name: str) -> float | None:
    try:
        return float(declaration[name])
    except (KeyError, TypeError, ValueError):
        return None


def _pattern(declaration: Mapping[str, Any], item: str) -> Iterator[str]:
    pattern = declaration.get("AllowedPattern")
    if not isinstance(pattern, str) or len(item) > _LONGEST_MATCHED or _is_slow(pattern):
        return
    try:
        fits = re.fullmatch(pattern, item, re.ASCII)
    except re.error:  # an expression of Java's that Python does not know
        return
    if not fits:
        yield str(declaration.get("ConstraintDescription") or f"AllowedPattern is {pattern}")


def _is_slow(pattern: str) -> bool:
    """Whether matching could take far longer than the value is long: a group is repeated, or there is much to try."""
    return bool(re.search(r"\)[*+{]", pattern)) or len(re.findall(r"[*+]|,\}", pattern)) > _MOST_REPETITIONS


def _unquoted(item: str, allowed: Iterable[Any]) -> str:
    """YAML turns an unquoted OFF in AllowedValues into a boolean."""
    if any(isinstance(each, bool) for each in allowed) and item.lower() in {"on", "off", "yes", "no"}:
        return " (YAML reads an unquoted ON or OFF as true or false: quote them in the template)"
    return ""


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(map(str, known))
    near = difflib.get_close_matches(name, [*names, *PSEUDO], 1)
    listed = ", ".join(names[:20]) or "none"
    return f". Did you mean {near[0]}?" if near else f"; it has {listed}."
