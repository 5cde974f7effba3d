"""The gallery as one HTML file: no script, no request, its styles inside and named by their hash."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

import jinja2
from markupsafe import Markup

from sms_redirect.gallery.compose import Gallery
from sms_redirect.messages import anatomy

# Characters that change the direction of what follows, or show nothing: they could make a text look like another. The
# inbox's page names the same ones.
_HIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANK = re.compile(r"[\s\u00ad\u200c\u200d]+")

_SENT = {True: "Sent", False: "Not sent", None: "Not known"}
# What the figures and the table of characters say already.
_SAID_BETTER = frozenset({"not-gsm-7", "several-parts"})
_SOURCES = {
    "pool": "a setting of the pool",
    "cached": "a setting of the pool",
    "default": "Cognito's default, because the pool sets none",
    "custom-message": "the pool's CustomMessage function",
}


def render(gallery: Gallery) -> str:
    """The page. Every text in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sms_redirect.gallery"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"visible": visible, "character": _character, "counted": _counted}
    style = _style()
    return environment.get_template("gallery.html").render(
        gallery=gallery,
        style=Markup(style),  # noqa: S704 - this package's own files
        style_hash=_hash(style),
        icon=Markup(_file("inbox", "static", "icon.svg")),  # noqa: S704 - this package's own file
        anatomy=anatomy.of,
        sent=_SENT,
        sources=_SOURCES,
        said_better=_SAID_BETTER,
    )


def visible(text: object) -> str:
    """A text with hidden characters named, for every place but the phone's bubble."""
    return _HIDDEN.sub(lambda found: _code_point(found[0]), str(text))


def _character(text: str) -> str:
    """A character by itself, named where it would not be seen."""
    return _code_point(text) if _BLANK.fullmatch(text) else visible(text)


def _code_point(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _style() -> str:
    names = (("inbox", "static", "base.css"), ("inbox", "static", "detail.css"), ("gallery", "gallery.css"))
    return "\n".join(_file(*name) for name in names)


def _hash(style: str) -> str:
    """As a Content-Security-Policy names an inline style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


def _file(*name: str) -> str:
    return files("sms_redirect").joinpath(*name).read_text(encoding="utf-8")
