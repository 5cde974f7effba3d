"""Errors and warnings as GitHub Actions shows them beside a file: pure.

Workflow commands: docs.github.com, "Workflow commands for GitHub Actions", error and warning messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sms_redirect.gallery.comparison import Comparison
from sms_redirect.gallery.compose import Gallery
from sms_redirect.gallery.place import Place
from sms_redirect.gallery.plain import annotation, annotation_property
from sms_sender.findings import SmsWarning


def of_galleries(galleries: Sequence[Gallery]) -> Iterator[str]:
    """Errors and warnings, each once; several galleries differ in locale only."""
    for each in galleries[0].errors:
        yield command("error", each.code, f"{each.text}\nSource: {each.source}", each.place)
    # GitHub shows ten annotations of each level a step: what several SMS share is one of them.
    subjects: dict[tuple[SmsWarning, Place | None], dict[str, None]] = {}
    for gallery in galleries:
        for found in gallery.counted_warnings():
            place = gallery.pool.place(found.path)
            subjects.setdefault((found.warning, place), {})[found.subject] = None
    for (warning, place), names in subjects.items():
        yield command("warning", warning.code, f"{', '.join(names)}: {warning.text}", place)


def of_comparison(comparison: Comparison) -> Iterator[str]:
    """New errors."""
    for each in comparison.new_errors:
        place = Place(each.file, each.line or 1, each.column or 1) if each.file else None
        yield command("error", each.code, f"{each.text}\nSource: {each.source}", place)


def command(level: str, title: str, text: str, place: Place | None) -> str:
    """One workflow command; GitHub shows it in the log if there is no place."""
    properties = {"title": title}
    if place is not None:
        properties = {"file": place.file, "line": str(place.line), "col": str(place.column), **properties}
    written = ",".join(f"{name}={annotation_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{annotation(text)}"
