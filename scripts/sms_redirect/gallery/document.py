"""The gallery for programs: what `--json` prints. Described in docs/gallery.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sms_redirect.gallery.comparison import Comparison
from sms_redirect.gallery.compose import Gallery, Picture, Shown
from sms_redirect.gallery.lint import Problem
from sms_sender.findings import SmsWarning
from sms_sender.flows import template_kind

SCHEMA = "sms-redirect-gallery/1"
COMPARISON_SCHEMA = "sms-redirect-gallery-comparison/1"


def document(*galleries: Gallery) -> dict[str, Any]:
    """Names mean what they mean in the message document. Several galleries differ in locale only."""
    first = galleries[0]
    pool, person = first.pool, first.person
    return {
        "schema": SCHEMA,
        "pool": {"id": pool.id, "name": pool.name, "region": pool.region, "origin": pool.origin},
        "sample": {
            "attributes": dict(person.attributes),
            "client_metadata": dict(person.client_metadata),
            "locales": [each.person.locale for each in galleries if each.person.locale],
        },
        "errors": [_error(each) for each in first.errors],
        "warnings": [_warning(each) for each in first.warnings],
        "notes": list(first.notes),
        "messages": [
            {"locale": gallery.person.locale, **_message(each)} for gallery in galleries for each in gallery.pictures
        ],
    }


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """What `--compare` prints with `--json`."""
    return {
        "schema": COMPARISON_SCHEMA,
        "old": comparison.old,
        "new": comparison.new,
        "changes": [
            {
                "change": each.kind,
                "messages": [asdict(sms) for sms in each.messages],
                "locale": each.locale,
                "before": asdict(each.before) if each.before else None,
                "after": asdict(each.after) if each.after else None,
            }
            for each in comparison.changes
        ],
        "unchanged": comparison.unchanged,
        "new_errors": [asdict(each) for each in comparison.new_errors],
        "fixed_errors": [asdict(each) for each in comparison.fixed_errors],
    }


def _message(picture: Picture) -> dict[str, Any]:
    occasion, template = picture.occasion, picture.template
    own = template is None or template.source != "custom-message"
    kind = template_kind(occasion.flow) if template or not picture.is_known else "none"
    return {
        "id": occasion.id,
        "title": occasion.title,
        "flow": occasion.flow,
        "trigger_source": occasion.trigger_source,
        "operations": list(occasion.operations),
        "sent": occasion.sent,
        "when": occasion.when,
        "stopped_by": [
            {"setting": each.setting, "value": each.value, "remedy": each.remedy} for each in occasion.stops
        ],
        "doubt": occasion.doubt,
        **_text(picture.shown),
        "autofill": {name: asdict(verdict) for name, verdict in picture.shown.autofill.items()} or None,
        "errors": [_error(each) for each in picture.errors],
        "warnings": [_warning(each) for each in picture.warnings],
        "template": kind if own else "custom-message",
        "template_source": ("default" if picture.is_known else "pool") if template is None else template.source,
        "template_text": None if template is None else template.text,
        "template_setting": picture.setting,
        "longest": [{"label": each.label, **_text(each)} for each in picture.longest],
    }


def _text(shown: Shown) -> dict[str, Any]:
    return {
        "text": shown.text,
        "code": shown.code,
        "user_name": shown.user_name,
        "encoding": shown.encoded.encoding,
        "characters": shown.encoded.characters,
        "segments": shown.encoded.segments,
        "parts": list(shown.encoded.parts),
    }


def _error(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "code": problem.code,
        "text": problem.text,
        "setting": problem.setting,
        "source": problem.source,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def _warning(warning: SmsWarning) -> dict[str, str]:
    return {"code": warning.code, "text": warning.text}
