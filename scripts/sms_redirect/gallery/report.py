"""What the command tells on stderr, as it stands in template and pool: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sms_redirect.gallery.comparison import Comparison
from sms_redirect.gallery.compose import Gallery
from sms_redirect.gallery.place import Place
from sms_sender.findings import SmsWarning


def of_galleries(galleries: Sequence[Gallery]) -> Iterator[str]:
    """How much is sent, every error and every warning that --check counts, each once."""
    first = galleries[0]
    sent = sum(picture.occasion.sent is True for picture in first.pictures)
    yield f"{sent} of {len(first.pictures)} SMS are sent by {first.pool.name}."
    for error in first.errors:
        yield f"{_where(error.place)}Error {error.code}: {error.text} ({error.source})"
    for warning, subjects in _subjects(galleries).items():
        yield f"Warning {warning.code} ({', '.join(subjects)}): {warning.text}"


def of_comparison(comparison: Comparison) -> Iterator[str]:
    count = len(comparison.changes)
    errors = len(comparison.new_errors)
    yield f"{count} {'text' if count == 1 else 'texts'} changed, {errors} new {'error' if errors == 1 else 'errors'}."
    for error in comparison.new_errors:
        place = Place(error.file, error.line or 1, error.column or 1) if error.file else None
        yield f"{_where(place)}New error {error.code}: {error.text} ({error.source})"


def _subjects(galleries: Sequence[Gallery]) -> dict[SmsWarning, list[str]]:
    found: dict[SmsWarning, dict[str, None]] = {}
    for gallery in galleries:
        locale = f" in {gallery.person.locale}" if len(galleries) > 1 else ""
        for each in gallery.counted_warnings():
            found.setdefault(each.warning, {})[each.subject + locale] = None
    return {warning: list(subjects) for warning, subjects in found.items()}


def _where(place: Place | None) -> str:
    return f"{place.file}:{place.line}: " if place else ""
