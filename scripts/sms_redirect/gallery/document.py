"""The gallery for programs: what `--json` prints. Described in docs/gallery.md."""

from __future__ import annotations

from typing import Any

from sms_redirect.gallery.compose import Gallery, Picture, Shown
from sms_sender.findings import Caution

SCHEMA = "sms-redirect-gallery/1"


def document(gallery: Gallery) -> dict[str, Any]:
    """Names and meanings as in the message document, where it has them."""
    pool = gallery.pool
    return {
        "schema": SCHEMA,
        "pool": {"id": pool.id, "name": pool.name, "region": pool.region, "origin": pool.origin},
        "warnings": [_warning(each) for each in gallery.warnings],
        "notes": list(gallery.notes),
        "messages": [_message(each) for each in gallery.pictures],
    }


def _message(picture: Picture) -> dict[str, Any]:
    occasion, template = picture.occasion, picture.template
    own = template is None or template.source != "custom-message"
    return {
        "id": occasion.id,
        "title": occasion.title,
        "flow": occasion.flow,
        "trigger_source": f"CustomSMSSender_{occasion.flow}",
        "operations": list(occasion.operations),
        "sent": occasion.sent,
        "when": occasion.when,
        "stopped_by": [
            {"setting": each.setting, "value": each.value, "remedy": each.remedy} for each in occasion.stops
        ],
        "doubt": occasion.doubt,
        **_text(picture.shown),
        "warnings": [_warning(each) for each in picture.warnings],
        "template": ("none" if template is None else template.kind) if own else "custom-message",
        "template_source": "default" if template is None else template.source,
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


def _warning(caution: Caution) -> dict[str, str]:
    return {"code": caution.code, "text": caution.text}
