"""The pool's three SMS templates, as DescribeUserPool returns them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from botocore.parsers import ResponseParserError

from sms_sender import aws_errors
from sms_sender.errors import TransientError
from sms_sender.findings import SmsWarning
from sms_sender.flows import Kind

logger = logging.getLogger(__name__)

Source = Literal["pool", "cached", "default", "custom-message"]

CODE, USER_NAME = "{####}", "{username}"

# Each kind's settings, the one that takes precedence first.
SETTINGS: Mapping[Kind, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "verification": (("VerificationMessageTemplate", "SmsMessage"), ("SmsVerificationMessage",)),
        "authentication": (("SmsAuthenticationMessage",),),
        "invitation": (("AdminCreateUserConfig", "InviteMessageTemplate", "SMSMessage"),),
    }
)
# What pools without texts are seen to send. AWS documents no default (docs/cognito-facts.md,
# "Texts"): see the warning default-text.
DEFAULTS: Mapping[Kind, str] = MappingProxyType(
    {
        "verification": "Your verification code is {####}.",
        "authentication": "Your authentication code is {####}.",
        "invitation": "Your username is {username} and temporary password is {####}.",
    }
)

_PLACEHOLDER = re.compile(r"\{####\}|\{username\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders, where it comes from, and what makes that doubtful.

    `read_at` (aware, UTC) is when the pool or the CustomMessage function returned it; None if the pool was never read.
    """

    kind: Kind
    text: str
    source: Source
    read_at: datetime | None = None
    warnings: tuple[SmsWarning, ...] = ()

    @property
    def has_code(self) -> bool:
        return CODE in self.text

    @property
    def has_user_name(self) -> bool:
        return USER_NAME in self.text

    @property
    def fills_user_name(self) -> bool:
        """Only invitations do; other texts go out with the placeholder as it is."""
        return self.kind == "invitation"

    def fill(self, secret: str | None, user_name: str) -> str:
        """In one pass, so that what is filled in is not scanned again. Without a `secret`, `{####}` stays."""
        values = {CODE: secret, USER_NAME: user_name if self.fills_user_name else None}

        def value(found: re.Match[str]) -> str:
            known = values[found[0]]
            return found[0] if known is None else known

        return _PLACEHOLDER.sub(value, self.text)


@dataclass(frozen=True, slots=True)
class PoolTexts:
    """The texts that a pool had at `read_at`; a kind without a text is left out."""

    texts: Mapping[Kind, str]
    read_at: datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


class Templates:
    """Reads the pool for every SMS: a text that changed a moment ago is the one to show.

    If the pool cannot be read, the last text that this process has seen is shown, with its age and a warning.
    `iam_has_settled` tells whether a denial is one that lasts.
    """

    def __init__(
        self,
        cognito: Any,
        now: Callable[[], datetime] = utc_now,
        iam_has_settled: Callable[[], bool] = lambda: True,
    ) -> None:
        self._cognito = cognito
        self._now = now
        self._iam_has_settled = iam_has_settled
        self._last_known: dict[str, PoolTexts] = {}

    def get(self, pool_id: str, kind: Kind) -> Template:
        """The pool's template; if it cannot be read, the last known one; if there is none, Cognito's default.

        Raises:
            TransientError: the pool may not be described, and the permission may be too new to count.
        """
        try:
            known = self._last_known[pool_id] = self._read(pool_id)
        except aws_errors.ANY as error:
            return self._not_read(pool_id, kind, error)
        text = known.texts.get(kind)
        if text is None:
            return Template(kind, DEFAULTS[kind], "default", known.read_at)
        return Template(kind, text, "pool", known.read_at)

    def _read(self, pool_id: str) -> PoolTexts:
        pool = self._cognito.describe_user_pool(UserPoolId=pool_id).get("UserPool")
        if not pool:  # not even its id: that is not a pool without texts
            raise ResponseParserError("no UserPool in the response")
        texts = {kind: text for kind, paths in SETTINGS.items() if (text := _first(pool, paths))}
        return PoolTexts(texts, self._now())

    def _not_read(self, pool_id: str, kind: Kind, error: Exception) -> Template:
        name = aws_errors.name(error)
        if aws_errors.is_denial(error) and not self._iam_has_settled():
            raise TransientError(
                f"The sender may not read the pool's templates ({name}). It has just started, so the permission may "
                "still be on its way. If it lasts, its role needs cognito-idp:DescribeUserPool on the pool."
            ) from None
        logger.warning("user pool not read", extra={"user_pool_id": pool_id, "error": name})
        reason = f"The pool's templates could not be read ({name})"
        if aws_errors.is_denial(error):
            reason += "; the sender's role needs cognito-idp:DescribeUserPool on the pool"
        known = self._last_known.get(pool_id)
        if known is None:
            text = f"{reason}. This is Cognito's default text; the pool may have one of its own."
            return Template(kind, DEFAULTS[kind], "default", None, (SmsWarning("template-not-read", text),))
        age = f"read {_age(self._now() - known.read_at)} ago, at {known.read_at:%Y-%m-%d %H:%M:%S} UTC"
        warning = SmsWarning("template-not-read", f"{reason}. This is the last known text, {age}: it may have changed.")
        source: Source = "cached" if kind in known.texts else "default"
        return Template(kind, known.texts.get(kind, DEFAULTS[kind]), source, known.read_at, (warning,))


def _first(pool: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> str | None:
    """The first text that is set. AWS leaves unset texts out; an emulator may send empty ones."""
    for path in paths:
        value: Any = pool
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, str) and value:
            return value
    return None


def _age(age: timedelta) -> str:
    seconds = max(0, round(age.total_seconds()))
    if seconds < 120:  # noqa: PLR2004 - up to two minutes, seconds say more
        return f"{seconds} s"
    return f"{seconds // 60} min"
