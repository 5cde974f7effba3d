"""What the watch tells, when, and how often: every look of a time line, with subscribers that hear it or do not."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from pool_attachment.watch import (
    TROUBLES,
    Mark,
    PoolSeen,
    Readers,
    Seen,
    State,
    addresses,
    after_end,
    begin,
    ending,
    failed_end,
    is_over,
    know,
    merged,
    news,
    presume_end,
)

POOL = "eu-west-1_AbCdEfGhI"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ON, OFF = PoolSeen(on=True), PoolSeen(on=False)
WELL = {"pool": ON, "key": "Enabled", "lost": 0, "readers": Readers()}


def seen(minutes=0, **different):
    return Seen(now=NOON + timedelta(minutes=minutes), **{**WELL, **different})


class Watch:
    """Looks one after the other; each state goes through its tag."""

    def __init__(self):
        self.state = State(POOL)

    def look(self, minutes=0, *, heard=True, **different):
        look = seen(minutes, **different)
        state, texts = know(begin(self.state, look), look), []
        for each in news(state, look):
            texts.append(each.text)
            state = merged(state, each.told if heard else each.untold, each.name)
        self.state = State.read(state.encoded(), POOL, state.encoded_others())
        assert self.state == state
        return texts


@pytest.fixture
def watch():
    watch = Watch()
    assert watch.look() == []
    return watch


TROUBLE = {
    "redirect": {"pool": OFF},
    "key": {"key": "Disabled"},
    "key that goes": {"key": "PendingDeletion"},
    "queue": {"lost": 3},
    "readers": {"readers": Readers(pending=("qa@example.com",))},
}


@pytest.mark.parametrize("name", TROUBLE)
def test_each_trouble_is_told_once_and_once_more_when_it_is_over(watch, name):
    [told] = watch.look(15, **TROUBLE[name])
    assert watch.look(30, **TROUBLE[name]) == []
    [well] = watch.look(45)
    assert watch.look(60) == []

    assert told
    assert well.startswith("Well again")
    assert "from 2026-11-25 12:15 UTC to 2026-11-25 12:45 UTC" in well


@pytest.mark.parametrize("name", TROUBLE)
def test_what_nobody_heard_is_told_again_until_somebody_does(watch, name):
    assert len(watch.look(15, heard=False, **TROUBLE[name])) == 1
    [later] = watch.look(30, **TROUBLE[name])
    assert watch.look(45, **TROUBLE[name]) == []
    assert len(watch.look(60, heard=False)) == 1
    assert len(watch.look(75)) == 1
    assert later


@pytest.mark.parametrize("name", TROUBLE)
def test_what_could_not_be_looked_at_is_no_news(watch, name):
    [field] = TROUBLE[name]
    watch.look(15, **TROUBLE[name])

    assert watch.look(30, **{field: None}) == []
    assert watch.look(45, **TROUBLE[name]) == []


def test_a_redirect_that_was_taken_off_says_since_when_real_phones_ring(watch):
    changed = PoolSeen(on=False, changed=NOON + timedelta(minutes=7))

    [told] = watch.look(15, pool=changed)

    assert told.startswith(f"SMS of user pool {POOL} reach real phones since 2026-11-25 12:07 UTC: ")
    assert "sms-redirect attach" in told


def test_of_another_function_it_is_not_said_that_phones_ring(watch):
    theirs = "arn:aws:lambda:eu-west-1:123456789012:function:theirs"

    [told] = watch.look(15, pool=PoolSeen(on=False, sender=theirs))

    assert f"go to the function {theirs}" in told
    assert "real phones" not in told


def test_a_pool_that_never_carried_the_redirect_is_no_trouble():
    """A stack that is half made, or that failed."""
    assert Watch().look(pool=OFF) == []


def test_a_pool_that_is_gone_is_said(watch):
    [told] = watch.look(15, pool=PoolSeen(on=False, gone=True))

    assert "does not exist any more" in told


def test_another_address_in_trouble_is_another_notice(watch):
    watch.look(15, readers=Readers(pending=("a@example.com",)))

    [told] = watch.look(30, readers=Readers(pending=("a@example.com",), dropped=("b@example.com",)))

    assert "a@example.com" in told
    assert "Not subscribed any more, so without SMS: b@example.com" in told
    assert "More than ten SMS a second" in told


def test_an_address_is_pending_dropped_or_well():
    found = addresses(confirmed=["a@x.org", "c@x.org"], pending=["b@x.org", "c@x.org"], expected=["A@x.org", "d@x.org"])

    assert (found.pending, found.dropped, len(found.others)) == (("b@x.org",), ("d@x.org",), 1)


def test_an_address_that_somebody_else_subscribed_is_missed_once(watch):
    both = addresses(confirmed=["a@x.org", "b@x.org", "qa@x.org"], pending=(), expected=["qa@x.org"])
    pending = addresses(confirmed=["a@x.org", "qa@x.org"], pending=["b@x.org"], expected=["qa@x.org"])
    gone = addresses(confirmed=["a@x.org", "qa@x.org"], pending=(), expected=["qa@x.org"])
    assert watch.look(15, readers=both) == []
    assert ["Not confirmed" in each for each in watch.look(30, readers=pending)] == [True]

    told = watch.look(45, readers=gone)

    assert [each.partition(" ")[0] for each in told] == ["Well", "1"]
    assert watch.look(60, readers=gone) == []
    assert watch.look(75, readers=both) == []
    assert watch.look(90, readers=gone, heard=False) == watch.look(90, readers=gone)


def test_more_addresses_than_a_tag_holds_are_no_news(watch):
    many = addresses(confirmed=[f"{each}@x.org" for each in range(50)], pending=(), expected=())
    state = know(State(POOL), seen(readers=many))

    assert len(state.encoded_others().split()) == 36
    assert len(state.encoded_others()) == 36 * 7 - 1
    assert list(news(State.read(state.encoded(), POOL, state.encoded_others()), seen(readers=many))) == []


def test_the_state_of_another_pool_or_garbage_is_a_beginning():
    state = State("eu-west-1_Other", on=NOON, troubles={"key": Mark(NOON)})

    assert State.read(state.encoded(), POOL) == State(POOL)
    for text in ("", "pool", f"pool={POOL} on=soon key=1/zz- ended=", "= = ="):
        assert State.read(text, POOL) == State(POOL)


def test_the_largest_state_fits_into_a_tag():
    """Tagging in the SNS API reference: 256 characters. A pool's id has at most 55."""
    marks = {name: Mark(NOON, "abcdef", told=True) for name in TROUBLES}

    text = State("x" * 55, on=NOON, warned=True, ended=Mark(NOON, told=True), troubles=marks).encoded()

    assert len(text) <= 256
    assert re.fullmatch(r"[A-Za-z0-9 _./=+\-@:]*", text)


def test_many_addresses_are_named_in_part(watch):
    [told] = watch.look(15, readers=Readers(pending=tuple(f"{each}@example.com" for each in range(30))))

    assert "9@example.com and 20 more" in told
    assert "10@example.com" not in told


def test_ten_addresses_are_all_named(watch):
    [told] = watch.look(15, readers=Readers(dropped=tuple(f"{each}@example.com" for each in range(10))))

    assert "8@example.com, 9@example.com. To subscribe" in told


class TestEnding:
    @pytest.fixture
    def attached(self):
        return begin(State(POOL), seen())

    def test_never_without_hours(self, attached):
        assert ending(attached, NOON + timedelta(days=99), 0) is None
        assert not is_over(attached, NOON + timedelta(days=99), 0)

    def test_is_told_an_hour_before_once(self, attached):
        assert ending(attached, NOON + timedelta(hours=6, minutes=59), 8) is None

        word = ending(attached, NOON + timedelta(hours=7), 8)

        assert "ends at 2026-11-25 20:00 UTC (DetachAfterHours=8)" in word.text
        assert ending(word.told, NOON + timedelta(hours=7, minutes=15), 8) is None
        assert not is_over(word.told, NOON + timedelta(hours=7, minutes=59), 8)
        assert is_over(word.told, NOON + timedelta(hours=8), 8)

    def test_of_one_hour_the_word_comes_at_half_time(self, attached):
        assert ending(attached, NOON + timedelta(minutes=29), 1) is None
        assert ending(attached, NOON + timedelta(minutes=30), 1)

    def test_a_late_look_warns_first(self, attached):
        late = NOON + timedelta(hours=9)

        assert not is_over(attached, late, 8)
        assert "the next time the watch runs" in ending(attached, late, 8).text

    def test_a_word_that_reaches_nobody_does_not_keep_the_redirect_on(self, attached):
        early, late = NOON + timedelta(hours=7), NOON + timedelta(hours=8)

        assert not ending(attached, early, 8).untold.warned
        assert is_over(ending(attached, late, 8).untold, late, 8)

    def test_after_the_end_there_is_one_word_and_no_trouble(self, attached):
        warned = ending(attached, NOON + timedelta(hours=7), 8).told
        state = after_end(warned, NOON)
        assert (warned.warned, state.warned) == (True, False)

        [word] = news(state, seen(15, pool=OFF))

        assert word.name == "ended"
        assert "ended at 2026-11-25 12:00 UTC" in word.text
        assert list(news(word.told, seen(30, pool=OFF))) == []
        assert list(news(word.untold, seen(30, pool=OFF))) == [word]

    @pytest.mark.parametrize(
        ("minutes", "pool", "presumed"),
        [
            (480, OFF, True),
            (479, OFF, False),
            (480, ON, False),
            (480, None, False),
            (480, PoolSeen(on=False, gone=True), False),
            (480, PoolSeen(on=False, sender="theirs"), False),
        ],
    )
    def test_a_run_that_died_after_the_end_is_not_taken_for_somebody_else(self, attached, minutes, pool, presumed):
        warned = ending(attached, NOON + timedelta(hours=7), 8).told

        state = presume_end(warned, seen(minutes, pool=pool), 8)

        assert bool(state.ended) == presumed
        assert presume_end(attached, seen(minutes, pool=pool), 8) == attached

    def test_half_an_hour_is_possible(self, attached):
        assert "(DetachAfterHours=0.5)" in ending(attached, NOON + timedelta(minutes=20), 0.5).text

    def test_a_redirect_that_was_put_back_begins_anew(self, attached):
        ended = after_end(attached, NOON + timedelta(hours=8))

        again = begin(ended, seen(600))

        assert again == State(POOL, on=NOON + timedelta(minutes=600))

    def test_while_somebody_took_it_off_there_is_nothing_to_end(self, attached):
        [off] = news(attached, seen(15, pool=OFF))

        assert ending(off.told, NOON + timedelta(hours=9), 8) is None

    def test_an_end_that_fails_is_told_once(self, attached):
        word = failed_end(attached, NOON, "UpdateUserPool: denied.")

        assert "denied" in word.text
        assert "sms-redirect detach" in word.text
        assert failed_end(word.told, NOON, "UpdateUserPool: denied, again.") is None
        assert failed_end(word.untold, NOON, "UpdateUserPool: denied.")
        assert "end" not in after_end(word.told, NOON).troubles
