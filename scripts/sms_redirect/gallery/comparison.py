"""What changed between two galleries, text by text: pure, from two documents (see `document`) to a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Document = Mapping[str, Any]
Kind = Literal["changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An error, as a saved gallery has it. Where it stands may move without a change."""

    code: str
    text: str
    setting: str
    source: str
    file: str | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Side:
    """One text in one of the galleries. `copy` is the text with its placeholders, if there is a template."""

    copy: str
    shown: str
    encoding: str
    characters: int
    segments: int
    errors: tuple[Finding, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sms:
    """An SMS that shows the text. Whether it was and is sent: None is not known, or that it is not in that gallery."""

    id: str
    title: str
    sent_before: bool | None
    sent_after: bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """Of one text and all SMS that show it. `before` is None if the text was added, `after` if it was removed."""

    messages: tuple[Sms, ...]
    locale: str | None
    before: Side | None
    after: Side | None

    @property
    def kind(self) -> Kind:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`new_errors` and `fixed_errors` are about texts and other settings; `unchanged` counts the SMS that stayed."""

    old: str
    new: str
    changes: tuple[Change, ...]
    unchanged: int
    new_errors: tuple[Finding, ...]
    fixed_errors: tuple[Finding, ...]


def compare(old: Document, new: Document) -> Comparison:
    """What is different in `new`. An error is new if the old gallery has none of its code about the same setting."""
    before, after = _messages(old), _messages(new)
    changed: dict[tuple[str | None, Side | None, Side | None], list[Sms]] = {}
    unchanged = 0
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        sms = Sms(key[0], (now or was or {})["title"], _sent(was), _sent(now))
        sides = _side(was), _side(now)
        if sides[0] == sides[1] and sms.sent_before == sms.sent_after:
            unchanged += 1
        else:
            changed.setdefault((key[1], *sides), []).append(sms)
    changes = tuple(Change(tuple(same), *key) for key, same in changed.items())
    old_errors, new_errors = _findings(old["errors"]), _findings(new["errors"])
    return Comparison(
        old=str(old["pool"]["origin"]),
        new=str(new["pool"]["origin"]),
        changes=changes,
        unchanged=unchanged,
        new_errors=_only_in(new_errors, old_errors),
        fixed_errors=_only_in(old_errors, new_errors),
    )


def _messages(document: Document) -> dict[tuple[str, str | None], Mapping[str, Any]]:
    return {(each["id"], each.get("locale")): each for each in document["messages"]}


def _sent(message: Mapping[str, Any] | None) -> bool | None:
    sent: bool | None = None if message is None else message["sent"]
    return sent


def _side(message: Mapping[str, Any] | None) -> Side | None:
    if message is None:
        return None
    return Side(
        copy=message["text"] if message["template_text"] is None else message["template_text"],
        shown=message["text"],
        encoding=message["encoding"],
        characters=message["characters"],
        segments=message["segments"],
        errors=_findings(message["errors"]),
        warnings=tuple(each["code"] for each in message["warnings"]),
    )


def _findings(errors: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=each["code"],
            text=each["text"],
            setting=each["setting"],
            source=each["source"],
            file=each.get("file"),
            line=each.get("line"),
            column=each.get("column"),
        )
        for each in errors
    )


def _only_in(these: tuple[Finding, ...], those: tuple[Finding, ...]) -> tuple[Finding, ...]:
    known = {(each.code, each.setting) for each in those}
    return tuple(each for each in these if (each.code, each.setting) not in known)
