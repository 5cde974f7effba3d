"""What the doctor finds, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
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

    def as_document(self) -> dict[str, Any]:
        """JSON values only."""
        return {
            "asked": self.asked,
            "verdict": asdict(self.verdict) if self.verdict else None,
            "healthy": self.healthy,
            "seconds": round(self.seconds, 3),
            "findings": [asdict(each) for each in self.findings],
        }


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
