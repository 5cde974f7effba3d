"""`Custom::UserPoolAttachment`: puts the redirect's trigger on an existing user pool, and restores the pool."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from pool_attachment.alarm import alarm
from pool_attachment.attachment import Timing, attach_pool, detach_pool, to_finish
from pool_attachment.errors import AttachmentError, ChangedError, IncompleteError, NotServedError, OutOfTimeError
from pool_attachment.key import arn_region
from pool_attachment.pool import Aws
from pool_attachment.request import (
    PHYSICAL_ID_PREFIX,
    POOL_ID,
    Envelope,
    Request,
    RequestType,
    Served,
    physical_id,
    read_envelope,
    read_request,
)
from pool_attachment.response import Put, Response, put_to_url, send
from pool_attachment.retry import Clock
from pool_attachment.watch_channel import Channel
from pool_attachment.watcher import Run, Watched

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

_RESERVE = 35.0  # seconds for the response: its attempts may take 28
_UNDO = 160.0  # seconds: two minutes of retries, the calls and the second look
_NO_LIMIT = 420.0


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
    """Lambda's entry. Always responds to CloudFormation; raises only when that is impossible.

    The schedule's event is a look of the watch, whose summary is returned for those who invoke it by hand.
    """
    if event.get("sms-redirect") == "watch":
        return look(context, os.environ)
    serve(event, context, connect=Aws.connect, clock=Clock(), put=put_to_url, environment=os.environ)
    return None


def look(context: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    """One run of the watch. Raises what it cannot tell anybody, so that Lambda logs and counts it."""
    watched, clock = Watched.read(environment), Clock()
    remaining = getattr(context, "get_remaining_time_in_millis", lambda: None)()
    left = _NO_LIMIT if remaining is None else remaining / 1000
    with (
        closing(Aws.connect()) as aws,
        closing(Channel.connect(watched.topic_arn, watched.queue_url)) as channel,
    ):
        timing = Timing(clock, clock.now() + left - min(_RESERVE, left / 4), undo=0)
        return Run(watched, aws, channel, timing).carry_out()


def serve(
    event: Mapping[str, Any],
    context: Any,
    *,
    connect: Callable[[], Aws],
    clock: Clock,
    put: Put,
    environment: Mapping[str, str],
) -> None:
    served = Served.read(environment)
    envelope = read_envelope(event, served)
    remaining = getattr(context, "get_remaining_time_in_millis", lambda: None)()
    left = _NO_LIMIT if remaining is None else remaining / 1000
    left -= min(_RESERVE, left / 4)
    timing = Timing(clock, clock.now() + left, undo=min(_UNDO, left / 2))
    try:
        with alarm(None if remaining is None else left):
            response = _fulfil(event, envelope, served, timing, connect)
    except AttachmentError as error:
        if isinstance(error, NotServedError):
            logger.warning("refused", extra={"reason": str(error), "request_id": envelope.request_id})
        response = _failed(str(error), event, envelope, served, error)
    except OutOfTimeError as error:
        reason = "The function ran out of time. Try again; if it stays slow, look at its log for what it waited for."
        response = _failed(reason, event, envelope, served, error)
    except Exception as error:  # a bug: without a response CloudFormation would wait until its own timeout
        logger.exception("bug", extra={"request_id": envelope.request_id})
        reason = f"A bug in sms-redirect: {type(error).__name__}. The function's log has the details."
        response = _failed(reason, event, envelope, served, error)
    _log(response, envelope)
    send(response, envelope, put, clock)


def _fulfil(
    event: Mapping[str, Any], envelope: Envelope, served: Served, timing: Timing, connect: Callable[[], Aws]
) -> Response:
    request = read_request(event, served)
    if request is None:
        note = "There is no user pool to restore: it was never attached."
        return Response(succeeded=True, reason=note, physical_id=envelope.physical_id)
    with closing(connect()) as aws:
        if request.type is RequestType.DELETE:
            note = detach_pool(request, aws, timing).note
            return Response(succeeded=True, reason=note, physical_id=envelope.physical_id)
        note = _attach(request, envelope, aws, timing)
    pool_id = request.attachment.pool_id
    return Response(succeeded=True, reason=note, physical_id=physical_id(pool_id), data={"UserPoolId": pool_id})


def _attach(request: Request, envelope: Envelope, aws: Aws, timing: Timing) -> str:
    """A move restores the pool that it leaves, or fails: see `_leave`."""
    note = attach_pool(request, aws, timing).note
    if request.leaving is None:
        return note
    restored = _leave(replace(request, attachment=request.leaving), request, envelope, aws, timing)
    return f"{note} {restored}"


def _leave(left: Request, request: Request, envelope: Envelope, aws: Aws, timing: Timing) -> str:
    """Restore the pool of before, and return what a person should know. Raises IncompleteError.

    Not left to the Delete in CloudFormation's clean-up: after three failures that would count as a successful update,
    with the pool still redirected (docs/cognito-facts.md, "CloudFormation"). When it comes, it finds nothing to do.
    """
    try:
        return detach_pool(left, aws, replace(timing, end=timing.end - timing.undo)).note
    except AttachmentError as error:
        pool_id, wanted = left.attachment.pool_id, request.attachment.pool_id
        reason = f"User pool {pool_id} could not be restored: {error}"
        if envelope.physical_id == physical_id(wanted):
            # CloudFormation rolls an update back that failed: that must not fail for the pool which it never knew.
            return f"{reason} {to_finish(pool_id, aws.pool(pool_id).region)}"
        moved, next_step = _moved_back(request, aws, timing)
        raise IncompleteError(f"{reason} {moved}", next_step) from error


def _moved_back(request: Request, aws: Aws, timing: Timing) -> tuple[str, str]:
    """Take the redirect off the new pool again; (whether that worked, what finishes it)."""
    pool_id = request.attachment.pool_id
    try:
        detach_pool(request, aws, timing)
    except AttachmentError as error:
        failed = f"Nor could user pool {pool_id}, which carries the redirect now: {error}"
        return failed, to_finish(pool_id, aws.pool(pool_id).region)
    return f"So nothing was moved, and user pool {pool_id} is as it was.", ""


def _failed(
    reason: str, event: Mapping[str, Any], envelope: Envelope, served: Served, error: BaseException
) -> Response:
    """What finishes the job ends the reason of whatever left the redirect on a pool."""
    next_step = ""
    pool_id = envelope.physical_id.removeprefix(PHYSICAL_ID_PREFIX)
    unfinished = event.get("RequestType") == RequestType.DELETE and not isinstance(error, ChangedError | NotServedError)
    if isinstance(error, IncompleteError):
        reason, next_step = error.reason, error.next_step
    elif unfinished and POOL_ID.fullmatch(pool_id):
        next_step = to_finish(pool_id, arn_region(served.sender_arn))
    return Response(succeeded=False, reason=reason, physical_id=envelope.physical_id, next_step=next_step)


def _log(response: Response, envelope: Envelope) -> None:
    logger.info(
        "response",
        extra={
            "succeeded": response.succeeded,
            "reason": response.reason,
            "physical_id": response.physical_id,
            "stack_id": envelope.stack_id,
            "request_id": envelope.request_id,
        },
    )
