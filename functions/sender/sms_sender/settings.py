"""The function's environment as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sms_sender.errors import SettingsError

_TOPIC = re.compile(r"arn:[^:]+:sns:[^:]+:\d{12}:[A-Za-z0-9_-]+")
_KEY = re.compile(r"arn:[^:]+:kms:[^:]+:\d{12}:key/[A-Za-z0-9-]+")
_FUNCTION = re.compile(r"arn:[^:]+:lambda:[^:]+:\d{12}:function:\S+")


@dataclass(frozen=True, slots=True)
class Settings:
    """`custom_message_arn` is None where the pool's own texts are the only ones."""

    topic_arn: str
    key_arn: str
    custom_message_arn: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From TOPIC_ARN, KMS_KEY_ARN and CUSTOM_MESSAGE_FUNCTION_ARN (may be empty).

        Raises:
            SettingsError: naming the variable, its value and what it should be.
        """
        custom_message = environment.get("CUSTOM_MESSAGE_FUNCTION_ARN", "")
        return cls(
            topic_arn=_matching(environment, "TOPIC_ARN", _TOPIC, "the ARN of an SNS topic"),
            # Not an alias: the Encryption SDK compares this with the key ARN in each message.
            key_arn=_matching(environment, "KMS_KEY_ARN", _KEY, "the ARN of a KMS key (not an alias)"),
            custom_message_arn=_matching(environment, "CUSTOM_MESSAGE_FUNCTION_ARN", _FUNCTION, "a function's ARN")
            if custom_message
            else None,
        )


def _matching(environment: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = environment.get(name)
    if value is None:
        raise SettingsError(
            f"The environment variable {name} is missing; expected {expected}. Deploy the template again."
        )
    if not pattern.fullmatch(value):
        raise SettingsError(f"The environment variable {name} is {value!r}; expected {expected}.")
    return value
