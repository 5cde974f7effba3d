"""Every single permission of the template: each action, condition and trust, and the template without it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Document = dict[str, Any]
NOBODY = "nobody.amazonaws.com"
NOTHING = "none:None"


@dataclass(frozen=True)
class Removal:
    """`kind`: action, condition or trust. `name` says what is taken away, for example `SenderRole: sns:Publish`."""

    resource: str
    kind: str
    name: str
    _take: Callable[[Document], None] = field(repr=False)

    def from_template(self, template: Document) -> Document:
        """A copy of the template without it."""
        less = copy.deepcopy(template)
        self._take(less)
        return less


def documents(template: Document) -> Iterator[tuple[str, list[Document]]]:
    """The statements of every policy document, by `Resource` or, of a role, `Resource trust` and `Resource/policy`."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if "AssumeRolePolicyDocument" in properties:
            yield f"{name} trust", properties["AssumeRolePolicyDocument"]["Statement"]
        for key in ("KeyPolicy", "PolicyDocument"):
            if key in properties:
                yield name, properties[key]["Statement"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", ()):
                yield f"{name}/{policy['PolicyName']}", policy["PolicyDocument"]["Statement"]


def permissions(template: Document) -> Iterator[tuple[str, Document]]:
    """`AWS::Lambda::Permission`, which is a statement of a function's policy: name and properties."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Permission":
            yield name, resource["Properties"]


def removals(template: Document) -> list[Removal]:
    """All of them."""
    return [*_of_documents(template), *_of_permissions(template)]


def _of_documents(template: Document) -> Iterator[Removal]:
    for where, statements in documents(template):
        for number, statement in enumerate(statements):
            yield from _of_statement(where, number, statement)


def _of_statement(where: str, number: int, statement: Document) -> Iterator[Removal]:
    resource = where.split(" ", maxsplit=1)[0].split("/", maxsplit=1)[0]

    def removal(kind: str, name: str, change: Callable[[Document], None]) -> Removal:
        deny = f"{statement['Sid']} denies " if statement["Effect"] == "Deny" else ""
        return Removal(resource, kind, f"{where}: {deny}{name}", lambda less: change(_statements(less, where)[number]))

    for action in listed(statement["Action"]):
        left = [each for each in listed(statement["Action"]) if each != action]
        yield removal("action", action, lambda changed, left=left: changed.update(Action=left or [NOTHING]))
    if "Service" in statement.get("Principal", ()):
        named = f"trust in {statement['Principal']['Service']}"
        yield removal("trust", named, lambda changed: changed.update(Principal={"Service": NOBODY}))
    if "AWS" in statement.get("Principal", ()):
        yield removal("trust", "trust in the account", lambda changed: changed.update(Principal={"Service": NOBODY}))
    for operator, keys in statement.get("Condition", {}).items():
        for key in keys:
            first = listed(statement["Action"])[0]
            name = f"{first} only with {key}"
            yield removal("condition", name, lambda changed, at=(operator, key): _without_condition(changed, *at))


def _without_condition(statement: Document, operator: str, key: str) -> None:
    del statement["Condition"][operator][key]
    if not statement["Condition"][operator]:
        del statement["Condition"][operator]


def _of_permissions(template: Document) -> Iterator[Removal]:
    for name, properties in permissions(template):
        principal = f"trust in {properties['Principal']}"

        def properties_of(less: Document, name: str = name) -> Document:
            found: Document = less["Resources"][name]["Properties"]
            return found

        def without(less: Document, key: str, of: Callable[[Document], Document] = properties_of) -> None:
            del of(less)[key]

        def trusting_nobody(less: Document, of: Callable[[Document], Document] = properties_of) -> None:
            of(less)["Principal"] = NOBODY

        yield Removal(name, "trust", f"{name}: {principal}", trusting_nobody)
        for key in (each for each in ("SourceAccount", "SourceArn") if each in properties):
            yield Removal(name, "condition", f"{name}: only with {key}", partial(without, key=key))


def _statements(template: Document, where: str) -> list[Document]:
    return dict(documents(template))[where]


def listed(value: Any) -> list[Any]:
    """Policies write a single value without its list."""
    return value if isinstance(value, list) else [value]
