"""A gallery, or what changed between two, as Markdown for a pull request's comment: pure.

Every text of a template is data: it is shown as it stands, and makes no markup, mention or link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sms_redirect.gallery.comparison import Change, Comparison, Finding, Side, Sms
from sms_redirect.gallery.compose import Gallery, Picture
from sms_redirect.gallery.lint import Problem
from sms_redirect.gallery.plain import markdown, markdown_code

# So that a workflow finds its own comment again, to update it.
MARKER = "<!-- sms-redirect-gallery -->"
LONGEST = 60_000  # characters; GitHub takes 65,536 in a comment
SENT = {True: "yes", False: "no", None: "not known"}


def of_gallery(galleries: Sequence[Gallery]) -> str:
    """The summary of a pool's texts; several galleries differ in locale only."""
    first = galleries[0]
    sent = sum(each.occasion.sent is True for each in first.pictures)
    return _joined(
        f"### SMS texts of {markdown(first.pool.name)}",
        f"{sent} of {len(first.pictures)} SMS are sent. Read from {markdown_code(first.pool.origin)}.",
        *_errors("Errors", first.errors),
        *(line for gallery in galleries for line in _table(gallery)),
    )


def of_comparison(comparison: Comparison) -> str:
    """What changed, text by text."""
    count = len(comparison.changes)
    texts = "text changed" if count == 1 else "texts changed"
    return _joined(
        "### SMS texts",
        f"{count} {texts}, {comparison.unchanged} SMS did not. From {markdown_code(comparison.old)} to "
        f"{markdown_code(comparison.new)}.",
        *_errors("New errors", comparison.new_errors),
        *_errors("Fixed", comparison.fixed_errors),
        *(_changes(comparison.changes) if comparison.changes else ()),
    )


def _joined(*blocks: str) -> str:
    text = "\n\n".join((MARKER, *blocks)) + "\n"
    if len(text) <= LONGEST:
        return text
    kept = text[: text.rindex("\n", 0, LONGEST)]
    return f"{kept}\n\n(Shortened: the rest does not fit into a comment. `--output` writes the whole page.)\n"


def _errors(title: str, found: Iterable[Problem | Finding]) -> Iterator[str]:
    lines = [f"- **{markdown(each.code)}** {markdown(each.text)} ({markdown(each.source)})" for each in found]
    if lines:
        yield f"**{title}**"
        yield "\n".join(lines)


def _table(gallery: Gallery) -> Iterator[str]:
    if gallery.person.locale:
        yield f"**{markdown(gallery.person.locale)}**"
    rows = ["| SMS | Sent | Text | Parts | Errors and warnings |", "|---|---|---|---|---|"]
    rows += [_row(group) for group in gallery.texts]
    yield "\n".join(rows)


def _row(group: tuple[Picture, ...]) -> str:
    first = group[0]
    titles = "<br>".join(markdown(each.occasion.title) for each in group)
    sent = "<br>".join(SENT[each.occasion.sent] for each in group)
    codes = [each.code for picture in group for each in picture.errors]
    codes += [each.code for picture in group for each in picture.warnings]
    found = ", ".join(dict.fromkeys(map(markdown, codes))) or "none"
    copy = first.shown.text if first.template is None else first.template.text
    encoded = first.shown.encoded
    size = _size(encoded.segments, encoded.characters, encoded.encoding)
    return f"| {titles} | {sent} | {markdown_code(copy)} | {size} | {found} |"


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    rows = ["| SMS | | Text | Parts | Errors |", "|---|---|---|---|---|"]
    for change in changes:
        titles = "<br>".join(map(_title, change.messages))
        if change.locale:
            titles += f" ({markdown(change.locale)})"
        rows.append(f"| {titles} | before | {_cells(change.before)} |")
        rows.append(f"| | **after** | {_cells(change.after)} |")
    yield "\n".join(rows)


def _title(sms: Sms) -> str:
    if sms.sent_before == sms.sent_after:
        return markdown(sms.title)
    return f"{markdown(sms.title)} (sent: {SENT[sms.sent_before]}, now {SENT[sms.sent_after]})"


def _cells(side: Side | None) -> str:
    if side is None:
        return "not in this gallery | |"
    errors = ", ".join(dict.fromkeys(markdown(each.code) for each in side.errors))
    return f"{markdown_code(side.copy)} | {_size(side.segments, side.characters, side.encoding)} | {errors or 'none'}"


def _size(segments: int, characters: int, encoding: str) -> str:
    if not segments:
        return "not known"
    parts = "1 part" if segments == 1 else f"{segments} parts"
    return f"{parts}, {characters} {markdown(encoding)} {'character' if characters == 1 else 'characters'}"
