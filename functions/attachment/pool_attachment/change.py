"""Bring a pool where a plan wants it: read, ask the plan, change, look again, until the plan has nothing left to do.

Every step starts from a fresh reading, so a request that is delivered again, or whose response was lost, goes on from
where the pool really is. Cognito has no versions: what somebody else changes between the reading and the update is
overwritten. So nothing but the UpdateUserPool itself stands between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pool_attachment.compare import (
    Differences,
    mfa_was_reset,
    named,
    unlike_before,
    unlike_mfa,
    unlike_request,
)
from pool_attachment.errors import AttachmentError, ChangedError, ContestedError, TransientError
from pool_attachment.plan import Plan, Sent
from pool_attachment.pool import UserPool
from pool_attachment.retry import Retry
from pool_attachment.settings import Settings

Decide = Callable[[Settings], Plan]

SECOND_LOOK = 3.0  # seconds after the update: longer than another stack's reading and update are apart
_MOST_ROUNDS = 3


@dataclass
class Change:
    """One pool on its way. `insist`: go on when somebody undoes the change at once (taking the redirect off never
    costs an owner a setting, putting it on again might).

    `sent`: the last update that has taken effect, or may have. `claimed`: the pool may carry our claim. `changed`: the
    pool was changed in some way. `notes` are the plan's; `incidents` what else a person should know.
    """

    pool: UserPool
    decide: Decide
    retry: Retry
    insist: bool
    sent: Sent | None = None
    claimed: bool = False
    changed: bool = False
    notes: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)

    def carry_out(self) -> str:
        """Returns what a person should know. Raises AttachmentError."""
        for _ in range(_MOST_ROUNDS):
            self._work_off()
            if self.sent is None or self._stands(self.sent):
                return " ".join([*self.notes, *self.incidents])
        raise ContestedError(f"User pool {self.pool.pool_id} does not stay as it was set: something changes it back.")

    def _work_off(self) -> None:
        """Until an update was acknowledged, or the plan has nothing left to do."""
        mfa: Mapping[str, Any] | None = None
        attempt = claims = 0
        while True:
            current = self.retry.call(self.pool.settings)
            plan = self.decide(current)
            self.notes = self.notes or [*filter(None, (plan.done, *plan.remarks))]
            if plan.request is None:
                self._untag(current, plan)
                return
            if plan.claim:
                claims += 1
                self._claim(current, plan, claims)
            elif mfa is None:
                # Before the reading that the update is made of, and only if there is something to change: a role
                # without this permission must not get in the way of a Delete with nothing to restore.
                mfa = self.retry.call(self.pool.mfa)
            else:
                attempt += 1
                # DescribeUserPool shows this one member of the MFA settings, too, and is one call younger.
                fresh = {name: value for name, value in current.raw.items() if name == "MfaConfiguration"}
                if self._send(Sent({**mfa, **fresh}, current, plan.request), attempt):
                    return
                mfa = None

    def _claim(self, current: Settings, plan: Plan, count: int) -> None:
        if count > _MOST_ROUNDS:
            raise ContestedError(f"Something keeps taking the tag {', '.join(plan.claim)} off the pool.")
        self.claimed = True
        self.retry.call(lambda: self.pool.tag(current.arn, plan.claim))

    def _untag(self, current: Settings, plan: Plan) -> None:
        if plan.untag:
            self.changed = True
            self.retry.call(lambda: self.pool.untag(current.arn, plan.untag))

    def _send(self, sent: Sent, attempt: int) -> bool:
        """One attempt; whether it was acknowledged. After a wait, the next one starts from a new reading."""
        try:
            self.pool.update(sent.request)
        except AttachmentError as error:
            if isinstance(error, TransientError) and error.may_have_landed:
                self.sent, self.changed = sent, True
            self.retry.wait(error, attempt)
            return False
        self.sent, self.changed = sent, True
        return True

    def _stands(self, sent: Sent) -> bool:
        """Look at the pool at once and again a few seconds later. False: our change was undone, and we insist.

        What is wrong both times counts; the first reading may be stale, and what differs only later is an edit of
        somebody else's, which stays.
        """
        at_once, _ = self._look(sent, restore_mfa=True)
        self.retry.clock.sleep(SECOND_LOOK)
        later, plan = self._look(sent, restore_mfa=False)
        if plan.request is not None:
            if self.insist or not later:
                return False
            raise ContestedError(
                f"Somebody else changed user pool {self.pool.pool_id} in the same seconds, and the redirect is not on "
                f"it: {named(later)}."
            )
        if lasting := {path: values for path, values in later.items() if path in at_once}:
            differ = f"After the update these settings of user pool {self.pool.pool_id} differ: {named(lasting)}."
            raise ChangedError(" ".join([differ, *self.incidents]))
        if later:
            self.incidents.append(f"Somebody else has just changed {named(later)}; that was left as it is.")
        return True

    def _look(self, sent: Sent, *, restore_mfa: bool) -> tuple[Differences, Plan]:
        mfa = self.restored_mfa(sent.mfa) if restore_mfa else self.retry.call(self.pool.mfa)
        after = self.retry.call(self.pool.settings)
        plan = self.decide(after)
        if plan.request is None:
            self._untag(after, plan)
        model = self.pool.model
        found = {
            **unlike_request(sent.request, after),
            **unlike_before(model, sent.before, after),
            **unlike_mfa(sent.mfa, mfa),
        }
        return found, plan

    def restored_mfa(self, before: Mapping[str, Any]) -> Mapping[str, Any]:
        """The MFA settings of now, put back first if they were reset.

        UpdateUserPool was not given MfaConfiguration, and should have kept it: docs/cognito-facts.md, "UpdateUserPool".
        SetUserPoolMfaConfig replaces all MFA settings, so it gets all that GetUserPoolMfaConfig showed, whose shape is
        the same: UpdateUserPool could switch SMS MFA on for good in a pool without it, and cannot make MFA required. It
        may cost one test SMS (API SetUserPoolMfaConfig, "This action might generate an SMS text message").
        """
        now = self.retry.call(self.pool.mfa)
        if not mfa_was_reset(before, now):
            return now
        try:
            self.retry.call(lambda: self.pool.set_mfa(before))
        except AttachmentError as error:
            self.incidents.append(f"The pool's MFA settings were reset, and could not be put back: {error}")
            return now
        self.incidents.append("UpdateUserPool had reset the pool's MFA settings; they were put back.")
        return self.retry.call(self.pool.mfa)
