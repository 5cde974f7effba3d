"""What Cognito or CloudFormation would refuse in a pool's settings: errors, each with the rule's source. Pure.

The rules are those of `pool_rules`, which the sandbox refuses by. What is a matter of taste (a text of two parts) is a
warning, and not told here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.gallery.intrinsics import Unresolved
from sms_redirect.gallery.place import Place
from sms_redirect.gallery.pool import Pool, at
from sms_redirect.pool_rules import conflicts, model, texts
from sms_redirect.pool_rules.violation import Path, Unknown, Violation
from sms_sender.autofill import autofill
from sms_sender.findings import SmsWarning
from sms_sender.flows import Kind
from sms_sender.templates import CODE, SETTINGS, USER_NAME

UNRESOLVED = "unresolved-text"
ERRORS = frozenset(
    {
        "conflict",
        "invalid",
        "line-break",
        "missing",
        "no-placeholder",
        "no-user-name-placeholder",
        "not-allowed",
        "over-140-characters",
        "too-short",
        UNRESOLVED,
    }
)
ENABLED_MFAS = ("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
_CLOUDFORMATION = "CloudFormation, AWS::Cognito::UserPool"
# Properties of CloudFormation's that the API's CreateUserPool does not have.
_OTHER_PROPERTIES = frozenset(
    {
        "EmailAuthenticationMessage",
        "EmailAuthenticationSubject",
        "EnabledMfas",
        "UserPoolName",
        "WebAuthnFactorConfiguration",
        "WebAuthnRelyingPartyID",
        "WebAuthnUserVerification",
    }
)
_TEXT_PATHS: frozenset[Path] = frozenset(path for paths in SETTINGS.values() for path in paths)
_LINE_END = re.compile("[\n\r\u0085\u2028\u2029]")
_SAMPLE = "493027"
_SHOWN = 80  # characters of a refused value


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is refused. `code` is for programs and stays; `text` is for people; `source` is the rule's."""

    code: str
    text: str
    setting: str
    source: str
    place: Place | None = None


def problems(pool: Pool) -> tuple[Problem, ...]:
    """All that is wrong with a pool's settings."""
    return (*_unresolved(pool), *(_problem(violation, pool) for violation in _violations(pool)))


def unresolved_text(pool: Pool, kind: Kind) -> tuple[Path, Unknown] | None:
    """The setting that decides a text, if only a deployment knows it. Of two, only the one that counts matters."""
    for path in SETTINGS[kind]:
        found = pool.unknown(*path)
        if found is not None:
            return path, found
        if at(pool.settings, *path) is not None:
            return None
    return None


def _unresolved(pool: Pool) -> Iterator[Problem]:
    for kind in SETTINGS:
        if found := unresolved_text(pool, kind):
            path, value = found
            reason = f": {value.reason}" if isinstance(value, Unresolved) else ""
            setting = ".".join(map(str, path))
            text = f"{setting}: {value} cannot be worked out before a deployment{reason}."
            source = "sms-redirect: an unknown text can be neither shown nor checked"
            yield Problem(UNRESOLVED, text, setting, source, pool.place(path))


def problems_of_text(kind: Kind, text: str, *, passwordless: bool = False) -> tuple[Problem, ...]:
    """All that is wrong with one text, before it is in a pool."""
    return tuple(_problem(each, None) for each in texts.violations(kind, text, passwordless=passwordless))


def unknown_properties(pool: Pool) -> Iterator[SmsWarning]:
    """Properties of a template that neither the API nor CloudFormation has, as far as the installed botocore knows."""
    shape = model.input_shape("CreateUserPool")
    for violation in model.violations(shape, _request(pool)):
        if violation.rule == "unknown":
            name = violation.path[-1]
            owner = model.at(shape, *violation.path[:-1])
            known = [*getattr(owner, "members", ()), *(_OTHER_PROPERTIES if len(violation.path) == 1 else ())]
            near = difflib.get_close_matches(str(name), known, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            text = f"{violation.setting} is not a property that Cognito's API has: CloudFormation may refuse it.{hint}"
            yield SmsWarning("unknown-property", text)


def _violations(pool: Pool) -> Iterator[Violation]:
    request = _request(pool)
    own = [each for each in model.violations(model.input_shape("CreateUserPool"), request) if each.rule != "unknown"]
    yield from own
    yield from _enabled_mfas(pool)
    refused = {each.path[0] for each in own}
    known = {name: value for name, value in request.items() if name not in refused}
    yield from conflicts.find(known, pool.region, other_factor=pool.factors.others)
    yield from texts.invitation(known)
    if pool.id is None:
        yield from conflicts.system_tags(known.get("UserPoolTags"))


def _request(pool: Pool) -> dict[str, Any]:
    """The settings as CreateUserPool takes them. Of a pool that is there, as one would send them back."""
    shape = model.input_shape("CreateUserPool")
    settings = {"PoolName" if name == "UserPoolName" else name: value for name, value in pool.settings.items()}
    if pool.id is not None:
        settings = _sent_back({name: value for name, value in settings.items() if name in shape.members})
    named = {name: value for name, value in settings.items() if name not in _OTHER_PROPERTIES}
    request: dict[str, Any] = model.from_template(shape, {"PoolName": "pool", **named})
    return request


def _sent_back(settings: dict[str, Any]) -> dict[str, Any]:
    """Without what Cognito returns but does not take: both kinds of days for one password (aws-sdk-js#3817)."""
    admin = settings.get("AdminCreateUserConfig")
    if isinstance(admin, Mapping) and at(settings, "Policies", "PasswordPolicy", "TemporaryPasswordValidityDays"):
        admin = {name: value for name, value in admin.items() if name != "UnusedAccountValidityDays"}
        return {**settings, "AdminCreateUserConfig": admin}
    return settings


def _enabled_mfas(pool: Pool) -> Iterator[Violation]:
    enabled = at(pool.settings, "EnabledMfas")
    for index, factor in enumerate(enabled if isinstance(enabled, list) else ()):
        if not isinstance(factor, Unknown) and factor not in ENABLED_MFAS:
            constraint = f"Member must satisfy enum value set: [{', '.join(ENABLED_MFAS)}]"
            yield Violation(("EnabledMfas", index), "enum", constraint, f"{_CLOUDFORMATION} EnabledMfas", factor)


# ---- in words ----


def _problem(violation: Violation, pool: Pool | None) -> Problem:
    path: Path = violation.path
    if pool is not None and pool.id is None and path[:1] == ("PoolName",):
        path = ("UserPoolName", *path[1:])
    code, text = _words(violation)
    setting = Violation(path, violation.rule, "", "").setting
    return Problem(code, f"{setting} {text}", setting, violation.source, pool.place(path) if pool else None)


def _words(violation: Violation) -> tuple[str, str]:
    if violation.path in _TEXT_PATHS and isinstance(violation.value, str):
        return _words_of_text(violation.rule, violation.value, violation.constraint)
    if violation.rule == "enum":
        return "not-allowed", f"is {_shown(violation.value)}. {_allowed(violation)}"
    if violation.rule == "conflict":
        return "conflict", f"conflicts with other settings: {violation.constraint}"
    if violation.rule == "missing":
        return "missing", "is required."
    return "invalid", f"is {_shown(violation.value)}: {violation.constraint}."


def _words_of_text(rule: str, text: str, constraint: str) -> tuple[str, str]:
    if rule == "length" and "less" in constraint:
        return "over-140-characters", f"has {_characters(text)}: Cognito accepts at most 140, placeholders included."
    if rule == "length":
        return "too-short", f"has {_characters(text)}: Cognito accepts no fewer than 6."
    if rule == "placeholder" and USER_NAME in constraint:
        return "no-user-name-placeholder", f"has no {USER_NAME}, which every invitation must contain."
    if CODE not in text:
        return "no-placeholder", f"has no {CODE}, the placeholder of the code."
    if found := _LINE_END.search(text):
        ends = found.end() == len(text)
        where = "ends with a line break" if ends else f"has a line break at character {found.start() + 1}"
        remedy = " YAML keeps one after | and >: write |- or >-, or quote the text." if ends else ""
        if _is_domain_bound(text):
            remedy = f"{remedy} A domain-bound text needs its line break: let a CustomMessage function return it."
        return "line-break", f"{where}, which Cognito does not accept in this text.{remedy}"
    return "invalid", f"is refused: {constraint}."


def _characters(text: str) -> str:
    return "1 character" if len(text) == 1 else f"{len(text)} characters"


def _is_domain_bound(text: str) -> bool:
    verdict = autofill(text.replace(CODE, _SAMPLE), _SAMPLE).get("domain_bound")
    return verdict is not None and verdict.verdict == "yes"


def _allowed(violation: Violation) -> str:
    allowed = violation.constraint.partition("[")[2].rstrip("]").split(", ")
    text = f"Allowed: {', '.join(allowed)}."
    meant = {"true": "ON", "false": "OFF"}.get(str(violation.value))
    if meant in allowed:
        return (
            f'{text} YAML reads an unquoted {meant} as {violation.value}, and so does CloudFormation: write "{meant}".'
        )
    near = difflib.get_close_matches(str(violation.value), allowed, 1)
    return f"{text} Did you mean {near[0]}?" if near else text


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def about(setting: str | None, found: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems of one setting."""
    return tuple(each for each in found if each.setting == setting)
