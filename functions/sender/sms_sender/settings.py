"""The function's environment as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sms_sender.errors import SettingsError

_TOPIC = re.compile(r"arn:[^:]+:sns:[^:]+:\d{12}:[A-Za-z0-9_-]+")
_KEY = re.compile(r"arn:[^:]+:kms:[^:]+:\d{12}:key/[A-Za-z0-9-]+")
_FUNCTION = re.compile(r"arn:[^:]+:lambda:[^:]+:\d{12}:function:\S+")
_SECONDS = re.compile(r"\d{1,4}")

# IAM is eventually consistent, also after CloudFormation's CREATE_COMPLETE: a new policy can take a minute or two to
# count (docs/cognito-facts.md, "Permissions").
IAM_SETTLES = "120"


@dataclass(frozen=True, slots=True)
class Settings:
    """`custom_message_arn` is None if only the pool's own texts count.

    For `iam_settles_after` seconds from the start of the process, a denial may be of a policy that has not spread yet.
    `region` and `log_group` are Lambda's own, None elsewhere.
    """

    topic_arn: str
    key_arn: str
    custom_message_arn: str | None
    iam_settles_after: int
    region: str | None
    log_group: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From TOPIC_ARN, KMS_KEY_ARN, CUSTOM_MESSAGE_FUNCTION_ARN (may be empty), and what Lambda sets.

        IAM_SETTLES_SECONDS replaces the two minutes in which a denial counts as transient.

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
            iam_settles_after=int(
                _matching(
                    {"IAM_SETTLES_SECONDS": IAM_SETTLES, **environment},
                    "IAM_SETTLES_SECONDS",
                    _SECONDS,
                    "whole seconds up to 9999",
                )
            ),
            region=environment.get("AWS_REGION"),
            log_group=environment.get("AWS_LAMBDA_LOG_GROUP_NAME"),
        )

    @property
    def log_command(self) -> str | None:
        """The command that shows the function's log, None outside Lambda."""
        if not self.log_group:
            return None
        return f"aws logs tail {self.log_group} --since 1h" + (f" --region {self.region}" if self.region else "")


def _matching(environment: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = environment.get(name)
    if value is None:
        raise SettingsError(
            f"The environment variable {name} is missing; expected {expected}. Deploy the template again."
        )
    if not pattern.fullmatch(value):
        raise SettingsError(f"The environment variable {name} is {value!r}; expected {expected}.")
    return value
