"""The shapes that templates have in the wild are read as CloudFormation would deploy them."""

import re

import pytest

from gallery_templates import read
from sms_redirect.gallery import lint
from sms_redirect.gallery.compose import compose
from sms_redirect.gallery.errors import GalleryError
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.texts import Texts
from template_shapes import SHAPES


def test_there_are_enough_shapes_and_no_two_have_one_name():
    assert len(SHAPES) >= 135
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


def why_not(shape, arguments):
    """Why there is no gallery, or no text in it."""
    try:
        found = lint.problems(read(shape.template, **arguments))
    except GalleryError as error:
        return str(error)
    return "\n".join(each.text for each in found if each.code == lint.UNRESOLVED)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_template_is_shown_as_it_would_be_deployed(shape):
    arguments = {"given": Given(shape.given), "logical_id": shape.logical_id, "region": shape.region}
    if shape.fails:
        assert re.search(shape.fails, why_not(shape, arguments))
        return

    pool = read(shape.template, **arguments)
    found = compose(Texts(pool))

    shown = {picture.template.kind: picture.template.text for picture in found.pictures if picture.template}
    assert shown == {
        "verification": shape.verification,
        "authentication": shape.authentication,
        "invitation": shape.invitation,
    }
    assert tuple(each.code for each in found.errors) == shape.errors
    assert bool(pool.custom_message) is shape.custom_message
    if shape.sent is not None:
        assert {picture.occasion.id for picture in found.pictures if picture.occasion.sent} == set(shape.sent)
