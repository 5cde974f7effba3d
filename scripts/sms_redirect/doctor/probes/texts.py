"""The pool's SMS texts, by the gallery's rules."""

from __future__ import annotations

from collections.abc import Iterator

from sms_redirect.doctor.facts import Facts
from sms_redirect.doctor.findings import Cause, Finding, ok, warning
from sms_redirect.doctor.subject import Subject
from sms_redirect.gallery import lint as rules

UNUSED_DAYS = "AdminCreateUserConfig.UnusedAccountValidityDays"


def lint(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """What Cognito would refuse at the next update of the pool. It does not stop an SMS of today."""
    del subject
    # DescribeUserPool tells the days of a temporary password in two places, which an update may not.
    found = [each for each in rules.problems(facts.pool()) if each.setting != UNUSED_DAYS]
    for each in found:
        yield warning(
            Cause.TEXTS,
            f"text-{each.code}",
            each.text,
            evidence=each.source,
            next_step="`sms-redirect gallery` shows every text and its errors.",
        )
    if not found:
        yield ok(Cause.TEXTS, "texts", "The pool's texts break no rule of Cognito's.")
