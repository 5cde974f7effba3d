"""The kinds of rows that the table of operations has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context

Document = Mapping[str, Any] | None
Operation = Callable[[Context, Call], Document | Awaitable[Document]]


@dataclass(frozen=True, slots=True)
class Done:
    run: Operation


@dataclass(frozen=True, slots=True)
class Simplified:
    """`how` completes "simplified: ..."."""

    run: Operation
    how: str


@dataclass(frozen=True, slots=True)
class NotSimulated:
    """`why` completes "X is not simulated: ..."."""

    why: str

    def refusal(self, operation: str) -> str:
        return (
            f"The sandbox does not simulate {operation}: {self.why}. The table of operations in docs/fidelity.md says"
            " what it does."
        )


Row = Done | Simplified | NotSimulated
