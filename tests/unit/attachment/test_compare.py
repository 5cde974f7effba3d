"""What counts as a difference between two readings of a pool, and how it is told."""

import pytest

from pool_attachment.compare import differences, mfa_was_reset, named, unlike_mfa


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"LambdaConfig": {}}),
        ({"Text": ""}, {}),
        ({"List": []}, {"List": None}),
        ({"List": ["a", "b"]}, {"List": ["b", "a"]}),
        ({"List": [{"Name": "a", "Empty": {}}]}, {"List": [{"Name": "a"}]}),
        ({"Flag": False}, {"Flag": False}),
    ],
)
def test_what_means_the_same_is_no_difference(one, other):
    assert differences(one, other) == differences(other, one) == {}


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ({"Flag": False}, {}, "Flag"),
        ({"Number": 0}, {"Number": 1}, "Number"),
        ({"Deep": {"Deeper": {"Text": "a"}}}, {"Deep": {}}, "Deep.Deeper.Text"),
        ({"List": ["a"]}, {"List": ["a", "b"]}, "List"),
        ({"Text": "a"}, {"Text": {"a": "b"}}, "Text"),
    ],
)
def test_everything_else_is_named_by_its_path(one, other, path):
    assert list(differences(one, other)) == list(differences(other, one)) == [path]


def test_a_difference_is_told_with_its_values_if_they_are_short():
    found = {
        "Short": (14, 8),
        "Gone": ("a", None),
        "Long": ("x" * 41, "y"),
        "Longest": ("z" * 40, "y"),
        "List": (["a"], ["b"]),
        "Whole": ({}, "a"),
    }

    assert (
        named(found)
        == f"Gone (was a, is unset), List, Long, Longest (was {'z' * 40}, is y), Short (was 14, is 8), Whole"
    )


def test_of_many_differences_the_first_are_told():
    assert named({f"{number:02}": (["a"], ["b"]) for number in range(17)}) == (
        ", ".join(f"{number:02}" for number in range(15)) + " and 2 more"
    )
    assert "more" not in named({f"{number:02}": (1, 2) for number in range(15)})


APP = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}


@pytest.mark.parametrize(
    ("before", "after", "reset"),
    [
        ({"MfaConfiguration": "ON"}, {"MfaConfiguration": "OFF"}, True),
        ({"MfaConfiguration": "OPTIONAL"}, {}, True),
        ({"MfaConfiguration": "OPTIONAL", **APP}, {"MfaConfiguration": "OPTIONAL"}, True),
        ({"MfaConfiguration": "ON"}, {"MfaConfiguration": "OPTIONAL"}, False),
        ({"MfaConfiguration": "OFF"}, {"MfaConfiguration": "ON", **APP}, False),
        ({"MfaConfiguration": "OFF"}, {}, False),
        ({}, {"MfaConfiguration": "OFF"}, False),
        ({"MfaConfiguration": None}, {}, False),
        ({"EmailMfaConfiguration": {}}, {}, False),
    ],
)
def test_mfa_was_reset_if_it_is_off_or_a_factor_is_gone(before, after, reset):
    assert mfa_was_reset(before, after) is reset


def test_differences_of_mfa_settings_say_that_they_are():
    assert unlike_mfa({"MfaConfiguration": "ON"}, {}) == {"MFA MfaConfiguration": ("ON", None)}
