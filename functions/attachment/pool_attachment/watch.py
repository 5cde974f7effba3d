"""What the watch makes of what it sees: notices, what to remember, whether to end the redirect. No calls, no clock.

Each trouble is told once when it begins or changes, and once more when it is over. What could not be looked at stays
as it was.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

_WARNED_BEFORE = timedelta(hours=1)
_MOST_OTHERS = 36  # of six characters and a space, in the 256 of a tag
_MOST_LISTED = 10
_MARK = re.compile(r"(?P<since>[0-9]{1,11})/(?P<print>[0-9a-f]{6})(?P<told>[+-])")


@dataclass(frozen=True)
class Mark:
    """Something that is so since a time. `told`: subscribers know. `print`: tells one form of it from another."""

    since: datetime
    print: str = "000000"
    told: bool = False

    def __str__(self) -> str:
        return f"{_seconds(self.since)}/{self.print}{'+' if self.told else '-'}"

    @classmethod
    def read(cls, text: str) -> Mark | None:
        found = _MARK.fullmatch(text)
        if not found:
            return None
        return cls(datetime.fromtimestamp(int(found["since"]), UTC), found["print"], found["told"] == "+")


@dataclass(frozen=True)
class State:
    """What the last run knew of one pool.

    `on`: since when the redirect was seen on the pool. `warned`: subscribers know that it ends soon. `ended`: it was
    ended by the watch. `troubles`: by name (redirect, key, queue, readers, end). `others`: fingerprints of confirmed
    addresses that are not parameters of the stack; the topic forgets such an address without a trace.
    """

    pool_id: str
    on: datetime | None = None
    warned: bool = False
    ended: Mark | None = None
    troubles: Mapping[str, Mark] = field(default_factory=dict)
    others: frozenset[str] = frozenset()

    def encoded(self) -> str:
        """At most 256 letters, digits, spaces and `_ . / = + - @`: the value of a tag."""
        words = [f"pool={self.pool_id}"]
        words += [f"on={_seconds(self.on)}"] if self.on else []
        words += ["warned=1"] if self.warned else []
        words += [f"ended={self.ended}"] if self.ended else []
        return " ".join([*words, *(f"{name}={mark}" for name, mark in sorted(self.troubles.items()))])

    def encoded_others(self) -> str:
        """As `encoded`: the first 36, in the order of their fingerprints."""
        return " ".join(sorted(self.others)[:_MOST_OTHERS])

    @classmethod
    def read(cls, text: str, pool_id: str, others: str = "") -> State:
        """From both encoded texts. Without a state of this pool, as if it were the first run."""
        values = dict(word.split("=", 1) for word in text.split() if "=" in word)
        if values.get("pool") != pool_id:
            return cls(pool_id)
        on = values.get("on", "")
        marks = {name: mark for name in TROUBLES if (mark := Mark.read(values.get(name, "")))}
        return cls(
            pool_id,
            on=datetime.fromtimestamp(int(on), UTC) if re.fullmatch("[0-9]{1,11}", on) else None,
            warned=values.get("warned") == "1",
            ended=Mark.read(values.get("ended", "")),
            troubles=marks,
            others=frozenset(re.findall(r"\b[0-9a-f]{6}\b", others)),
        )


@dataclass(frozen=True)
class PoolSeen:
    """`on`: our trigger is on the pool. `sender`: whose is, if not. `changed`: when the pool was last changed."""

    on: bool
    sender: str | None = None
    changed: datetime | None = None
    gone: bool = False


@dataclass(frozen=True)
class Seen:
    """One look; None for what could not be looked at. `key`: its KeyState. `lost`: events in the failure queue."""

    now: datetime
    pool: PoolSeen | None
    key: str | None
    lost: int | None
    readers: Readers | None


@dataclass(frozen=True)
class Readers:
    """The email subscribers.

    `pending`: addresses that have not confirmed, or were set back to pending. `dropped`: parameters of the stack that
    are not subscribed. `others`: fingerprints of the confirmed addresses that are not parameters of the stack.
    """

    pending: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class News:
    """One notice. `since`: when what it tells began. `told`: the state if the topic takes it; `untold`: if not."""

    name: str
    text: str
    since: datetime
    told: State
    untold: State


TROUBLES = ("redirect", "key", "queue", "readers", "end")


def begin(state: State, seen: Seen) -> State:
    """Note that the redirect is on: anew, if it was off, ended or never seen."""
    if seen.pool is None or not seen.pool.on:
        return state
    if state.on is None or state.ended or "redirect" in state.troubles:
        return replace(state, on=seen.now, warned=False, ended=None)
    return state


def presume_end(state: State, seen: Seen, hours: float) -> State:
    """A redirect that is off when the watch was about to end it was ended by a run that did not live to note it."""
    due = due_at(state, hours)
    off = seen.pool is not None and not seen.pool.on and not seen.pool.gone and seen.pool.sender is None
    return after_end(state, seen.now) if off and state.warned and due and due <= seen.now else state


def news(state: State, seen: Seen) -> Iterator[News]:
    """What has changed since the state. Each item is made from `state` alone."""
    for name, (trouble, form) in _troubles(state, seen).items():
        known = state.troubles.get(name)
        if trouble is None:
            if known:
                well = _without(state, name)
                # Nobody was told of it, so nobody is told of its end.
                text = _well_again(name, state, known, seen.now)
                yield News(name, text, known.since, well, state if known.told else well)
            continue
        mark = Mark(known.since if known else _since(name, seen), _fingerprint(form), told=True)
        if known != mark:
            told = _with(state, name, mark)
            untold = _with(state, name, replace(mark, told=False))
            yield News(name, f"{trouble} {_NEXT_STEPS[name]}", mark.since, told, untold)
    if state.ended and not state.ended.told:
        told = replace(state, ended=replace(state.ended, told=True))
        yield News("ended", _ended(state, state.ended.since), state.ended.since, told, state)
    if seen.readers is not None and (gone := _gone(state, seen.readers)):
        text = f"{_counted(len(gone), 'email address')} that somebody subscribed with sms-redirect subscribe "
        text += f"no longer gets this stack's SMS: unsubscribed, or dropped by SNS. {_NEXT_STEPS['readers']}"
        yield News("gone", text, seen.now, replace(state, others=state.others - gone), state)


def merged(state: State, after: State, name: str) -> State:
    """`state` with what the item of that name is about taken from `after`."""
    if name in ("ending", "ended"):
        return replace(state, warned=after.warned, ended=after.ended)
    if name == "gone":
        return replace(state, others=after.others)
    troubles = {key: mark for key, mark in state.troubles.items() if key != name}
    if name in after.troubles:
        troubles[name] = after.troubles[name]
    return replace(state, troubles=troubles)


def ending(state: State, now: datetime, hours: float) -> News | None:
    """The warning before the end, if it is time and nobody was warned yet."""
    due = due_at(state, hours)
    if due is None or state.warned or now < due - min(_WARNED_BEFORE, timedelta(hours=hours) / 2):
        return None
    when = f"at {_time(due)}" if due > now else "the next time the watch runs"
    text = (
        f"The redirect of user pool {state.pool_id} ends {when} (DetachAfterHours={hours:g}). From then on its SMS "
        "reach real phones. To keep it, deploy the stack with another DetachAfterHours."
    )
    # If the topic does not take the warning, the end still comes when it is due.
    return News("ending", text, due, replace(state, warned=True), replace(state, warned=due <= now))


def is_over(state: State, now: datetime, hours: float) -> bool:
    """Whether to end the redirect now."""
    due = due_at(state, hours)
    return due is not None and state.warned and now >= due


def due_at(state: State, hours: float) -> datetime | None:
    if hours <= 0 or state.on is None or state.ended or "redirect" in state.troubles:
        return None
    return state.on + timedelta(hours=hours)


def settled(state: State, now: datetime, hours: float) -> State:
    """Without the trouble of an end that is no longer due: the hours changed, or somebody took the redirect off."""
    due = due_at(state, hours)
    return state if due and now >= due else _without(state, "end")


def after_end(state: State, now: datetime) -> State:
    return replace(_without(state, "end"), ended=Mark(now), warned=False)


def failed_end(state: State, now: datetime, reason: str) -> News | None:
    """None if that was told already. The reason may name times and ids, so a different one is not another trouble."""
    known = state.troubles.get("end")
    if known and known.told:
        return None
    mark = Mark(known.since if known else now, told=True)
    text = (
        f"The redirect of user pool {state.pool_id} should have ended, and is still on: {reason} {_NEXT_STEPS['end']}"
    )
    untold = _with(state, "end", replace(mark, told=False))
    return News("end", text, mark.since, _with(state, "end", mark), untold)


def _troubles(state: State, seen: Seen) -> dict[str, tuple[str | None, str]]:
    """What is wrong by name, and what tells one form of it from another; None if it is well."""
    found: dict[str, tuple[str | None, str]] = {}
    if seen.pool is not None and state.on is not None and not state.ended:
        found["redirect"] = _of_pool(state.pool_id, seen)
    if seen.key is not None:
        well = seen.key == "Enabled"
        says = f"The redirect's KMS key is not usable ({seen.key}): SMS can neither be decrypted nor published."
        found["key"] = (None if well else says, seen.key)
    if seen.lost is not None:
        says = f"{seen.lost} SMS could not be published. Their events are in the failure queue."
        found["queue"] = (says if seen.lost else None, "")
    if seen.readers is not None:
        found["readers"] = _of_readers(seen.readers)
    return found


def _of_pool(pool_id: str, seen: Seen) -> tuple[str | None, str]:
    pool = seen.pool
    if pool is None or pool.on:
        return None, ""
    if pool.gone:
        return f"User pool {pool_id} does not exist any more.", "gone"
    since = _since("redirect", seen)
    if pool.sender:
        says = f"SMS of user pool {pool_id} go to the function {pool.sender} since {_time(since)}"
    else:
        says = f"SMS of user pool {pool_id} reach real phones since {_time(since)}"
    return f"{says}: something took the redirect off then, or earlier.", pool.sender or ""


def _of_readers(readers: Readers) -> tuple[str | None, str]:
    says = []
    if readers.pending:
        says.append(f"Not confirmed, so without SMS: {_listed(readers.pending)}.")
    if readers.dropped:
        says.append(f"Not subscribed any more, so without SMS: {_listed(readers.dropped)}.")
    form = f"{sorted(readers.pending)} {sorted(readers.dropped)}"
    return " ".join(says) or None, form


_NEXT_STEPS = {
    "redirect": "To put it back: sms-redirect attach, or deploy the stack with a new text as AttachAgain.",
    "key": "Enable it (aws kms enable-key; if its deletion is scheduled, aws kms cancel-key-deletion first).",
    "queue": "Read them with aws sqs receive-message; each says why. sms-redirect doctor finds the cause.",
    "readers": (
        "To subscribe again: sms-redirect subscribe ADDRESS, then sms-redirect confirm LINK. More than ten SMS a "
        "second set an email subscription back to pending: read the SMS of a load test through a queue."
    ),
    "end": "The watch keeps trying. By hand: sms-redirect detach.",
}


def _well_again(name: str, state: State, known: Mark, now: datetime) -> str:
    between = f"from {_time(known.since)} to {_time(now)}"
    texts = {
        "redirect": f"Well again: SMS of user pool {state.pool_id} are redirected. They were not {between}.",
        "key": f"Well again: the KMS key of the redirect is enabled. It was not {between}.",
        "queue": f"Well again: the failure queue is empty. It was not {between}.",
        "readers": f"Well again: no subscription is pending or missing. One was {between}.",
    }
    return texts[name]


def _ended(state: State, at: datetime) -> str:
    return (
        f"The redirect of user pool {state.pool_id} ended at {_time(at)} (DetachAfterHours). Its SMS reach real phones "
        "again, and the pool is as it was before. Delete the stack, or put the redirect back: sms-redirect attach."
    )


def _since(name: str, seen: Seen) -> datetime:
    """A pool says when it was last changed. Everything else began at an unknown time before this look."""
    if name == "redirect" and seen.pool and seen.pool.changed and not seen.pool.gone:
        return min(seen.pool.changed, seen.now)
    return seen.now


def _with(state: State, name: str, mark: Mark) -> State:
    return replace(state, troubles={**state.troubles, name: mark})


def _without(state: State, name: str) -> State:
    return replace(state, troubles={key: mark for key, mark in state.troubles.items() if key != name})


def addresses(confirmed: Iterable[str], pending: Iterable[str], expected: Iterable[str]) -> Readers:
    """From what the topic lists, whatever the case."""
    here, waiting, wanted = ({each.casefold(): each for each in some} for some in (confirmed, pending, expected))
    return Readers(
        pending=_sorted(waiting, waiting.keys() - here.keys()),
        dropped=_sorted(wanted, wanted.keys() - here.keys() - waiting.keys()),
        others=frozenset(_fingerprint(each) for each in here.keys() - wanted.keys()),
    )


def _sorted(spelled: Mapping[str, str], keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(spelled[key] for key in keys))


def know(state: State, seen: Seen) -> State:
    """Note new confirmed addresses."""
    return state if seen.readers is None else replace(state, others=state.others | seen.readers.others)


def _gone(state: State, readers: Readers) -> frozenset[str]:
    """An address that is pending again is told of as such, and may still come back."""
    return state.others - readers.others - {_fingerprint(each.casefold()) for each in readers.pending}


def _listed(addresses: tuple[str, ...]) -> str:
    more = f" and {len(addresses) - _MOST_LISTED} more" if len(addresses) > _MOST_LISTED else ""
    return ", ".join(addresses[:_MOST_LISTED]) + more


def _counted(number: int, noun: str) -> str:
    return {1: f"1 {noun}"}.get(number, f"{number} {noun}es")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
