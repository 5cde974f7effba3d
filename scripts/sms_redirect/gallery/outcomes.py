"""What the command has to show, in every format: the galleries of a pool, or what changed between two galleries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sms_redirect.gallery import github, markdown, report
from sms_redirect.gallery.comparison import Comparison
from sms_redirect.gallery.compose import Gallery
from sms_redirect.gallery.document import comparison_document, document
from sms_redirect.gallery.lint import UNRESOLVED


class Outcome(Protocol):
    def document(self) -> dict[str, Any]:
        """For programs."""

    def markdown(self) -> str:
        """For a pull request's comment."""

    def annotations(self) -> Iterator[str]:
        """Workflow commands of GitHub Actions."""

    def page(self) -> str:
        """One HTML file. Raises ModuleNotFoundError without the packages of the extra `inbox`."""

    def report(self) -> Iterator[str]:
        """What is told on stderr."""

    def fails(self, *, check: bool, allowed: Iterable[str]) -> bool:
        """Whether the command exits with 1."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Of one pool; several galleries differ in locale only."""

    galleries: Sequence[Gallery]

    def document(self) -> dict[str, Any]:
        return document(*self.galleries)

    def markdown(self) -> str:
        return markdown.of_gallery(self.galleries)

    def annotations(self) -> Iterator[str]:
        return github.of_galleries(self.galleries)

    def page(self) -> str:
        from sms_redirect.gallery.page import render  # noqa: PLC0415 - the other formats do without its packages

        return render(*self.galleries)

    def report(self) -> Iterator[str]:
        return report.of_galleries(self.galleries)

    def fails(self, *, check: bool, allowed: Iterable[str]) -> bool:
        """With --check: an error, or a warning that is not allowed. Without: a text is missing, as it is not known."""
        found = {each.warning.code for gallery in self.galleries for each in gallery.counted_warnings()}
        errors = self.galleries[0].errors
        missing = any(each.code == UNRESOLVED for each in errors)
        return missing or (check and bool(errors or found.difference(allowed)))


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed between two galleries."""

    comparison: Comparison

    def document(self) -> dict[str, Any]:
        return comparison_document(self.comparison)

    def markdown(self) -> str:
        return markdown.of_comparison(self.comparison)

    def annotations(self) -> Iterator[str]:
        return github.of_comparison(self.comparison)

    def page(self) -> str:
        from sms_redirect.gallery.page import render_comparison  # noqa: PLC0415 - see Shown

        return render_comparison(self.comparison)

    def report(self) -> Iterator[str]:
        return report.of_comparison(self.comparison)

    def fails(self, *, check: bool, allowed: Iterable[str]) -> bool:
        """A new error, with --check or without; nobody can allow one."""
        del check, allowed
        return bool(self.comparison.new_errors)
