"""What a doctor found, for tests of those who show it."""

from __future__ import annotations

from sms_redirect.doctor.findings import Cause, Finding, Report, Status, ok, problem, verdict, warning
from sms_redirect.doctor.subject import Subject

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"


def report(*findings: Finding) -> Report:
    return Report(findings, verdict(findings), 0.5, {"stack_name": "sms-redirect", "since": "900s"})


BROKEN = report(
    ok(Cause.STACK, "stack", "The stack 'sms-redirect' is deployed.", "CREATE_COMPLETE"),
    problem(
        Cause.KEY,
        "key-disabled",
        "The key that encrypts the codes is disabled, so Cognito cannot send any code.",
        evidence=KEY,
        next_step=f"`aws kms enable-key --key-id {KEY}`",
    ),
    Finding(
        Cause.FUNCTION,
        "unchecked-sender's-log",
        Status.UNCHECKED,
        "sender's log: the credentials lack logs:FilterLogEvents",
        next_step="Allow logs:FilterLogEvents to check this.",
    ),
    warning(Cause.TEXTS, "text-x", "A text with <b>markup</b>."),
)
NO_EMAIL = report(
    problem(
        Cause.SUBSCRIPTIONS, "nobody-confirmed", "No email address receives this stack's SMS.", next_step="Confirm."
    )
)


class Doctor:
    """Tells `report`, and keeps the subjects that it was asked about."""

    report = BROKEN

    def __init__(self) -> None:
        self.asked: list[Subject] = []

    def __call__(self, subject: Subject) -> Report:
        self.asked.append(subject)
        return self.report
