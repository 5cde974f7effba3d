from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sms_redirect.messages import anatomy


def kinds(text):
    return [[(run["text"], run["kind"]) for run in part] for part in anatomy.of(text)["parts"]]


def test_a_plain_text_is_one_part_of_one_run():
    assert kinds("Your code is 123456") == [[("Your code is 123456", "gsm")]]
    assert anatomy.of("Your code is 123456")["price_factor"] == 1


def test_an_extension_character_has_a_kind_of_its_own():
    assert kinds("a[b]") == [[("a", "gsm"), ("[", "extended"), ("b", "gsm"), ("]", "extended")]]


def test_in_ucs_2_an_extension_character_costs_no_more_than_others():
    assert kinds("[ł") == [[("[", "gsm"), ("ł", "other")]]


def test_each_character_outside_gsm_7_is_named_with_its_replacement():
    (part,) = anatomy.of("it’s")["parts"]

    assert part[1] == {
        "text": "’",
        "kind": "other",
        "name": "RIGHT SINGLE QUOTATION MARK",
        "code_point": "U+2019",
        "replacement": "'",
    }


def test_a_long_text_splits_where_the_sender_splits_it():
    assert kinds("a" * 161) == [[("a" * 153, "gsm")], [("a" * 8, "gsm")]]
    assert anatomy.of("a" * 161)["price_factor"] == 2


def test_the_replacements_show_what_they_would_save():
    assert anatomy.of("’" + "a" * 99)["replaced"] == {"text": "'" + "a" * 99, "encoding": "GSM-7", "segments": 1}


@pytest.mark.parametrize("text", ["plain", "", "日本"])
def test_without_replacements_nothing_is_proposed(text):
    assert anatomy.of(text)["replaced"] is None


def test_an_empty_text_has_no_parts():
    assert anatomy.of("") == {"parts": [], "price_factor": 0, "replaced": None}


# The first text drawn builds Hypothesis's character tables, which a busy machine calls slow.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400))
def test_the_runs_add_up_to_the_text(text):
    assert "".join(run["text"] for part in anatomy.of(text)["parts"] for run in part) == text


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("a\tb", {"name": "TAB", "code_point": "U+0009", "replacement": " "}),
        (
            "cafe\u0301",
            {
                "name": "LATIN SMALL LETTER E + COMBINING ACUTE ACCENT",
                "code_point": "U+0065 U+0301",
                "replacement": "é",
            },
        ),
        ("cel·la", {"name": "MIDDLE DOT", "code_point": "U+00B7", "replacement": "."}),
    ],
)
def test_a_piece_outside_gsm_7_is_named_as_a_whole(text, run):
    (part,) = anatomy.of(text)["parts"]

    (other,) = [each for each in part if each["kind"] == "other"]
    assert {name: other[name] for name in run} == run
