"""What is wrong with a setting, as a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Path = tuple[str | int, ...]
"""As a template writes it: names, and list positions counting from 0."""

Rule = Literal["type", "missing", "unknown", "enum", "length", "value", "pattern", "placeholder", "conflict"]


class Unknown:
    """A value that only a deployment knows. No rule can judge it, so none does."""


class Key(str):
    """A step that is the key of a map: the owner chose it, so the service does not spell it in its own way."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """`rule` is the kind of constraint.

    `constraint` is in AWS's words where they are known; `source` says where the rule is written down. The value of a
    `sensitive` setting (a password, a token) must not be repeated.
    """

    path: Path
    rule: Rule
    constraint: str
    source: str
    value: Any = field(default=None, repr=False)
    sensitive: bool = False

    @property
    def setting(self) -> str:
        """For example `AccountRecoverySetting.RecoveryMechanisms[0].Name`."""
        return written(self.path)


def value_at(settings: Any, *path: str) -> Any:
    """What a setting is: None if it is unset, the `Unknown` on the way if only a deployment knows."""
    for name in path:
        if isinstance(settings, Unknown):
            return settings
        settings = settings.get(name) if isinstance(settings, Mapping) else None
    return settings


def as_the_service_writes(path: Path) -> str:
    """With the names of its Java beans, and list positions counting from 1: `recoveryMechanisms.1.member.name`."""
    return ".".join(_as_the_service_writes(step) for step in path)


def _as_the_service_writes(step: str | int) -> str:
    if isinstance(step, int):
        return f"{step + 1}.member"
    return f"{step}.member" if isinstance(step, Key) else step[:1].lower() + step[1:]


def written(path: Iterable[str | int]) -> str:
    """A path for people."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
