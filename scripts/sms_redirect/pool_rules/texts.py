"""What Cognito takes as the text of an SMS: the API's own shapes, and the placeholders of an invitation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sms_redirect.pool_rules import conflicts, model
from sms_redirect.pool_rules.violation import Unknown, Violation, value_at
from sms_sender.flows import Kind
from sms_sender.templates import CODE, SETTINGS, USER_NAME

# aws-cdk#6484 and #16905 met the refusal; terraform-provider-aws#49294 what passwordless pools may leave out.
_USER_NAME_SOURCE = "Cognito developer guide, Customizing user invitation messages; aws-cdk#6484"
_CODE_SOURCE = "Cognito API, AdminCreateUserConfigType.InviteMessageTemplate; aws-cdk#6484"
_INVITATION = SETTINGS["invitation"][0]


def violations(kind: Kind, text: str, *, passwordless: bool) -> Iterator[Violation]:
    """All that Cognito refuses in one text, wherever it stands. `passwordless`: see `is_passwordless`."""
    path = SETTINGS[kind][0]
    yield from model.violations(model.at(model.input_shape("CreateUserPool"), *path), text, path)
    if kind == "invitation":
        yield from _placeholders(text, passwordless=passwordless)


def invitation(settings: Mapping[str, Any]) -> Iterator[Violation]:
    """What is wrong with the placeholders of a pool's invitation. `settings` are of the model's shape."""
    text = value_at(settings, *_INVITATION)
    if isinstance(text, str):
        yield from _placeholders(text, passwordless=is_passwordless(settings))


def is_passwordless(settings: Mapping[str, Any]) -> bool:
    """Whether users can do without a password, or may be able to, so that an invitation needs none."""
    factors = value_at(settings, *conflicts.FIRST_FACTORS)
    unknown = isinstance(factors, Unknown) or (
        isinstance(factors, list) and any(isinstance(each, Unknown) for each in factors)
    )
    return unknown or not {"PASSWORD"}.issuperset(conflicts.first_factors(settings))


def _placeholders(text: str, *, passwordless: bool) -> Iterator[Violation]:
    path = _INVITATION
    if USER_NAME not in text:
        yield Violation(path, "placeholder", f"Member must contain {USER_NAME}", _USER_NAME_SOURCE, text)
    if CODE not in text and not passwordless:
        yield Violation(path, "placeholder", f"Member must contain {CODE}", _CODE_SOURCE, text)
