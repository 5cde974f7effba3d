"""`Custom::UserPoolAttachment`: puts the redirect's trigger on an existing user pool, and gives the pool back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from pool_attachment.alarm import alarm
from pool_attachment.change import Change, Decide
from pool_attachment.errors import AttachmentError, OutOfTimeError, PoolGoneError
from pool_attachment.patience import Clock, Patience
from pool_attachment.plan import attach, detach
from pool_attachment.pool import Aws
from pool_attachment.refusals import refuse_other_region
from pool_attachment.request import Envelope, Kind, Request, physical_id, read_envelope, read_request
from pool_attachment.response import Answer, Put, put_to_url, send

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

_LONGEST_WORK = 120.0  # seconds: what IAM needs to tell everybody about a new role
_RESERVE = 35.0  # seconds for the answer (its attempts may take 28), and as many for the way back


@dataclass(frozen=True)
class Schedule:
    """How long to try, to put back, and when to give up (seconds from now for `alarm`, moments of the clock else)."""

    patience: Patience
    undo_patience: Patience
    alarm: float | None

    @classmethod
    def of(cls, context: Any, clock: Clock) -> Schedule:
        remaining = getattr(context, "get_remaining_time_in_millis", lambda: None)()
        left = _LONGEST_WORK * 2 if remaining is None else remaining / 1000
        reserve = min(_RESERVE, left / 4)
        now = clock.now()
        return cls(
            patience=Patience(clock, now + min(_LONGEST_WORK, left - 2 * reserve)),
            undo_patience=Patience(clock, now + min(_LONGEST_WORK + reserve, left - reserve)),
            alarm=None if remaining is None else left - reserve,
        )


def handler(event: Mapping[str, Any], context: Any) -> None:
    """Lambda's entry. Always answers CloudFormation; raises only when that is impossible."""
    serve(event, context, connect=Aws.connect, clock=Clock(), put=put_to_url)


def serve(event: Mapping[str, Any], context: Any, *, connect: Callable[[], Aws], clock: Clock, put: Put) -> None:
    envelope = read_envelope(event)
    schedule = Schedule.of(context, clock)
    try:
        with alarm(schedule.alarm):
            answer = _fulfil(event, envelope, schedule, connect)
    except AttachmentError as error:
        answer = Answer(succeeded=False, reason=str(error), physical_id=envelope.physical_id)
    except OutOfTimeError:
        reason = "The function ran out of time. Try again; if it stays slow, look at its log for what it waited for."
        answer = Answer(succeeded=False, reason=reason, physical_id=envelope.physical_id)
    except Exception as error:  # a bug: without an answer CloudFormation would wait until its own timeout
        logger.exception("bug", extra={"request_id": envelope.request_id})
        reason = f"A bug in sms-redirect: {type(error).__name__}. The function's log has the details."
        answer = Answer(succeeded=False, reason=reason, physical_id=envelope.physical_id)
    _log(answer, envelope)
    send(answer, envelope, put, clock)


def _fulfil(event: Mapping[str, Any], envelope: Envelope, schedule: Schedule, connect: Callable[[], Aws]) -> Answer:
    request = read_request(event)
    if request is None:
        note = "There is no user pool to give back: the attach never happened."
        return Answer(succeeded=True, reason=note, physical_id=envelope.physical_id)
    pool_id = request.attachment.pool_id
    with closing(connect()) as aws:
        if request.kind is Kind.DELETE:
            note = _give_back(request, pool_id, schedule, aws)
            return Answer(succeeded=True, reason=note, physical_id=envelope.physical_id)
        note = _attach(request, schedule, aws)
        return Answer(succeeded=True, reason=note, physical_id=physical_id(pool_id), data={"UserPoolId": pool_id})


def _attach(request: Request, schedule: Schedule, aws: Aws) -> str:
    refuse_other_region(request)
    pool = aws.pool(request.attachment.pool_id)
    seen = schedule.patience.repeat(pool.settings)
    key = schedule.patience.repeat(partial(aws.key, request.attachment.key_arn, seen.key))
    change = _change(
        aws, request.attachment.pool_id, schedule, lambda now: attach(now, request, key, pool.model), undo=True
    )
    note = change.carry_out()
    if change.sent is None and request.other_pool_id:
        # A move that finds its pool attached already is a redelivery or a rollback. After a rollback CloudFormation may
        # not know of the other pool; after a redelivery its own Delete finds nothing left to do.
        note = f"{note} {_give_other_back(request, request.other_pool_id, schedule, aws)}"
    return note


def _give_other_back(request: Request, pool_id: str, schedule: Schedule, aws: Aws) -> str:
    """Never raises: a rollback must not fail for the pool that it leaves."""
    try:
        return _give_back(request, pool_id, schedule, aws)
    except AttachmentError as error:
        return f"User pool {pool_id} may still carry the redirect: {error}"


def _give_back(request: Request, pool_id: str, schedule: Schedule, aws: Aws) -> str:
    model = aws.pool(pool_id).model
    try:
        return _change(aws, pool_id, schedule, lambda now: detach(now, request, model), undo=False).carry_out()
    except PoolGoneError:
        return f"User pool {pool_id} is gone; nothing to give back."


def _change(aws: Aws, pool_id: str, schedule: Schedule, decide: Decide, *, undo: bool) -> Change:
    return Change(aws.pool(pool_id), decide, schedule.patience, schedule.undo_patience, undo_when_unsure=undo)


def _log(answer: Answer, envelope: Envelope) -> None:
    logger.info(
        "answer",
        extra={
            "succeeded": answer.succeeded,
            "reason": answer.reason,
            "physical_id": answer.physical_id,
            "stack_id": envelope.stack_id,
            "request_id": envelope.request_id,
        },
    )
