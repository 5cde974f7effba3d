"""Bring a pool where a plan wants it: read, ask the plan, change, look again, until the plan has nothing left to do.

Every step starts from a fresh reading, so a request that is delivered again, or whose answer was lost, goes on from
where the pool really is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pool_attachment import memory
from pool_attachment.errors import AttachmentError, ChangedError, PassingError
from pool_attachment.patience import Patience
from pool_attachment.plan import Plan
from pool_attachment.pool import UserPool
from pool_attachment.settings import Settings
from pool_attachment.verify import differences, unlike_before, unlike_request

Decide = Callable[[Settings], Plan]


@dataclass(frozen=True)
class Sent:
    """An UpdateUserPool that has taken effect (`acknowledged`) or may have, and the pool as it was read just before."""

    before: Settings
    request: Mapping[str, Any]
    acknowledged: bool


@dataclass
class Change:
    """One pool on its way. `undo_when_unsure`: put it back, too, when it cannot be looked at after an update.

    `patience` is for the way there, `undo_patience` (longer) for the way back.
    """

    pool: UserPool
    decide: Decide
    patience: Patience
    undo_patience: Patience
    undo_when_unsure: bool
    sent: Sent | None = None
    mfa: Mapping[str, Any] | None = None

    def carry_out(self) -> str:
        """Returns what a person should know.

        Raises AttachmentError; the pool is then as it was before the update, or the text says how it is not.
        """
        try:
            return self._until_done()
        except AttachmentError as error:
            if self.sent and (self.undo_when_unsure or isinstance(error, ChangedError)):
                raise type(error)(f"{error} {self._undo(self.sent)}") from error
            raise

    def _until_done(self) -> str:
        note, attempt = "", 0
        while True:
            current = self.patience.repeat(self.pool.settings)
            plan = self.decide(current)
            if self.sent and (self.sent.acknowledged or plan.request is None):
                self._verify(self.sent, current)
            note = note or plan.note
            if plan.request is None:
                break
            attempt += 1
            # Only now: where there is nothing to change, a role without this right must not stand in the way.
            self.mfa = self.mfa if self.mfa is not None else self.patience.repeat(self.pool.mfa)
            self._send(current, plan.request, attempt)
        if plan.untag:
            self.patience.repeat(lambda: self.pool.untag(current.arn, plan.untag))
        return note

    def _send(self, before: Settings, request: Mapping[str, Any], attempt: int) -> None:
        """One attempt. What fails and may pass is only waited for: the next attempt starts from a new reading."""
        try:
            self.pool.update(request)
        except PassingError as error:
            if error.may_have_landed:
                self.sent = Sent(before, request, acknowledged=False)
            self.patience.wait(error, attempt)
        else:
            self.sent = Sent(before, request, acknowledged=True)

    def _verify(self, sent: Sent, after: Settings) -> None:
        changed = self._changed(sent.before, sent.request, after, self.patience)
        if changed:
            raise ChangedError(
                f"After the update these settings of user pool {after.pool_id} differ: {_some(changed)}."
            )

    def _undo(self, sent: Sent) -> str:
        """Write the settings from before the update back, once more in full. Returns a sentence; never raises."""
        before, again = sent.before, self.undo_patience
        request = {"UserPoolId": before.pool_id, **before.update}
        try:
            again.repeat(lambda: self.pool.update(request))
            after = again.repeat(self.pool.settings)
            if left := tuple(sorted(memory.TAGS & set(after.tags) - set(before.tags))):
                again.repeat(lambda: self.pool.untag(before.arn, left))
            changed = self._changed(before, request, after, again)
        except AttachmentError as error:
            return f"Putting the pool back failed ({error}); compare its settings with what they should be."
        return f"These could not be put back: {_some(changed)}." if changed else "The pool was put back as it was."

    def _changed(
        self, before: Settings, request: Mapping[str, Any], after: Settings, patience: Patience
    ) -> tuple[str, ...]:
        """Paths of everything that is not as the request, or else as before the request, has it."""
        mfa = patience.repeat(self.pool.mfa)
        return (
            *unlike_request(request, after),
            *unlike_before(self.pool.model, before, after),
            *(f"MFA {path}" for path in differences(self.mfa or {}, mfa)),
        )


def _some(paths: tuple[str, ...]) -> str:
    most = 15
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
