"""What an email says without its HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BREAKS = frozenset(("br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"))
UNSEEN = frozenset(("style", "script", "head", "title", "template"))
SPACES = re.compile(r"[ \t\r\n\f]+")


def text_of(html: str) -> str:
    """As a mail program shows it that takes no HTML: one line a block, and the targets of links in parentheses."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.strip(" ") for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n ")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0
        self._targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in BREAKS:
            self._break()
        elif tag == "a":
            self._targets.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BREAKS:
            self._break()
        elif tag == "a" and self._targets and (target := self._targets.pop()):
            self.pieces.append(f" ({target})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            text = SPACES.sub(" ", data)
            if not (self.pieces and self.pieces[-1].endswith(("\n", " "))) or text.strip():
                self.pieces.append(text)

    def _break(self) -> None:
        self.pieces.append("\n")
