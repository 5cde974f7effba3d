"""How harsh the sandbox is where AWS is and an emulator usually is not. Described for people in docs/sandbox.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Self

ALL = "all"
LONGEST = 600.0
_ON_OFF = {"on": True, "off": False}


@dataclass(slots=True)
class Harshness:
    """One switch per behaviour; any of them may change while the sandbox runs.

    The first three make trouble that AWS makes only sometimes, or only reportedly, so they wait for `--harsh`. The rest
    are plain rules of AWS and on from the start.
    """

    iam: float = 0.0
    """Seconds of the sandbox's clock after which a policy that was added, changed or removed counts."""
    deletes: bool = False
    """A stack whose resource cannot be deleted goes on and deletes what that resource needs."""
    cleanup: bool = False
    """What cannot be deleted in three tries after an update is left behind, and the update counts as a success."""
    rollback: bool = True
    """A stack in ROLLBACK_COMPLETE, or one that failed otherwise, can only be deleted."""
    change_sets: bool = True
    """A change set lists no resource whose condition is false."""

    @classmethod
    def full(cls) -> Self:
        """Every switch on; three seconds for IAM."""
        return cls(iam=3.0, deletes=True, cleanup=True)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`all`, or switches such as `iam=10,deletes,rollback=off`; without a value a switch is as in `all`.

        Raises:
            ValueError: the text says what was expected.
        """
        if text.strip() == ALL:
            return cls.full()
        given = [part.strip() for part in text.split(",") if part.strip()]
        if not given:
            raise ValueError(f"expected {ALL} or switches such as iam=10,deletes: {_listed()}")
        harshness = cls()
        for part in given:
            name, value = _switch(part)
            setattr(harshness, name, value)
        return harshness

    def set(self, name: str, value: object) -> None:
        """Change one switch.

        Raises:
            ValueError: there is no such switch, or it does not take this value.
        """
        if name not in _NAMES:
            raise ValueError(f"{name!r} is not a switch; there are {_listed()}")
        setattr(self, name, _CHECKS[name](value))

    def as_document(self) -> dict[str, float | bool]:
        """JSON: the name of each switch to its value."""
        return asdict(self)


def _switch(part: str) -> tuple[str, float | bool]:
    written, equals, text = part.partition("=")
    name = written.strip().replace("-", "_")
    if name not in _NAMES:
        raise ValueError(f"{written.strip()!r} is not a switch; there are {_listed()}")
    if not equals:
        return name, getattr(Harshness.full(), name)
    return name, _CHECKS[name](_ON_OFF.get(text.strip(), text.strip()))


def _seconds(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1.0
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST:
        raise ValueError(f"iam takes seconds from 0 to {LONGEST:.0f}, not {value!r}")
    return seconds


def _on_off(name: str) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is on or off (true or false), not {value!r}")  # noqa: TRY004 - as for a wrong number
        return value

    return check


_NAMES = tuple(each.name for each in fields(Harshness))
_CHECKS: dict[str, Callable[[object], float | bool]] = {
    name: _seconds if name == "iam" else _on_off(name) for name in _NAMES
}


def _listed() -> str:
    return ", ".join(_NAMES)
