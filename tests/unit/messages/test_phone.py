from __future__ import annotations

import pytest

from sms_redirect.messages.phone import display


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+12065551212", "+1 206-555-1212"),
        ("+4915112345678", "+49 1511 2345678"),
        ("12065551212", "12065551212"),
        ("", ""),
        ("+", "+"),
        ("\u202e+1", "\u202e+1"),
        ("not a number", "not a number"),
    ],
)
def test_a_number_is_formatted_and_anything_else_unchanged(number, shown):
    assert display(number) == shown
