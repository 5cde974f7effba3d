"""A report for people: the verdict first, then every finding by its place on the way of an SMS."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sms_redirect.doctor.findings import Finding, Report, Status

MARKS = {Status.OK: "ok", Status.WARNING: "warning", Status.PROBLEM: "PROBLEM", Status.UNCHECKED: "unchecked"}
WIDTH = 100
NARROWEST = 40  # the indentation takes 15


def lines(report: Report, asked_about: str, width: int = WIDTH) -> Iterator[str]:
    """Plain text, at most `width` characters a line except for what must not be broken (commands, ARNs)."""
    yield from _verdict(report, asked_about, width)
    cause = None
    for each in report.findings:
        if each.cause is not cause:
            cause = each.cause
            yield ""
            yield str(cause)
        yield from _finding(each, width)
    yield ""
    yield f"{len(report.findings)} findings in {report.seconds:.1f} s."


def _verdict(report: Report, asked_about: str, width: int) -> Iterator[str]:
    if report.verdict:
        yield from _wrapped(f"Most likely cause: {report.verdict.says}", "", width)
        if report.verdict.next_step:
            yield from _wrapped(f"Next step: {report.verdict.next_step}", "", width)
        return
    unchecked = sum(each.status is Status.UNCHECKED for each in report.findings)
    limits = f" {unchecked} checks were not possible." if unchecked else ""
    article = "an" if asked_about.startswith(("A", "U", "SMS")) else "a"
    yield from _wrapped(f"Nothing found that would keep {article} {asked_about} away.{limits}", "", width)


def _finding(each: Finding, width: int) -> Iterator[str]:
    yield from _wrapped(each.says, " " * 12, width, first=f"  {MARKS[each.status]:<9} ")
    if each.evidence:
        yield from _wrapped(each.evidence, " " * 12, width, first=" " * 12)
    if each.next_step and each.status is not Status.OK:
        yield from _wrapped(each.next_step, " " * 15, width, first=f"{' ' * 12}-> ")


def _wrapped(text: str, indent: str, width: int, first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        max(width, NARROWEST),
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]
