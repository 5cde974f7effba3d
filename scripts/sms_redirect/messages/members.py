"""The members of a document, described once: as the annotated fields of a dataclass.

From the annotations come the reader, the JSON form, the JSON Schema and the words of the documentation. A member is a
str, bool, int (a count), datetime, another such dataclass, or a tuple or mapping of those; each may be `| None`.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints

REQUIRED = object()


class UnreadableError(ValueError):
    """A value is not of its member's kind."""


class Kind(Protocol):
    """One kind of value: what it is called, how it is read, and its JSON Schema."""

    @property
    def words(self) -> str: ...

    def read(self, value: Any, *, strict: bool) -> Any:
        """A JSON value as Python's. Without `strict` what is readable of a list is read.

        Raises:
            UnreadableError
        """

    def schema(self) -> dict[str, Any]:
        """Of JSON Schema 2020-12."""


@dataclass(frozen=True, slots=True)
class _Text:
    words: str = "text"

    def read(self, value: Any, *, strict: bool) -> str:
        del strict
        if not isinstance(value, str):
            raise UnreadableError
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class _Flag:
    words: str = "true or false"

    def read(self, value: Any, *, strict: bool) -> bool:
        del strict
        if not isinstance(value, bool):
            raise UnreadableError
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class _Count:
    words: str = "number"

    def read(self, value: Any, *, strict: bool) -> int:
        del strict
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UnreadableError
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0}


@dataclass(frozen=True, slots=True)
class _Time:
    words: str = "time (RFC 3339)"

    def read(self, value: Any, *, strict: bool) -> datetime:
        del strict
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise UnreadableError from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True)
class _Optional:
    of: Kind

    @property
    def words(self) -> str:
        return f"{self.of.words} or null"

    def read(self, value: Any, *, strict: bool) -> Any:
        return None if value is None else self.of.read(value, strict=strict)

    def schema(self) -> dict[str, Any]:
        schema = self.of.schema()
        # Generated clients read a list of plain types best.
        if schema["type"] == "object":
            return {"oneOf": [{"type": "null"}, schema]}
        return {**schema, "type": [schema["type"], "null"]}


@dataclass(frozen=True, slots=True)
class _List:
    of: Kind

    @property
    def words(self) -> str:
        return f"list of {self.of.words}"

    def read(self, value: Any, *, strict: bool) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise UnreadableError
        readable = []
        for each in value:
            try:
                readable.append(self.of.read(each, strict=strict))
            except UnreadableError:
                if strict:
                    raise
        return tuple(readable)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.schema()}


@dataclass(frozen=True, slots=True)
class _Map:
    of: Kind

    @property
    def words(self) -> str:
        return f"object of {self.of.words}"

    def read(self, value: Any, *, strict: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise UnreadableError
        return {key: self.of.read(each, strict=strict) for key, each in value.items()}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.of.schema()}


@dataclass(frozen=True, slots=True)
class _Object:
    described: Any

    @property
    def words(self) -> str:
        return f"`{{{', '.join(members_of(self.described))}}}`"

    def read(self, value: Any, *, strict: bool) -> Any:
        if not isinstance(value, dict):
            raise UnreadableError
        members = members_of(self.described).items()
        return self.described(**{name: each.kind.read(value.get(name), strict=strict) for name, each in members})

    def schema(self) -> dict[str, Any]:
        return schema_of(self.described)


@dataclass(frozen=True, slots=True)
class Member:
    """The annotation of a member: `text: Annotated[str, Member("What it means.")]`."""

    meaning: str  # one sentence or a few, Markdown: for the API's description and docs/message.md
    absent: Any = REQUIRED  # the value if the member is null or missing; only for kinds that are not `| None`
    unknown: Any = None  # the value if a newer sender's form of it is not understood
    kind: Kind = _Text()  # `members_of` takes it from the annotation

    def read(self, value: Any, *, strict: bool) -> Any:
        """Raises:
        UnreadableError: only if `strict`.
        """
        if value is None and self.absent is not REQUIRED:
            return self.blank
        try:
            return self.kind.read(value, strict=strict)
        except UnreadableError:
            if strict:
                raise
            return self.blank

    @property
    def blank(self) -> Any:
        """The value if nothing is known of it."""
        return self.unknown if self.absent is REQUIRED else copy.copy(self.absent)


@cache
def members_of(described: Any) -> dict[str, Member]:
    """The annotated fields of a dataclass, by name, in their order."""
    hints = get_type_hints(described, include_extras=True)
    annotated = {
        field.name: get_args(hints[field.name])
        for field in fields(described)
        if get_origin(hints[field.name]) is Annotated
    }
    return {name: replace(member, kind=_kind(type_)) for name, (type_, member) in annotated.items()}


def _kind(annotation: Any) -> Kind:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is types.UnionType:
        return _Optional(_kind(arguments[0]))
    if origin is tuple:
        return _List(_kind(arguments[0]))
    if origin is Mapping:
        return _Map(_kind(arguments[1]))
    if is_dataclass(annotation):
        return _Object(annotation)
    plain: dict[Any, Kind] = {str: _Text(), bool: _Flag(), int: _Count(), datetime: _Time()}
    return plain[annotation]


def schema_of(described: Any) -> dict[str, Any]:
    """A JSON Schema (2020-12) of the dataclass's members."""
    members = members_of(described)
    return {
        "type": "object",
        "required": list(members),
        "additionalProperties": False,
        "properties": {name: {**each.kind.schema(), "description": each.meaning} for name, each in members.items()},
    }


def as_json(value: Any) -> Any:
    """A value of one of the kinds, as JSON has it."""
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: as_json(getattr(value, name)) for name in members_of(kind)}
    if isinstance(value, Mapping):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [as_json(each) for each in value]
    return timestamp(value) if isinstance(value, datetime) else value


def timestamp(moment: datetime) -> str:
    """As the sender writes it: `2026-03-01T12:00:00.000Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
