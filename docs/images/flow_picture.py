"""Draws the flow for the README, light and dark: python docs/images/flow_picture.py ."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 960, 300


@dataclass(frozen=True, slots=True)
class Colours:
    ground: str
    box: str
    line: str
    text: str
    muted: str
    accent: str
    accent_text: str


SCHEMES = {
    "light": Colours("#ffffff", "#f6f5f2", "#8a857b", "#22211f", "#5f5b54", "#1d5f8a", "#ffffff"),
    "dark": Colours("#0d1117", "#1c2128", "#7d8590", "#e6edf3", "#9aa4af", "#3f8fc4", "#0d1117"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """`x` and `y` are of its centre."""

    x: int
    y: int
    title: str
    detail: str = ""
    ours: bool = False
    width: int = 160
    height: int = 58

    @property
    def left(self) -> int:
        return self.x - self.width // 2

    @property
    def right(self) -> int:
        return self.x + self.width // 2


APP = Box(84, 110, "Your app", "sign-up, MFA, reset", width=144)
POOL = Box(272, 110, "Cognito user pool", "as in production", width=160)
SENDER = Box(496, 110, "Sender function", "decrypts, previews", ours=True)
TOPIC = Box(664, 110, "SNS topic", ours=True, width=96)
EMAIL = Box(868, 40, "Email", "testers")
TEST = Box(868, 110, "Your test", "SmsInbox, wait")
INBOX = Box(868, 180, "Web inbox", "live, in the browser")
PHONE = Box(272, 250, "Phone", "gets nothing", width=120)
QUEUE = Box(496, 250, "Failure queue", "nothing is lost", ours=True)


def arrow(start: tuple[int, int], end: tuple[int, int], label: str = "", *, dashed: bool = False) -> str:
    (x1, y1), (x2, y2) = start, end
    dash = ' stroke-dasharray="5 5"' if dashed else ""
    line = f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{dash} marker-end="url(#head)"/>'
    if not label:
        return line
    x, y = ((x1 + x2) // 2, y1 - 10) if y1 == y2 else (x1 + 10, (y1 + y2) // 2 + 4)
    anchor = "middle" if y1 == y2 else "start"
    return f'{line}<text class="label" x="{x}" y="{y}" text-anchor="{anchor}">{escape(label)}</text>'


def drawn(box: Box) -> str:
    kind = "ours" if box.ours else "theirs"
    title_y = box.y - 3 if box.detail else box.y + 5
    top = box.y - box.height // 2
    parts = [
        f'<g class="{kind}"><rect x="{box.left}" y="{top}" width="{box.width}" height="{box.height}" rx="8"/>',
        f'<text class="title" x="{box.x}" y="{title_y}">{escape(box.title)}</text>',
    ]
    if box.detail:
        parts.append(f'<text class="detail" x="{box.x}" y="{box.y + 16}">{escape(box.detail)}</text>')
    return "".join([*parts, "</g>"])


def picture(colours: Colours) -> str:
    half = APP.height // 2
    arrows = [
        arrow((APP.right, 110), (POOL.left - 7, 110)),
        arrow((POOL.right, 110), (SENDER.left - 7, 110)),
        arrow((SENDER.right, 110), (TOPIC.left - 7, 110)),
        arrow((TOPIC.right, 100), (EMAIL.left - 6, 46)),
        arrow((TOPIC.right, 110), (TEST.left - 7, 110)),
        arrow((TOPIC.right, 120), (INBOX.left - 6, 174)),
        arrow((POOL.x, 110 + half), (PHONE.x, PHONE.y - half - 7), "no SMS", dashed=True),
        arrow((SENDER.x, 110 + half), (QUEUE.x, QUEUE.y - half - 7), "if three tries fail", dashed=True),
    ]
    boxes = [drawn(box) for box in (APP, POOL, SENDER, TOPIC, EMAIL, TEST, INBOX, PHONE, QUEUE)]
    event = '<text class="label" x="384" y="62" text-anchor="middle">custom SMS sender event, code encrypted</text>'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>Your app calls Cognito as in production. Instead of an SMS, Cognito sends its event with the encrypted code to
the sender function, which publishes the exact text to an SNS topic: to email, your test and the web inbox.</title>
<style>
  rect {{ fill: {colours.box}; stroke: {colours.line}; }}
  .ours rect {{ fill: {colours.accent}; stroke: {colours.accent}; }}
  line {{ stroke: {colours.line}; stroke-width: 1.5; }}
  text {{ font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: {colours.text}; }}
  .title {{ font-weight: 600; text-anchor: middle; }}
  .detail {{ font-size: 12px; text-anchor: middle; fill: {colours.muted}; }}
  .ours .title, .ours .detail {{ fill: {colours.accent_text}; }}
  .label {{ font-size: 12px; fill: {colours.muted}; }}
</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="2" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path
  d="M0 0 L10 5 L0 10 z" fill="{colours.line}"/></marker></defs>
<rect width="{WIDTH}" height="{HEIGHT}" style="fill: {colours.ground}; stroke: none"/>
{event}
{"".join(arrows)}
{"".join(boxes)}
</svg>
"""


def main() -> None:
    for name, colours in SCHEMES.items():
        (FOLDER / f"flow-{name}.svg").write_text(picture(colours), encoding="utf-8")


if __name__ == "__main__":
    main()
