"""What IAM's evaluation sees of policies that change, second by second."""

import pytest

from sms_redirect.sandbox.emulator.iam import Principal
from sms_redirect.sandbox.harshness import Harshness
from sms_redirect.sandbox.propagation import Propagation

ACCOUNT = "123456789012"
ROLE = Principal("role", ACCOUNT, "sender")
READ, WRITE = ["read"], ["write"]


class Clock:
    def __init__(self):
        self.seconds = 1000.0

    def now(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def harshness():
    return Harshness(iam=3)


@pytest.fixture
def iam(clock, harshness):
    """`have(policies)` changes the role's; `seen()` is what counts."""

    class Iam:
        def __init__(self):
            self.propagation = Propagation(clock, harshness)
            self.policies = []

        def have(self, *policies):
            self.policies = list(policies)
            self.propagation.remember(ACCOUNT, {ROLE: self.policies})

        def seen(self):
            return self.propagation.seen(ROLE, self.policies)

    return Iam()


def test_a_new_policy_counts_after_three_seconds(iam, clock):
    iam.have(READ)

    at_once = iam.seen()
    clock.seconds += 2.9
    nearly = iam.seen()
    clock.seconds += 0.1

    assert (at_once, nearly, iam.seen()) == ([], [], [READ])


def test_a_changed_policy_is_the_old_one_until_then(iam, clock):
    iam.have(READ)
    clock.seconds += 60
    iam.have(WRITE)

    before = iam.seen()
    clock.seconds += 3

    assert (before, iam.seen()) == ([READ], [WRITE])


def test_a_removed_policy_counts_until_then(iam, clock):
    iam.have(READ)
    clock.seconds += 60
    iam.have()

    before = iam.seen()
    clock.seconds += 3

    assert (before, iam.seen()) == ([READ], [])


def test_a_policy_that_is_attached_again_is_missing_for_as_long_as_it_was(iam, clock):
    iam.have(READ)
    clock.seconds += 60
    iam.have()
    clock.seconds += 1
    iam.have(READ)

    seen = []
    for _ in range(4):
        seen.append(iam.seen())
        clock.seconds += 1

    assert seen == [[READ], [READ], [], [READ]]


def test_a_role_made_again_under_its_name_starts_anew(iam, clock):
    iam.have(READ)
    clock.seconds += 60
    iam.propagation.remember(ACCOUNT, {})
    clock.seconds += 10
    iam.have(READ)

    assert iam.seen() == []


def test_a_change_that_nobody_noted_counts_from_the_first_look_at_it(iam, clock):
    iam.policies = [READ]

    first = iam.seen()
    clock.seconds += 3

    assert (first, iam.seen()) == ([], [READ])


def test_another_account_is_another_matter(iam, clock):
    iam.have(READ)
    clock.seconds += 3
    iam.propagation.remember("210987654321", {})
    clock.seconds += 3

    assert iam.seen() == [READ]


def test_with_the_switch_off_everything_counts_at_once(iam, harshness):
    harshness.iam = 0
    iam.have(READ)

    assert iam.seen() == [READ]


def test_it_can_be_switched_on_later_without_forgetting(iam, clock, harshness):
    harshness.iam = 0
    iam.have(READ)
    clock.seconds += 60
    harshness.iam = 3

    assert iam.seen() == [READ]


def test_memory_does_not_grow_with_changes_of_long_ago(iam, clock):
    for number in range(5000):
        iam.have([str(number)])
        clock.seconds += 10

    assert len(iam.propagation._history[ROLE]) < 100
    assert iam.seen() == [["4999"]]
