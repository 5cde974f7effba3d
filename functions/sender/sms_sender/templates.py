"""The pool's three SMS templates, as DescribeUserPool gives them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from botocore.parsers import ResponseParserError

from sms_sender import answers
from sms_sender.findings import Caution
from sms_sender.flows import Kind

logger = logging.getLogger(__name__)

Source = Literal["pool", "cached", "default", "custom-message"]

# Observed in read-backs and threads; the punctuation of the first is not certain.
DEFAULTS: Mapping[Kind, str] = MappingProxyType(
    {
        "verification": "Your verification code is {####}",
        "authentication": "Your authentication code is {####}.",
        "invitation": "Your username is {username} and temporary password is {####}.",
    }
)
FRESH = 60.0  # seconds

_CODE = re.compile(r"\{####\}")
_CODE_OR_USERNAME = re.compile(r"\{####\}|\{username\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders, where it comes from, and what makes that doubtful."""

    kind: Kind
    text: str
    source: Source
    cautions: tuple[Caution, ...] = ()

    @property
    def has_code(self) -> bool:
        return "{####}" in self.text

    @property
    def has_user_name(self) -> bool:
        return self.kind == "invitation" and "{username}" in self.text

    def fill(self, secret: str, user_name: str) -> str:
        """In one pass: what is filled in is not looked at again. `{username}` counts in invitations only."""
        if self.kind != "invitation":
            return _CODE.sub(lambda _: secret, self.text)
        return _CODE_OR_USERNAME.sub(lambda found: secret if found[0] == "{####}" else user_name, self.text)


@dataclass(frozen=True, slots=True)
class _Known:
    texts: Mapping[Kind, str]
    read_at: float


class Templates:
    """Reads a pool at most once a minute. `clock` gives seconds that only go up."""

    def __init__(self, cognito: Any, clock: Callable[[], float]) -> None:
        self._cognito = cognito
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def get(self, pool_id: str, kind: Kind) -> Template:
        """The template of the pool; failing that the last known one, failing that Cognito's default."""
        known = self._known.get(pool_id)
        trouble = None
        if known is None or self._clock() - known.read_at >= FRESH:
            try:
                known = self._known[pool_id] = self._read(pool_id)
            except answers.FAULTS as problem:
                trouble = answers.name(problem)
                logger.warning("user pool not read", extra={"user_pool_id": pool_id, "error": trouble})
        if known is None or kind not in known.texts:
            return Template(kind, DEFAULTS[kind], "default", _not_read(trouble, "Cognito's default text"))
        source: Source = "pool" if trouble is None else "cached"
        return Template(kind, known.texts[kind], source, _not_read(trouble, "the last known text"))

    def _read(self, pool_id: str) -> _Known:
        pool = self._cognito.describe_user_pool(UserPoolId=pool_id).get("UserPool")
        if not pool:  # not even its id: that is no pool without texts
            raise ResponseParserError("no UserPool in the answer")
        texts: dict[Kind, str | None] = {
            "verification": _at(pool, "VerificationMessageTemplate", "SmsMessage")
            or _at(pool, "SmsVerificationMessage"),
            "authentication": _at(pool, "SmsAuthenticationMessage"),
            "invitation": _at(pool, "AdminCreateUserConfig", "InviteMessageTemplate", "SMSMessage"),
        }
        return _Known({kind: text for kind, text in texts.items() if text}, self._clock())


def _not_read(trouble: str | None, instead: str) -> tuple[Caution, ...]:
    if trouble is None:
        return ()
    text = f"The pool's templates could not be read ({trouble}): this is {instead}."
    return (Caution("template-not-read", text),)


def _at(value: Any, *path: str) -> str | None:
    """A text by its path. AWS leaves unset texts out; an emulator may send empty ones."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and value else None
