"""A sandbox's controls for the inbox's tests, without a sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gallery_pools import POOL_ID
from sms_redirect.inbox.sources import FaultState, NotThere, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sms_redirect.inbox.sources import FaultName

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MODES: dict[FaultName, tuple[str, ...]] = {
    "sender": ("none", "throttle", "fail"),
    "user-pools": ("none", "sms-role-trust", "sms-role-publish", "concurrent", "throttle", "lost-answer"),
}


def user(name: str, status: str = "CONFIRMED", **changes: str | None) -> User:
    known = {"phone_number": "+12065550100", "email": f"{name}@example.com", **changes}
    return User(name, f"sub-of-{name}", status, enabled=True, created_at=NOON, **known)  # type: ignore[arg-type]


class FakeControls:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.enabled = True
        self.faults: dict[FaultName, tuple[str, int]] = {"sender": ("none", 0), "user-pools": ("none", 0)}
        self.people = [user("alice"), user("jonas", "UNCONFIRMED", email=None)]

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def ahead(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def limits(self) -> bool:
        return self.enabled

    def limit(self, *, enabled: bool) -> None:
        self.enabled = enabled

    def fault(self, name: FaultName) -> FaultState:
        mode, times = self.faults[name]
        return FaultState(mode, times, MODES[name])

    def set_fault(self, name: FaultName, mode: str, times: int) -> None:
        self.faults[name] = (mode, times)

    def users(self, pool_id: str) -> Sequence[User]:
        if pool_id != POOL_ID:
            raise NotThere("There is no such user pool here.")
        return list(self.people)

    def delete_user(self, pool_id: str, user_name: str) -> None:
        found = [each for each in self.users(pool_id) if each.user_name == user_name]
        if not found:
            raise NotThere("No such user.")
        self.people.remove(found[0])
