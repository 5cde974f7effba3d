"""Reads the API's query strings. An unknown parameter is an error: without the filter that was meant, a test would get
somebody else's code.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sms_redirect.messages.query import UNKNOWN, Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sms_redirect.messages.store import SmsStore

FILTERS = ("kind", "phone_number", "email", "flow", "user_name", "text", "failed")
KINDS = ("sms", "email", "all")
FORMATS = ("json", "csv", "eml")
GROUPS = ("phone_number", "flow", "user_name")
DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
DEFAULT_WAIT = 30.0
MAX_WAIT = 60.0

_CURSOR = re.compile(r"[0-9a-f]{8}-\d{1,18}", re.ASCII)


class BadParameter(ValueError):  # noqa: N818 - names what is bad
    """A parameter of the request cannot be understood."""

    def __init__(self, name: str, predicate: str) -> None:
        super().__init__(f"{name} {predicate}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request; empty ones count as absent, except `failed`, which is no text."""

    values: dict[str, str]

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]], allowed: Iterable[str]) -> Parameters:
        known = tuple(allowed)
        values: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known) or 'none'}."
                raise BadParameter(name, f"is not a parameter of this operation. {hint}")
            if name in values:
                raise BadParameter(name, "occurs twice; send it once.")
            if "\0" in value:
                raise BadParameter(name, "must not contain NUL.")
            values[name] = value
        return cls({name: value for name, value in values.items() if value.strip() or name == "failed"})

    @property
    def query(self) -> Query:
        return Query(
            kind=self.kind,
            email=self.values.get("email"),
            phone_number=_phone_number(self.values.get("phone_number")),
            flow=self.values.get("flow"),
            user_name=self.values.get("user_name"),
            text=self.values.get("text"),
            failed=_boolean("failed", self.values.get("failed")),
        )

    @property
    def kind(self) -> Literal["sms", "email"] | None:
        """SMS, unless the request asks for emails or for all: what waits for an SMS must never get an email."""
        value = self.values.get("kind")
        if value is not None and value not in KINDS:
            raise BadParameter("kind", f"must be one of {', '.join(KINDS)}, not {_shown(value)}.")
        if value is None:
            return "email" if "email" in self.values else "sms"
        return None if value == "all" else value  # type: ignore[return-value]  # just checked

    @property
    def limit(self) -> int:
        return self.whole("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)

    @property
    def offset(self) -> int:
        return self.whole("offset", 0, 0, None)

    def whole(self, name: str, default: int, least: int, most: int | None) -> int:
        """A whole number within bounds."""
        text = self.values.get(name)
        if text is None:
            return default
        number = int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else -1
        if number < least or (most is not None and number > most):
            bounds = f"from {least} to {most}" if most is not None else f"{least} or more"
            raise BadParameter(name, f"must be a whole number, {bounds}, not {_shown(text)}.")
        return number

    @property
    def wait(self) -> float:
        """Seconds, at most MAX_WAIT, so that no proxy or client gives up first."""
        text = self.values.get("wait")
        try:
            seconds = DEFAULT_WAIT if text is None else float(text)
        except ValueError:
            seconds = math.nan
        if not seconds >= 0:
            raise BadParameter("wait", f"must be a number of seconds, 0 or more, not {_shown(text)}.")
        return min(seconds, MAX_WAIT)

    @property
    def group(self) -> Literal["phone_number", "flow", "user_name"] | None:
        value = self.values.get("group")
        if value is not None and value not in GROUPS:
            raise BadParameter("group", f"must be one of {', '.join(GROUPS)}, not {_shown(value)}.")
        return value  # type: ignore[return-value]  # just checked

    @property
    def format(self) -> str:
        value = self.values.get("format", FORMATS[0])
        if value not in FORMATS:
            raise BadParameter("format", f"must be one of {', '.join(FORMATS)}, not {_shown(value)}.")
        return value

    @property
    def cursor(self) -> str | None:
        """`since`, which must be a cursor here."""
        text = self.values.get("since")
        if text is not None and not _CURSOR.fullmatch(text):
            raise BadParameter("since", f"must be a cursor of this API, not {_shown(text)}.")
        return text

    def since(self, store: SmsStore) -> int | datetime | None:
        """The position of a cursor (0 if another run made it), or a time; None if the parameter is absent."""
        text = self.values.get("since")
        if text is None:
            return None
        if _CURSOR.fullmatch(text):
            return store.position(text) or 0
        # A plus sign that was not percent-encoded arrives as a space.
        written = re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip())
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise BadParameter(
                "since", f"must be a cursor of this API or a time such as 2026-03-01T10:00:00Z, not {_shown(text)}."
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _phone_number(text: str | None) -> str | None:
    if text is None or text == UNKNOWN:
        return text
    if not re.fullmatch(r"[\s+]?[\d\s()./-]*\d[\d\s()./-]*", text, re.ASCII):
        raise BadParameter("phone_number", f"must be a number such as +12065551212, or {UNKNOWN}, not {_shown(text)}.")
    return text  # a plus sign that was not percent-encoded arrives as a space; the digits are what is compared


def _boolean(name: str, text: str | None) -> bool | None:
    if text is None:
        return None
    if text not in {"true", "false"}:
        raise BadParameter(name, f"must be true or false, not {_shown(text)}.")
    return text == "true"


def _shown(text: str | None) -> str:
    return repr((text or "")[:80])
