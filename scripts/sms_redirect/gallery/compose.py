"""The gallery as a value: each occasion with the SMS that the sender would show.

Pure, except for the CustomMessage function if one is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pool_attachment.tags import PREVIOUS_SENDER, STACK
from sms_redirect.gallery import lint, samples
from sms_redirect.gallery.flows import Occasion, occasions
from sms_redirect.gallery.lint import Problem
from sms_redirect.gallery.pool import Pool
from sms_redirect.gallery.template import ASSUMED
from sms_redirect.gallery.texts import Texts
from sms_redirect.pool_rules.violation import Path
from sms_sender.autofill import Verdict, autofill
from sms_sender.encoding import Encoded, encode
from sms_sender.event import SmsRequest, read_event
from sms_sender.findings import SmsWarning
from sms_sender.flows import KINDS
from sms_sender.preview import Preview, notification, preview
from sms_sender.templates import Template

_REFERENCE = re.compile(r"\$\{[A-Za-z][A-Za-z0-9:.]{0,200}\}")
# Doubts about the preview, which no text can settle: said, but not a reason for --check to fail.
DOUBTS = frozenset({"no-template", "generated-user-name", "default-text", "assumed-value"})
WARNINGS = DOUBTS | {
    "custom-message-failed",
    "custom-message-not-asked",
    "no-user-name",
    "not-substituted",
    "not-gsm-7",
    "over-aws-limit",
    "several-parts",
    "several-parts-at-worst",
    "user-name-not-filled",
    "sms-configuration-failure",
    "unknown-property",
}
# What `lint` says of the template itself, as an error with its source.
SAID_BY_LINT = frozenset({"no-placeholder", "over-140-characters"})
NOT_KNOWN = Encoded("GSM-7", 0, ())


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as the phone shows it, and as it travels."""

    label: str
    user_name: str
    code: str | None
    text: str
    encoded: Encoded

    @property
    def autofill(self) -> dict[str, Verdict]:
        """Whether a phone would offer the code; empty if there is none."""
        return autofill(self.text, self.code)


@dataclass(frozen=True, slots=True)
class Picture:
    """One SMS of the gallery. `longest` are what the same text can become; `setting` is where it comes from."""

    occasion: Occasion
    shown: Shown
    warnings: tuple[SmsWarning, ...]
    template: Template | None
    setting: str | None
    errors: tuple[Problem, ...] = ()
    longest: tuple[Shown, ...] = ()

    @property
    def is_known(self) -> bool:
        """False if only a deployment knows the text: `shown` then says so, and has no parts."""
        return self.template is not None or self.setting is None

    @property
    def copy(self) -> tuple[str, str, str]:
        """What several SMS have in common that show one text."""
        if self.template is None:
            return ("none", self.setting or self.occasion.id, self.shown.text)
        return (self.template.kind, self.template.source, self.template.text)


@dataclass(frozen=True, slots=True)
class Counted:
    """A warning, what it is about, and the setting where that is (empty: the pool itself)."""

    subject: str
    warning: SmsWarning
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Gallery:
    """`errors` are all of the pool's settings, those of the texts among them. `warnings` are about the whole pool, as
    `notes` are, but there is nothing wrong with what these say.
    """

    pool: Pool
    person: samples.Person
    pictures: tuple[Picture, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[SmsWarning, ...]
    notes: tuple[str, ...]

    def counted_warnings(self) -> Iterator[Counted]:
        """Each warning that --check counts. SMS that are not sent today may be tomorrow."""
        yield from (Counted("The pool", warning) for warning in self.warnings)
        for picture in self.pictures:
            path = tuple(picture.setting.split(".")) if picture.setting else ()
            counted = (each for each in picture.warnings if each.code not in DOUBTS)
            yield from (Counted(picture.occasion.title, each, path) for each in counted)

    @property
    def texts(self) -> tuple[tuple[Picture, ...], ...]:
        """The SMS in groups that have one text, each group where its first SMS is."""
        groups: dict[object, list[Picture]] = {}
        for picture in self.pictures:
            groups.setdefault(picture.copy, []).append(picture)
        return tuple(map(tuple, groups.values()))


def compose(texts: Texts, person: samples.Person | None = None) -> Gallery:
    """Every occasion of the pool, with sample values.

    Raises:
        AttributeNameError: the person has an attribute that the pool does not have.
    """
    pool, person = texts.pool, person or samples.Person()
    samples.check(pool, person)
    errors = lint.problems(pool)
    pictures = tuple(_picture(texts, occasion, person, errors) for occasion in occasions(pool))
    # A text that is not known does not matter while the CustomMessage function has another for every SMS.
    needed = {each.setting for each in pictures if not each.is_known}
    errors = tuple(each for each in errors if each.code != lint.UNRESOLVED or each.setting in needed)
    return Gallery(pool, person, pictures, errors, tuple(_warnings(texts)), tuple(_notes(pool)))


def _picture(texts: Texts, occasion: Occasion, person: samples.Person, errors: tuple[Problem, ...]) -> Picture:
    pool = texts.pool
    sample = samples.usual(pool, occasion)
    request = _request(pool, occasion, sample, person)
    if occasion.flow not in KINDS:
        seen = notification(request)
        return Picture(occasion, _shown("sample", request, seen), seen.warnings, None, None)
    template = texts.of(request)
    unresolved = lint.unresolved_text(pool, template.kind)
    if unresolved and template.source != "custom-message":
        name = ".".join(map(str, unresolved[0]))
        description = f"Known to a deployment only: {unresolved[1]}"
        shown = Shown("not known", request.user_name or "", None, description, NOT_KNOWN)
        return Picture(occasion, shown, template.warnings, None, name, lint.about(name, errors))
    seen = preview(request, template, sample.secret)
    shown = _shown("sample", request, seen, has_code=template.has_code)
    longest = tuple(_longest(pool, occasion, template, person)) if template.kind == "invitation" else ()
    setting = texts.setting(template)
    own = [each for each in seen.warnings if each.code not in SAID_BY_LINT]
    warnings = (*own, *_can_grow(shown, longest), *_assumed(pool, setting), *_not_substituted(template))
    return Picture(occasion, shown, warnings, template, setting, lint.about(setting, errors), longest)


def _assumed(pool: Pool, setting: str | None) -> Iterator[SmsWarning]:
    names = (pool.assumed or {}).get((setting or "").partition(".")[0], ())
    for name in names:
        option = "--region NAME" if name == "AWS::Region" else f"--parameter-overrides {name}=VALUE"
        text = f"The text depends on {name}, which is taken as {ASSUMED[name]}. Give the real one: {option}."
        yield SmsWarning("assumed-value", text)


def _not_substituted(template: Template) -> Iterator[SmsWarning]:
    """A `${Name}` that stayed: in a template it is filled within Fn::Sub only, and Cognito does not know it."""
    for name in dict.fromkeys(_REFERENCE.findall(template.text)):
        yield SmsWarning("not-substituted", f"{name} is sent as it stands: nothing fills it. Is an Fn::Sub missing?")


def _longest(pool: Pool, occasion: Occasion, template: Template, person: samples.Person) -> Iterator[Shown]:
    long = samples.longest(pool)
    foreign = samples.outside_gsm_7(long)
    for label, sample in (("longest", long), ("longest, outside GSM-7", foreign)):
        request = _request(pool, occasion, sample, person)
        yield _shown(label, request, preview(request, template, sample.secret), has_code=template.has_code)


def _can_grow(shown: Shown, longest: tuple[Shown, ...]) -> Iterator[SmsWarning]:
    """A symbol outside GSM-7 makes nearly every invitation longer: only what plain long values do is a warning."""
    for case in longest[:1]:
        before, after = shown.encoded.segments, case.encoded.segments
        if after > before:
            text = f"With a long user name and password this SMS becomes {after} parts instead of {before}."
            yield SmsWarning("several-parts-at-worst", text)


def _request(pool: Pool, occasion: Occasion, sample: samples.Sample, person: samples.Person) -> SmsRequest:
    return read_event(samples.event(pool, occasion, sample.user_name, person))


def _shown(label: str, request: SmsRequest, seen: Preview, *, has_code: bool = True) -> Shown:
    return Shown(label, request.user_name or "", seen.code if has_code else None, seen.text, encode(seen.text))


# ---- about the pool ----


def _warnings(texts: Texts) -> Iterator[SmsWarning]:
    pool = texts.pool
    if pool.custom_message and texts.custom_message is None:
        yield SmsWarning(
            "custom-message-not-asked",
            f"In production the texts come from the pool's CustomMessage function ({pool.custom_message}); these are "
            "the pool's own settings. Ask the function with --custom-message.",
        )
    if pool.id is None:
        yield from lint.unknown_properties(pool)
    if failure := pool.get("SmsConfigurationFailure"):
        yield SmsWarning("sms-configuration-failure", f"Cognito says that the pool's SMS cannot be sent: {failure}.")


def _notes(pool: Pool) -> Iterator[str]:
    yield from pool.notes
    if stack := pool.get("UserPoolTags", STACK):
        yield f"The pool's SMS are redirected by the stack {stack}."
    elif pool.sender:
        yield (
            f"The pool has a custom SMS sender ({pool.sender}): it gets the codes, and phones show whatever text it "
            "makes. These are the texts of the pool's settings."
        )
    if previous := pool.get("UserPoolTags", PREVIOUS_SENDER):
        sender = str(previous).rpartition(" ")[2]  # the version of its event comes first
        yield f"Without the redirect, the custom SMS sender {sender} makes the texts, from these or others."
