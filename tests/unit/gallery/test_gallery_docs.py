"""docs/gallery.md names every option, error, warning and member of the JSON."""

import re
from pathlib import Path

import pytest

from gallery_pools import busy, gallery
from sms_redirect.cli.gallery import FORMATS, command
from sms_redirect.gallery.comparison import compare
from sms_redirect.gallery.compose import DOUBTS, WARNINGS
from sms_redirect.gallery.document import comparison_document, document
from sms_redirect.gallery.lint import ERRORS

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
# Of the sender's warnings, those that its samples can never cause.
NEVER = {"template-not-read", "no-code", "no-user-name", "unknown-source", "metadata-dropped"}


def codes(kind):
    sources = [
        *(ROOT / "functions/sender/sms_sender").glob("*.py"),
        *(ROOT / "scripts/sms_redirect/gallery").glob("*.py"),
    ]
    return {code for path in sources for code in re.findall(kind + r'\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))}


@pytest.mark.parametrize("option", [name for option in command.params for name in option.opts])
def test_an_option_is_documented(option):
    assert re.search(rf"{option}(?![\w-])", TEXT)


@pytest.mark.parametrize("word", sorted([*FORMATS, *ERRORS]))
def test_a_format_and_an_error_are_documented(word):
    assert f"`{word}`" in TEXT


def test_every_warning_of_the_sender_and_the_gallery_is_documented_or_cannot_come():
    found = codes("SmsWarning")

    assert len(found) > 10
    assert {code for code in found if f"`{code}`" not in TEXT} == NEVER
    assert found >= DOUBTS


def test_every_warning_can_be_allowed_unless_it_is_an_error_here():
    assert codes("SmsWarning") - NEVER - ERRORS <= WARNINGS


def names(value):
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for each in value if isinstance(value, list) else []:
        yield from names(each)


def test_every_member_of_the_json_is_documented():
    broken = document(gallery(SmsConfigurationFailure="x", SmsVerificationMessage="x"))
    old, new = document(busy()), broken
    comparison = comparison_document(compare(old, new))

    members = {*names(old), *names(broken), *names(comparison)}

    assert {name for name in members if f"`{name}`" not in TEXT} == set()


def test_the_pictures_are_there():
    for scheme in ("light", "dark"):
        for size in ("desktop", "phone"):
            assert (ROOT / "docs" / "images" / f"gallery-{scheme}-{size}.png").exists()
