"""Phone numbers as people write them."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def display(number: str) -> str:
    """`+12065551212` as `+1 206-555-1212`; anything else is returned unchanged."""
    import phonenumbers  # noqa: PLC0415 - takes 30 ms, and only showing a number needs it

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
