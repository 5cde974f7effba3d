"""docs/gallery.md names every option, every warning and every member of the JSON."""

import re
from pathlib import Path

import pytest

from gallery_pools import busy, gallery
from sms_redirect.cli.gallery import command
from sms_redirect.gallery.compose import DOUBTS
from sms_redirect.gallery.document import document

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
# Of the sender's warnings, those that its samples can never cause.
NEVER = {"template-not-read", "no-user-name", "unknown-source", "metadata-dropped"}


@pytest.mark.parametrize("option", [name for option in command.params for name in option.opts])
def test_an_option_is_documented(option):
    assert re.search(rf"{option}(?![\w-])", TEXT)


def test_every_warning_of_the_sender_and_the_gallery_is_documented_or_cannot_come():
    sources = [
        *(ROOT / "functions/sender/sms_sender").glob("*.py"),
        *(ROOT / "scripts/sms_redirect/gallery").glob("*.py"),
    ]
    codes = {code for path in sources for code in re.findall(r'Caution\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))}

    assert len(codes) > 10
    assert {code for code in codes if f"`{code}`" not in TEXT} == NEVER
    assert codes >= DOUBTS


def test_every_member_of_the_json_is_documented():
    found = document(busy()) | {"warnings": document(gallery(SmsConfigurationFailure="x"))["warnings"]}

    def names(value):
        if isinstance(value, dict):
            yield from value
            value = list(value.values())
        for each in value if isinstance(value, list) else []:
            yield from names(each)

    assert {name for name in names(found) if f"`{name}`" not in TEXT} == set()


def test_the_pictures_are_there():
    for scheme in ("light", "dark"):
        for size in ("desktop", "phone"):
            assert (ROOT / "docs" / "images" / f"gallery-{scheme}-{size}.png").exists()
