"""Somebody else's text, made safe to show: pure."""

from __future__ import annotations

import re

# Characters that change the direction of what follows, or show nothing: they could make a text look like another. The
# inbox's page names the same ones.
_HIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
# What GitHub's Markdown reads as markup, a mention, a link or a reference to an issue. `{####}` is none of these.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~@]|#(?=\w)|:(?=//)|(?<=www)\.|(?<=GH)-(?=\d)", re.IGNORECASE)
_COMMAND = re.compile(r"(?m:^\s*)::|##\[")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def visible(text: object) -> str:
    """A text with hidden characters named, for every place but the phone's bubble."""
    return _HIDDEN.sub(lambda found: code_point(found[0]), str(text))


def terminal(text: object) -> str:
    """The same for a terminal and for a CI job's log, where it must not become a command of GitHub Actions.

    Its runner takes a line that begins with `::` after any spaces for one, and `##[` anywhere in a line
    (actions/runner, src/Runner.Common/ActionCommand.cs), on stderr as well.
    """
    return _COMMAND.sub(_apart, visible(text))


def _apart(found: re.Match[str]) -> str:
    return found[0].replace("::", ": :").replace("##[", "## [")


def code_point(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def markdown(text: object) -> str:
    """A text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(_entity, " ".join(visible(text).split()))


def markdown_code(text: object) -> str:
    """The same as code, for a cell of a table. Line breaks and tabs are shown by signs."""
    line = visible(text).replace("\t", "⇥").replace("\n", "⏎")
    if not line.strip():
        return f"<code>{len(line)} spaces</code>" if line else "(empty)"
    if "`" in line or "|" in line or "##[" in line:  # a code span could end early, or the cell; see `terminal`
        return f"<code>{_PUNCTUATION.sub(_entity, line)}</code>"
    return f"`{line}`"


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def annotation(text: object) -> str:
    """A text in a workflow command of GitHub Actions; line breaks stay."""
    shown = "\n".join(visible(line) for line in str(text).replace("\r", "\n").split("\n"))
    return shown.replace("%", "%25").replace("\n", "%0A")


def annotation_property(text: object) -> str:
    """The same as the value of a property."""
    return annotation(text).replace(":", "%3A").replace(",", "%2C")
