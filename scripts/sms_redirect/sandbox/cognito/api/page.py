"""The table of operations in docs/fidelity.md.

To write it anew: `.venv/bin/python -m sms_redirect.sandbox.cognito.api.page docs/fidelity.md`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from sms_redirect.sandbox.cognito.api import model
from sms_redirect.sandbox.cognito.api.operations import Done, NotSimulated, Row, Simplified
from sms_redirect.sandbox.cognito.api.table import CHAPTERS, row_of

BEGIN, END = "<!-- operations: generated -->\n", "<!-- operations: end -->\n"


def rewritten(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{rendered()}{END}{after}"


def rendered() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    rows = [row_of(name) for name in sorted(model.operation_names())]
    counts = {kind: sum(isinstance(row, kind) for row in rows) for kind in (Done, Simplified, NotSimulated)}
    yield (
        f"Of the API's {len(rows)} operations {counts[Done]} are done, {counts[Simplified]} simplified"
        f" and {counts[NotSimulated]} not simulated: those fail with `UnsupportedOperationException`, and the inbox"
        " shows an incident."
    )
    yield ""
    yield "| operation | state |"
    yield "|---|---|"
    for chapter, operations in CHAPTERS.items():
        yield f"| **{chapter}** | |"
        for name, row in operations.items():
            yield f"| `{name}` | {_state(row)} |"


def _state(row: Row) -> str:
    if isinstance(row, Done):
        return "done"
    return f"simplified: {row.how}" if isinstance(row, Simplified) else f"not simulated: {row.why}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
