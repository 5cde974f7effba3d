"""What the doctor finds, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How a finding reads: nothing wrong, look at it, this stops SMS, or AWS did not let us look."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNCHECKED = "could not check"


class Cause(StrEnum):
    """Where on an SMS's way a problem sits. The order is the order of the way: what is first hides what follows."""

    ACCESS = "credentials and region"
    STACK = "stack"
    POOL = "user pool"
    FLOW = "flow"
    USER = "user"
    TRIGGER = "trigger"
    KEY = "key"
    FUNCTION = "function"
    QUEUE = "failure queue"
    TOPIC = "topic"
    SUBSCRIPTIONS = "subscriptions"
    TEXTS = "texts"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a probe saw.

    `code` is stable, for programs. `evidence` is what AWS said, without codes, passwords or tokens; `next_step` is what
    a person does about it.
    """

    cause: Cause
    code: str
    status: Status
    says: str
    evidence: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found, and what it comes to. `verdict` is None if nothing explains a missing SMS."""

    findings: tuple[Finding, ...]
    verdict: Finding | None
    seconds: float
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        return not any(each.status is Status.PROBLEM for each in self.findings)

    def for_reader_of_topic(self) -> Report:
        """For somebody who reads the topic with a queue, as the inbox and the test kit do: without email, too."""
        findings = [
            replace(each, status=Status.WARNING)
            if each.cause is Cause.SUBSCRIPTIONS and each.status is Status.PROBLEM
            else each
            for each in self.findings
        ]
        return self.with_findings(findings)

    def with_findings(self, findings: Sequence[Finding]) -> Report:
        """The same report with other findings, and the verdict that they lead to."""
        return replace(self, findings=tuple(findings), verdict=verdict(findings))

    def as_document(self) -> dict[str, Any]:
        """JSON values only."""
        return {
            "asked": self.asked,
            "verdict": asdict(self.verdict) if self.verdict else None,
            "healthy": self.healthy,
            "seconds": round(self.seconds, 3),
            "findings": [asdict(each) for each in self.findings],
        }


# Logged errors and lost events may be old; what is wrong now explains more than what went wrong before.
HISTORY = {"call-refused", "sender-failed", "failure-queue-filled"}


def verdict(findings: Sequence[Finding]) -> Finding | None:
    """The first problem on an SMS's way: it hides what follows. What is wrong now counts before what was logged."""
    problems = [each for each in findings if each.status is Status.PROBLEM]
    now = [each for each in problems if each.code not in HISTORY]
    return next(iter([*now, *problems]), None)


def ok(cause: Cause, code: str, says: str, evidence: str = "") -> Finding:
    return Finding(cause, code, Status.OK, says, evidence)


def warning(cause: Cause, code: str, says: str, *, evidence: str = "", next_step: str = "") -> Finding:
    return Finding(cause, code, Status.WARNING, says, evidence, next_step)


def problem(cause: Cause, code: str, says: str, *, evidence: str = "", next_step: str) -> Finding:
    return Finding(cause, code, Status.PROBLEM, says, evidence, next_step)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By the way of an SMS; within a part, as they were found."""
    order = list(Cause)
    return tuple(sorted(findings, key=lambda each: order.index(each.cause)))
