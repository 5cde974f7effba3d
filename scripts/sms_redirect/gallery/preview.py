"""A text tried out before it is in a pool: bubble, parts, price and errors, by the sender's own code. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sms_redirect.gallery import lint, samples, snippets
from sms_redirect.gallery.compose import SAID_BY_LINT
from sms_redirect.gallery.flows import Occasion, occasions
from sms_redirect.gallery.pool import Factors, Pool
from sms_redirect.gallery.texts import Texts
from sms_redirect.messages import anatomy
from sms_sender.autofill import autofill
from sms_sender.encoding import encode
from sms_sender.event import read_event
from sms_sender.findings import SmsWarning
from sms_sender.flows import KINDS, Kind
from sms_sender.preview import Preview
from sms_sender.preview import preview as composed
from sms_sender.templates import DEFAULTS, SETTINGS, Template, utc_now

NO_POOL = Pool(
    settings={}, factors=Factors(sms=True, others=False), id=None, name="", region="us-east-1", origin="no pool"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is tried out. Of the pool, the password policy, the user names and the first factors count."""

    kind: Kind
    text: str
    pool: Pool = NO_POOL


def preview(draft: Draft) -> dict[str, Any]:
    """Everything about the text, as the API returns it."""
    occasion, *others = shown_by(draft.pool, draft.kind)
    sample = samples.usual(draft.pool, occasion)
    shown = _shown(draft, occasion, sample)
    encoded = encode(shown.text)
    code = shown.code if _template(draft).has_code else None
    return {
        "text": shown.text,
        "code": code,
        "user_name": sample.user_name if _template(draft).has_user_name else None,
        "encoding": encoded.encoding,
        "characters": encoded.characters,
        "segments": encoded.segments,
        "anatomy": anatomy.of(shown.text),
        "autofill": {name: asdict(verdict) for name, verdict in autofill(shown.text, code).items()} or None,
        "errors": [
            {"code": each.code, "text": each.text, "source": each.source}
            for each in lint.problems_of_text(draft.kind, draft.text, passwordless=draft.pool.is_passwordless)
        ],
        "warnings": [
            {"code": each.code, "text": each.text}
            for each in (*_custom_message(draft.pool), *shown.warnings)
            if each.code not in SAID_BY_LINT
        ],
        "worst": [_case(label, draft, occasion, each) for label, occasion, each in _worst(draft, occasion, others)],
        "snippets": snippets.of(draft.kind, draft.text, draft.pool.id),
    }


def shown_by(pool: Pool, kind: Kind) -> list[Occasion]:
    """The SMS that show a pool's text of this kind, at least one."""
    return [each for each in occasions(pool) if KINDS.get(each.flow) == kind]


def describe(pool: Pool) -> dict[str, Any]:
    """A pool's own texts and the SMS that show them, as the API returns it."""
    texts = Texts(pool)
    return {
        "id": pool.id,
        "name": pool.name,
        "region": pool.region,
        "custom_message": pool.custom_message,
        "texts": {kind: _own_text(texts, kind) for kind in SETTINGS},
        "sms": [
            {
                "id": each.id,
                "title": each.title,
                "template": KINDS[each.flow],
                "sent": each.sent,
                "when": each.when,
                "stopped_by": [asdict(stop) for stop in each.stops],
                "doubt": each.doubt,
            }
            for each in occasions(pool)
            if each.flow in KINDS
        ],
    }


def _own_text(texts: Texts, kind: Kind) -> dict[str, Any]:
    occasion = shown_by(texts.pool, kind)[0]
    request = read_event(samples.event(texts.pool, occasion, "alice", samples.Person()))
    template = texts.of(request)
    return {
        "template_text": template.text,
        "template_source": template.source,
        "template_setting": texts.setting(template),
    }


def _worst(draft: Draft, occasion: Occasion, others: list[Occasion]) -> list[tuple[str, Occasion, samples.Sample]]:
    """What the text can become: with other codes, names and passwords."""
    if draft.kind == "invitation":
        long = samples.longest(draft.pool)
        foreign = samples.outside_gsm_7(long)
        return [
            ("long user name and password", occasion, long),
            ("the same, one character outside GSM-7", occasion, foreign),
        ]
    longer = [each for each in others if each.digits > occasion.digits]
    return [(f"{each.title}, {each.digits} digits", each, samples.usual(draft.pool, each)) for each in longer]


def _case(label: str, draft: Draft, occasion: Occasion, sample: samples.Sample) -> dict[str, Any]:
    encoded = encode(_shown(draft, occasion, sample).text)
    return {
        "label": label,
        "encoding": encoded.encoding,
        "characters": encoded.characters,
        "segments": encoded.segments,
    }


def _shown(draft: Draft, occasion: Occasion, sample: samples.Sample) -> Preview:
    request = read_event(samples.event(draft.pool, occasion, sample.user_name, samples.Person()))
    return composed(request, _template(draft), sample.secret)


def _template(draft: Draft) -> Template:
    """A default stays one, and uncertain, as long as the pool does not have it as a text of its own."""
    has_own = any(draft.pool.get(*path) for path in SETTINGS[draft.kind])
    is_default = not has_own and draft.text == DEFAULTS[draft.kind]
    return Template(draft.kind, draft.text, "default" if is_default else "pool", utc_now())


def _custom_message(pool: Pool) -> Iterator[SmsWarning]:
    if pool.custom_message:
        yield SmsWarning(
            "custom-message-not-asked",
            f"The pool has a CustomMessage function ({pool.custom_message}): in production the text that it returns is "
            "what is sent, and this text only if it returns none.",
        )
