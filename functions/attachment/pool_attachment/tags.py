"""The redirect's own tags on a pool: who attached, and what was there before.

Tags are where a person finds them, and they travel in the same UpdateUserPool as the trigger, so that no crash can
leave one without the other. Only `attaching` comes a moment earlier, by itself: it keeps a second stack from attaching
between our reading and our update, which would overwrite it.

A tag's value takes letters, digits, spaces and `+ - = . _ : / @`, at most 256 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pool_attachment.errors import RefusedError

STACK = "sms-redirect:stack"
SENDER = "sms-redirect:sender"
PREVIOUS_SENDER = "sms-redirect:previous-sender"
BROUGHT_KEY = "sms-redirect:brought-key"
ABSENT = "sms-redirect:was-absent"
ATTACHING = "sms-redirect:attaching"
TAGS = frozenset({STACK, SENDER, PREVIOUS_SENDER, BROUGHT_KEY, ABSENT, ATTACHING})

_MAX_VALUE = 256
_PREVIOUS = re.compile(r"(?P<version>\w+) (?P<arn>arn:\S+)")


@dataclass(frozen=True)
class Sender:
    """A custom sender trigger: the version of its event and its function."""

    version: str
    arn: str

    @classmethod
    def read(cls, trigger: Mapping[str, str] | None) -> Sender | None:
        if not trigger:
            return None
        return cls(version=trigger.get("LambdaVersion", "V1_0"), arn=trigger.get("LambdaArn", ""))

    def trigger(self) -> dict[str, str]:
        return {"LambdaVersion": self.version, "LambdaArn": self.arn}


@dataclass(frozen=True)
class RedirectTags:
    """`stack` attached its function `sender`; before that there was `previous` (None: no SMS sender).

    `brought_key`: the key that the stack put where there was none. `absent`: which of LambdaConfig and UserPoolTags
    DescribeUserPool did not return at all, so that they go back to that instead of to an empty object.
    `attaching`: the stack that is about to attach. `garbled`: the tag of the previous sender is there, but does not
    read as one.
    """

    stack: str | None = None
    sender: str | None = None
    previous: Sender | None = None
    brought_key: str | None = None
    absent: frozenset[str] = frozenset()
    attaching: str | None = None
    garbled: bool = False

    @classmethod
    def read(cls, tags: Mapping[str, str]) -> RedirectTags:
        values = {key: _decode(tags[key]) for key in TAGS if key in tags}
        previous = _PREVIOUS.fullmatch(values.get(PREVIOUS_SENDER, ""))
        return cls(
            stack=values.get(STACK),
            sender=values.get(SENDER),
            previous=Sender(**previous.groupdict()) if previous else None,
            brought_key=values.get(BROUGHT_KEY),
            absent=frozenset(values.get(ABSENT, "").split()),
            attaching=values.get(ATTACHING),
            garbled=PREVIOUS_SENDER in values and not previous,
        )

    def encoded(self) -> dict[str, str]:
        """Raises RefusedError when a value does not fit into a tag."""
        previous = f"{self.previous.version} {self.previous.arn}" if self.previous else None
        values = {
            STACK: self.stack,
            SENDER: self.sender,
            PREVIOUS_SENDER: previous,
            BROUGHT_KEY: self.brought_key,
            ABSENT: " ".join(sorted(self.absent)),
            ATTACHING: self.attaching,
        }
        return {key: _encode(key, value) for key, value in values.items() if value}


def without(tags: Mapping[str, str], ours: Iterable[str] = TAGS) -> dict[str, str]:
    """The owner's own tags."""
    return {key: value for key, value in tags.items() if key not in set(ours)}


def _encode(key: str, value: str) -> str:
    """`=XX` for each byte that a tag cannot hold; an ARN normally has none and stays readable."""
    encoded = re.sub(r"[^0-9A-Za-z +\-._:/@]", lambda found: _escape(found[0]), value)
    if len(encoded) > _MAX_VALUE:
        raise RefusedError(
            f"{value[:60]}... does not fit into the tag {key} (256 characters), so it could not be put back."
        )
    return encoded


def _escape(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())


def _decode(value: str) -> str:
    def unescape(found: re.Match[str]) -> str:
        return bytes.fromhex(found[0].replace("=", "")).decode(errors="replace")

    return re.sub(r"(?:=[0-9A-F]{2})+", unescape, value)
