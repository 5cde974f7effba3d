"""The gallery as a value: each occasion with the SMS that the sender would show.

Pure, but for the CustomMessage function where one is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pool_attachment.tags import PREVIOUS_SENDER, STACK
from sms_redirect.gallery import samples
from sms_redirect.gallery.flows import Occasion, occasions
from sms_redirect.gallery.pool import Pool
from sms_redirect.gallery.texts import Texts
from sms_sender.encoding import Encoded, encode
from sms_sender.event import SmsRequest, read_event
from sms_sender.findings import Caution
from sms_sender.flows import KINDS
from sms_sender.message import Preview, notification, preview
from sms_sender.templates import Template

# What nobody can mend in the text: said, but no reason for --check to fail.
DOUBTS = frozenset({"no-template", "generated-user-name"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as the phone shows it, and as it travels."""

    label: str
    user_name: str
    code: str | None
    text: str
    encoded: Encoded


@dataclass(frozen=True, slots=True)
class Picture:
    """One SMS of the gallery. `longest` are what the same text can become; `setting` is where it comes from."""

    occasion: Occasion
    shown: Shown
    warnings: tuple[Caution, ...]
    template: Template | None
    setting: str | None
    longest: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Gallery:
    """`notes` are about the whole pool, as `warnings` are, but nothing is wrong there."""

    pool: Pool
    pictures: tuple[Picture, ...]
    warnings: tuple[Caution, ...]
    notes: tuple[str, ...]

    def about_copy(self) -> Iterator[tuple[str, Caution]]:
        """Each warning that --check counts, with what it is about. SMS that are not sent today may be tomorrow."""
        yield from (("The pool", warning) for warning in self.warnings)
        for picture in self.pictures:
            yield from ((picture.occasion.title, each) for each in picture.warnings if each.code not in DOUBTS)


def compose(texts: Texts) -> Gallery:
    """Every occasion of the pool, with sample values."""
    pool = texts.pool
    pictures = tuple(_picture(texts, occasion) for occasion in occasions(pool))
    return Gallery(pool, pictures, tuple(_warnings(texts)), tuple(_notes(pool)))


def _picture(texts: Texts, occasion: Occasion) -> Picture:
    pool = texts.pool
    sample = samples.usual(pool, occasion)
    request = _request(pool, occasion, sample)
    if occasion.flow not in KINDS:
        seen = notification(request)
        return Picture(occasion, _shown("sample", request, seen), seen.cautions, None, None)
    template = texts.of(request)
    seen = preview(request, template, sample.secret)
    shown = _shown("sample", request, seen)
    longest = tuple(_longest(pool, occasion, template)) if template.kind == "invitation" else ()
    warnings = (*seen.cautions, *_can_grow(shown, longest))
    return Picture(occasion, shown, warnings, template, texts.setting(template), longest)


def _longest(pool: Pool, occasion: Occasion, template: Template) -> Iterator[Shown]:
    long = samples.longest(pool)
    foreign = samples.outside_gsm_7(long)
    for label, sample in (("longest", long), ("longest, outside GSM-7", foreign)):
        request = _request(pool, occasion, sample)
        yield _shown(label, request, preview(request, template, sample.secret))


def _can_grow(shown: Shown, longest: tuple[Shown, ...]) -> Iterator[Caution]:
    """A symbol outside GSM-7 makes nearly every invitation longer: only what plain long values do is a warning."""
    for case in longest[:1]:
        before, after = shown.encoded.segments, case.encoded.segments
        if after > before:
            text = f"With a long user name and password this SMS becomes {after} parts instead of {before}."
            yield Caution("several-parts-at-worst", text)


def _request(pool: Pool, occasion: Occasion, sample: samples.Sample) -> SmsRequest:
    return read_event(samples.event(pool, occasion, sample.user_name))


def _shown(label: str, request: SmsRequest, seen: Preview) -> Shown:
    return Shown(label, request.user_name or "", seen.code, seen.text, encode(seen.text))


# ---- about the pool ----


def _warnings(texts: Texts) -> Iterator[Caution]:
    pool = texts.pool
    if pool.custom_message and texts.custom_message is None:
        yield Caution(
            "custom-message-not-asked",
            f"In production the texts come from the pool's CustomMessage function ({pool.custom_message}); these are "
            "the pool's own settings. Ask the function with --custom-message.",
        )
    if failure := pool.get("SmsConfigurationFailure"):
        yield Caution("sms-configuration-failure", f"Cognito says that the pool's SMS cannot be sent: {failure}.")


def _notes(pool: Pool) -> Iterator[str]:
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
