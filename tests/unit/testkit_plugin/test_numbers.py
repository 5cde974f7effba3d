"""Each test has a phone number of its own, and none of them belongs to anybody."""

import itertools
import re

import phonenumbers
import pytest

from sms_redirect.testkit.numbers import AREA_CODES, numbers


def test_numbers_are_fictional_ones_of_valid_area_codes():
    for number in itertools.islice(numbers("a run"), 2000):
        assert re.fullmatch(r"\+1\d{3}55501\d\d", number)
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))


def test_area_codes_are_unique():
    assert len(set(AREA_CODES)) == len(AREA_CODES)


def test_no_number_occurs_twice_in_a_run():
    every = list(numbers("a run"))

    assert len(every) == len(set(every)) == 100 * len(AREA_CODES)


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_processes_of_a_run_share_no_number(workers):
    shares = [list(numbers("a run", worker, workers)) for worker in range(workers)]

    assert len(set().union(*shares)) == sum(len(share) for share in shares) == 100 * len(AREA_CODES)


def test_a_run_spreads_over_area_codes():
    """An area code has a hundred numbers only, and a pool may know those of the run before."""
    assert len({number[:5] for number in itertools.islice(numbers("a run"), 50)}) > 30


def test_two_runs_start_with_different_numbers():
    first, second = (set(itertools.islice(numbers(run), 50)) for run in ("one run", "another run"))

    assert len(first & second) < 5
