"""Attach a pool, or detach it: one code path for CloudFormation's requests and for the command line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pool_attachment import retry, tags
from pool_attachment.change import SECOND_LOOK, Change
from pool_attachment.compare import Differences, differences, named, unlike_before, unlike_mfa
from pool_attachment.errors import AttachmentError, ChangedError, IncompleteError, PoolGoneError
from pool_attachment.plan import Sent, attach, detach, take_back, unclaim
from pool_attachment.pool import Aws, UserPool
from pool_attachment.request import Request
from pool_attachment.retry import Clock, Limits, Retry


@dataclass(frozen=True)
class Timing:
    """`end`: the moment of the clock after which nothing is tried again. `undo`: seconds before it that belong to an
    undo.
    """

    clock: Clock
    end: float
    undo: float
    attaching: Limits = retry.ATTACHING
    detaching: Limits = retry.DETACHING

    def to_attach(self) -> Retry:
        return Retry(self.clock, self.attaching, self.clock.now(), self.end - self.undo)

    def to_detach(self) -> Retry:
        return Retry(self.clock, self.detaching, self.clock.now(), self.end)


@dataclass(frozen=True)
class Outcome:
    """`changed`: the pool was changed; false if there was nothing to do. `note`: what a person should know."""

    changed: bool
    note: str


def attach_pool(request: Request, aws: Aws, timing: Timing) -> Outcome:
    """Raises AttachmentError; the text says how the pool was left."""
    pool, tries = aws.pool(request.attachment.pool_id), timing.to_attach()
    seen = tries.call(pool.settings)
    key = tries.call(partial(aws.key, request.attachment.key_arn, seen.key))
    change = Change(pool, lambda now: attach(now, request, key, pool.model), tries, insist=False)
    try:
        note = change.carry_out()
    except AttachmentError as error:
        if not change.sent and not change.claimed:
            raise
        undone, next_step = _undone(change, request, timing)
        raise IncompleteError(f"{error} {undone}", next_step) from error
    return Outcome(changed=change.sent is not None, note=" ".join([note, *not_covered(pool)]))


def detach_pool(request: Request, aws: Aws, timing: Timing) -> Outcome:
    """A pool that is gone needs nothing. Raises AttachmentError."""
    pool = aws.pool(request.attachment.pool_id)
    change = Change(pool, lambda now: detach(now, request, pool.model), timing.to_detach(), insist=True)
    try:
        note = change.carry_out()
    except PoolGoneError:
        return Outcome(changed=False, note=f"User pool {pool.pool_id} is gone; there is nothing to restore.")
    except ChangedError as error:
        raise ChangedError(f"The redirect is off. {error}") from error
    return Outcome(changed=change.changed, note=note)


def not_covered(pool: UserPool) -> list[str]:
    """A sentence if the pool is replicated: triggers and SMS settings are a region's own."""
    others = [f"{region} ({status})" for region, status in sorted(pool.replicas().items())]
    if not others:
        return []
    return [f"Not covered: the pool's replicas in {', '.join(others)} send real SMS. This is about {pool.region} only."]


def to_finish(pool_id: str, region: str) -> str:
    """What finishes a detach from any terminal, whatever became of the stack."""
    return f"To finish: sms-redirect detach --user-pool-id {pool_id} --region {region}"


def _undone(change: Change, request: Request, timing: Timing) -> tuple[str, str]:
    """Take back what an attach did to the pool; (what was and was not done, what finishes it).

    Never raises AttachmentError.
    """
    pool, sent, stack = change.pool, change.sent, request.attachment.stack
    back = Change(
        pool,
        lambda now: take_back(now, sent, pool.model) if sent else unclaim(now, stack),
        timing.to_detach(),
        insist=True,
    )
    try:
        back.carry_out()
        if sent and not back.sent:  # an update that was never acknowledged can still land
            timing.clock.sleep(SECOND_LOOK)
            back.carry_out()
        left = _unlike(sent, back) if sent else {}
    except PoolGoneError:
        return "The pool is gone.", ""
    except ChangedError as error:
        return f"The redirect was taken back. {error}", ""
    except AttachmentError as error:
        failed = f"Undoing it failed, so the redirect may still be on the pool ({error})."
        return failed, to_finish(pool.pool_id, pool.region)
    undone = ["The redirect was taken back."] if back.sent else []
    others = f"Not as before, and left as it is: {named(left)}." if left else "The pool is as it was."
    return " ".join([*undone, *back.notes, *back.incidents, others]), ""


def _unlike(sent: Sent, back: Change) -> Differences:
    """What is not as it was before the update, after all of it was taken back: edits of others."""
    mfa, now = back.restored_mfa(sent.mfa), back.retry.call(back.pool.settings)
    before = {**sent.before.update, "UserPoolTags": tags.without(sent.before.tags, {tags.ATTACHING})}
    return {
        **differences(before, now.update),
        **unlike_before(back.pool.model, sent.before, now),
        **unlike_mfa(sent.mfa, mfa),
    }
