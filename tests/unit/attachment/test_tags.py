"""What is recorded on the pool itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_attachment.errors import RefusedError
from pool_attachment.tags import BROUGHT_KEY, PREVIOUS_SENDER, STACK, TAGS, RedirectTags, Sender, without

PREVIOUS = "arn:aws:lambda:eu-west-1:123456789012:function:theirs:live"


def test_a_person_can_read_it():
    record = RedirectTags(stack="arn:aws:cloudformation:eu-west-1:1:stack/a/b", previous=Sender("V1_0", PREVIOUS))

    assert record.encoded() == {
        STACK: "arn:aws:cloudformation:eu-west-1:1:stack/a/b",
        PREVIOUS_SENDER: f"V1_0 {PREVIOUS}",
    }


arns = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=12).map("arn:{}".format)


@given(
    st.builds(
        RedirectTags,
        stack=arns,
        sender=arns,
        previous=st.none() | st.builds(Sender, version=st.sampled_from(["V1_0", "V2_0"]), arn=arns),
        brought_key=st.none() | arns,
        absent=st.frozensets(st.sampled_from(["LambdaConfig", "UserPoolTags"])),
        attaching=st.none() | arns,
        garbled=st.just(False),
    )
)
def test_whatever_is_recorded_fits_into_tags_and_comes_back(record):
    tags = record.encoded()

    assert RedirectTags.read(tags) == record
    assert all(re.fullmatch(r"[0-9A-Za-z +\-=._:/@]{1,256}", value) for value in tags.values())


@given(st.dictionaries(st.sampled_from(sorted(TAGS)), st.text(max_size=20)))
def test_nonsense_is_read_without_an_error(tags):
    RedirectTags.read(tags)


def test_a_previous_sender_that_does_not_read_as_one_is_told_apart_from_none():
    assert RedirectTags.read({PREVIOUS_SENDER: "see the wiki"}).garbled
    assert not RedirectTags.read({}).garbled


def test_what_does_not_fit_is_refused_instead_of_cut():
    with pytest.raises(RefusedError, match=BROUGHT_KEY) as refused:
        RedirectTags(brought_key="arn:" + "x" * 253).encoded()
    assert str(refused.value).startswith("arn:" + "x" * 56 + "... does not fit")
    assert len(RedirectTags(brought_key="arn:" + "x" * 252).encoded()[BROUGHT_KEY]) == 256


def test_only_our_own_tags_are_ours():
    assert without({STACK: "a", "sms-redirect:note": "b", "team": "c"}) == {"sms-redirect:note": "b", "team": "c"}
