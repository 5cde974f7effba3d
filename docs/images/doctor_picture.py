"""Draws a terminal with the doctor's output for the README, light and dark: python docs/images/doctor_picture.py .

The output is the doctor's own, about a made-up stack: that of its unit tests, whose user never verified the number.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "functions" / "sender"), str(ROOT / "tests" / "helpers")]

from doctor_world import NUMBER, World  # noqa: E402 - found by the path above
from sms_redirect.doctor import examine, words  # noqa: E402 - found by the path above
from sms_redirect.doctor.facts import CouldNotCheckError  # noqa: E402 - found by the path above
from sms_redirect.doctor.subject import Subject  # noqa: E402 - found by the path above

COMMAND = "sms-redirect doctor --user alice --flow ForgotPassword"
COLUMNS = 100
SIZE, LEADING, MARGIN = 13, 19, 20
ADVANCE = SIZE * 0.602  # of the usual monospaced fonts
TOP = 54  # below the window's head


@dataclass(frozen=True, slots=True)
class Colours:
    ground: str
    head: str
    text: str
    muted: str
    ok: str
    warning: str
    problem: str


SCHEMES = {
    "light": Colours("#ffffff", "#eceae5", "#22211f", "#5f5b54", "#1c7c3c", "#7a4b00", "#b3261e"),
    "dark": Colours("#0d1117", "#1c2128", "#e6edf3", "#9aa4af", "#6fd492", "#f3c168", "#ff9b92"),
}
STYLES = {"ok": "ok", "warning": "warning", "PROBLEM": "problem", "unchecked": "muted"}


def output() -> list[str]:
    world = World()
    world.attributes(phone_number=NUMBER)
    world.facts["metric"] = CouldNotCheckError(
        "the credentials lack cloudwatch:GetMetricStatistics", "cloudwatch:GetMetricStatistics"
    )
    subject = Subject("alice", flow="ForgotPassword")
    report = examine.examined(world, subject)
    lines = list(words.lines(report, str(subject), COLUMNS))
    return [*lines[:-1], re.sub(r"in [0-9.]+ s", "in 1.2 s", lines[-1])]


def picture(colours: Colours) -> str:
    lines = [f"$ {COMMAND}", *output()]
    width = round(COLUMNS * ADVANCE) + 2 * MARGIN
    height = TOP + LEADING * len(lines) + MARGIN
    dots = "".join(f'<circle cx="{22 + 20 * each}" cy="15" r="5.5"/>' for each in range(3))
    rows = "\n".join(_row(line, TOP + LEADING * number) for number, line in enumerate(lines) if line)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>{escape(lines[0])}: {escape(lines[1])}</title>
<style>
  .ground {{ fill: {colours.ground}; stroke: {colours.muted}; stroke-opacity: 0.4; }}
  .head {{ fill: {colours.head}; }}
  circle {{ fill: {colours.muted}; fill-opacity: 0.5; }}
  text {{ font: {SIZE}px ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
    fill: {colours.text}; white-space: pre; }}
  .bold {{ font-weight: 700; }}
  .muted {{ fill: {colours.muted}; }}
  .ok {{ fill: {colours.ok}; }}
  .warning {{ fill: {colours.warning}; }}
  .problem {{ fill: {colours.problem}; font-weight: 700; }}
</style>
<rect class="ground" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>
<path class="head" d="M1 9 a8 8 0 0 1 8 -8 H{width - 9} a8 8 0 0 1 8 8 V30 H1 z"/>
{dots}
{rows}
</svg>
"""


def _row(line: str, y: int) -> str:
    mark = re.match(r"  (ok|warning|PROBLEM|unchecked) +", line)
    indent = len(line) - len(line.lstrip())
    if mark:
        rest = f'<tspan x="{_x(mark.end())}">{escape(line[mark.end() :])}</tspan>'
        return f'<text x="{_x(2)}" y="{y}"><tspan class="{STYLES[mark[1]]}">{mark[1]}</tspan>{rest}</text>'
    style = "bold" if line.startswith(("$", "Most")) else "plain"
    return f'<text class="{style}" x="{_x(indent)}" y="{y}">{escape(line.strip())}</text>'


def _x(column: int) -> str:
    return f"{MARGIN + column * ADVANCE:.1f}"


def main() -> None:
    for name, colours in SCHEMES.items():
        (FOLDER / f"doctor-{name}.svg").write_text(picture(colours), encoding="utf-8")


if __name__ == "__main__":
    main()
