"""The switches of harsh mode, as a person writes them."""

import pytest

from sms_redirect.sandbox.harshness import Harshness


def test_without_a_word_only_plain_rules_hold():
    assert Harshness().as_document() == {
        "iam": 0.0,
        "deletes": False,
        "cleanup": False,
        "rollback": True,
        "change_sets": True,
    }


def test_all_is_every_switch_and_three_seconds_for_iam():
    assert Harshness.parse("all") == Harshness.full() == Harshness(iam=3.0, deletes=True, cleanup=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iam", Harshness(iam=3.0)),
        ("iam=0.5", Harshness(iam=0.5)),
        ("iam=10, deletes", Harshness(iam=10.0, deletes=True)),
        ("deletes=off,cleanup=on", Harshness(cleanup=True)),
        ("rollback=off,change-sets=off", Harshness(rollback=False, change_sets=False)),
    ],
)
def test_switches_are_listed_with_or_without_a_value(text, expected):
    assert Harshness.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "such as iam=10,deletes"),
        ("kms", "'kms' is not a switch; there are iam, deletes"),
        ("iam=soon", "seconds from 0 to 600, not 'soon'"),
        ("iam=-1", "seconds from 0 to 600"),
        ("iam=nan", "seconds from 0 to 600"),
        ("iam=601", "seconds from 0 to 600"),
        ("deletes=5", "deletes is on or off"),
    ],
)
def test_what_is_wrong_is_said_with_what_was_expected(text, reason):
    with pytest.raises(ValueError, match=reason):
        Harshness.parse(text)


def test_one_switch_is_set_or_refused():
    harshness = Harshness()

    harshness.set("iam", 7)
    harshness.set("cleanup", True)

    assert harshness == Harshness(iam=7.0, cleanup=True)
    for name, value in (("iam", True), ("cleanup", 1), ("nothing", True)):
        with pytest.raises(ValueError, match=name):
            harshness.set(name, value)
