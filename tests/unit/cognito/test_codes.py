"""One-time codes: docs/cognito-facts.md, "Codes and attempts"."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.state.codes import DAY, HOUR, Codes
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.errors import CognitoError

PHONE = "+12065551212"
KEY = ("sign-up", "pool", "sub")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def codes(store, clock):
    return Codes(store, clock)


def refused_as(code, check):
    with pytest.raises(CognitoError) as refusal:
        check()
    return refusal.value.code == code


@pytest.mark.parametrize("digits", [6, 8])
def test_a_code_is_that_many_digits_and_nobody_can_guess_it(codes, digits):
    issued = {codes.issue(("k", n), PHONE, digits=digits) for n in range(200)}

    assert all(len(code) == digits and code.isdecimal() for code in issued)
    assert len(issued) > 190


def test_the_right_code_stays_right_until_it_is_used(codes):
    code = codes.issue(KEY, PHONE)

    codes.check(KEY, code)
    codes.check(KEY, code)
    codes.use(KEY, code)

    assert refused_as("ExpiredCodeException", lambda: codes.check(KEY, code))


@pytest.mark.parametrize("wrong", ["000000x", "", "１２３４５６"])
def test_any_other_code_is_a_mismatch_and_spends_nothing(codes, wrong):
    code = codes.issue(KEY, PHONE)

    assert refused_as("CodeMismatchException", lambda: codes.check(KEY, wrong))
    codes.check(KEY, code)


def test_a_code_that_many_use_at_once_opens_once(codes):
    code = codes.issue(KEY, PHONE)

    def use(_):
        try:
            codes.use(KEY, code)
        except CognitoError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(use, range(50))) == 1


def test_a_new_code_replaces_the_old_one(codes):
    old, new = codes.issue(KEY, PHONE), codes.issue(KEY, PHONE)
    while new == old:
        new = codes.issue(KEY, PHONE)

    assert refused_as("CodeMismatchException", lambda: codes.check(KEY, old))
    codes.check(KEY, new)


def test_a_code_expires_at_its_time_and_not_before(codes, clock):
    code = codes.issue(KEY, PHONE, valid_for=HOUR)

    clock.advance(HOUR - 60)
    codes.check(KEY, code)
    clock.advance(61)

    assert refused_as("ExpiredCodeException", lambda: codes.check(KEY, code))


def test_codes_for_different_things_do_not_open_each_other(codes):
    code = codes.issue(("sign-up", "pool", "sub"), PHONE)

    assert refused_as("ExpiredCodeException", lambda: codes.check(("recovery", "pool", "sub"), code))


@pytest.mark.parametrize("number", ["+12065550100", "+12065550199"])
def test_a_test_number_gets_the_test_code_at_the_asked_length(clock, number):
    codes = Codes(Store(), clock, test_code="424242")

    assert codes.issue(KEY, number) == "424242"
    assert codes.issue(KEY, number, digits=8) == "42424242"


@pytest.mark.parametrize("number", ["+12065550200", "+12065560100", "+442065550100", "+120655501000"])
def test_no_other_number_gets_the_test_code(clock, number):
    codes = Codes(Store(), clock, test_code="424242")

    assert {codes.issue(KEY, number) for _ in range(5)} != {"424242"}


def vars_of(value):
    return {name: getattr(value, name) for name in value.__slots__}


def test_a_code_is_kept_as_a_hash(store, codes):
    code = codes.issue(KEY, PHONE)

    assert code not in repr([vars_of(kept) for kept in store.codes.all()])


def test_the_clock_goes_forward_only(clock):
    before = clock.now()

    assert clock.advance(DAY) >= before + DAY
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
