"""One run of the watch: look, tell, end the redirect if it is due, remember."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pool_attachment.attachment import Timing, detach_pool
from pool_attachment.aws_errors import FAILURES
from pool_attachment.errors import AttachmentError, NotServedError, PoolGoneError, RefusedError
from pool_attachment.key import arn_region
from pool_attachment.notice import Notice, compose
from pool_attachment.ownership import Ownership
from pool_attachment.pool import Aws
from pool_attachment.request import Attachment, Request, RequestType, Served
from pool_attachment.watch import (
    News,
    PoolSeen,
    Readers,
    Seen,
    State,
    after_end,
    begin,
    ending,
    failed_end,
    is_over,
    know,
    merged,
    news,
    presume_end,
    settled,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Watched:
    """What is watched, from the function's environment. `expected`: the addresses in the stack's parameters."""

    served: Served
    pool_id: str
    key_arn: str
    topic_arn: str
    queue_url: str
    expected: tuple[str, ...]
    detach_after_hours: float

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Watched:
        """Raises NotServedError when the environment does not say all of it."""
        names = ("USER_POOL_ID", "KMS_KEY_ARN", "TOPIC_ARN", "FAILURE_QUEUE_URL")
        for name in names:
            if not environment.get(name):
                raise NotServedError(f"The function's environment has no {name}. Deploy it with its own template.")
        pool_id, key_arn, topic_arn, queue_url = (environment[name] for name in names)
        return cls(
            served=Served.read(environment),
            pool_id=pool_id,
            key_arn=key_arn,
            topic_arn=topic_arn,
            queue_url=queue_url,
            expected=tuple(environment.get("SUBSCRIBERS", "").split()),
            detach_after_hours=float(environment.get("DETACH_AFTER_HOURS") or 0),
        )

    def request(self) -> Request:
        """As CloudFormation's Delete of the attachment; the pool's tags know its key and what was there before."""
        attachment = Attachment(self.pool_id, self.served.sender_arn, "", False, self.served.stack_arn, 0)
        return Request(RequestType.DELETE, attachment, frozenset({self.served.sender_arn}))


class WatchChannel(Protocol):
    """See `watch_channel.Channel`."""

    def remembered(self, pool_id: str) -> State: ...

    def remember(self, state: State) -> None: ...

    def lost(self) -> int: ...

    def readers(self, expected: tuple[str, ...]) -> Readers: ...

    def publish(self, notice: Notice) -> None: ...


@dataclass
class Run:
    """`unseen`: what could not be looked at. `told`, `untold`: notices that the topic took, and those it refused."""

    watched: Watched
    aws: Aws
    channel: WatchChannel
    timing: Timing
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    unseen: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def carry_out(self) -> dict[str, Any]:
        """The summary that the function returns. Raises what botocore raises if the memory cannot be used."""
        before = self.channel.remembered(self.watched.pool_id)
        seen = self._look()
        state = know(presume_end(begin(before, seen), seen, self.watched.detach_after_hours), seen)
        items = list(news(state, seen))
        noted = state
        for each in items:
            noted = merged(noted, each.untold, each.name)
        _metric(noted)
        # Before anything is told: a watch that cannot remember would repeat itself with every run.
        if items or noted != before:
            self.channel.remember(noted)
        state = noted
        for each in items:
            state = self._tell(each, state)
        state = self._end(state, seen)
        if state != noted:
            _metric(state)
            self.channel.remember(state)
        summary = {"well": not state.troubles, "told": self.told, "untold": self.untold, "unseen": self.unseen}
        logger.info("watched", extra={"user_pool_id": self.watched.pool_id, **summary})
        return summary

    def _end(self, state: State, seen: Seen) -> State:
        hours = self.watched.detach_after_hours
        state = settled(state, self.now, hours)
        if not (seen.pool and seen.pool.on):
            return state
        if warning := ending(state, self.now, hours):
            state = self._tell(warning, state)
            if "ending" in self.told:  # it ends in a later run, so that there is time to read this
                return state
        if not is_over(state, self.now, hours):
            return state
        try:
            note = detach_pool(self.watched.request(), self.aws, self.timing).note
        except AttachmentError as error:
            logger.exception("not ended", extra={"user_pool_id": self.watched.pool_id})
            failed = failed_end(state, self.now, str(error))
            return self._tell(failed, state) if failed else state
        logger.info("ended", extra={"user_pool_id": self.watched.pool_id, "note": note})
        state = after_end(state, self.now)
        self.channel.remember(state)  # at once: if this run dies, the next must know that it was the watch
        for each in news(state, replace(seen, pool=None, key=None, lost=None, readers=None)):
            state = self._tell(each, state)
        return state

    def _tell(self, item: News, state: State) -> State:
        """The state afterwards: `state` with the part that the item is about replaced."""
        about = f"{item.name} {item.since.timestamp():.0f} {item.text}"
        notice = compose(item.text, about, self.watched.pool_id, arn_region(self.watched.topic_arn), self.now)
        try:
            self.channel.publish(notice)
        except FAILURES as error:
            logger.error("notice not published", extra={"about": item.name, "reason": _name(error)})  # noqa: TRY400 - the error's text may quote the notice
            self.untold.append(item.name)
            return merged(state, item.untold, item.name)
        self.told.append(item.name)
        return merged(state, item.told, item.name)

    def _look(self) -> Seen:
        return Seen(
            now=self.now,
            pool=self._try("pool", self._pool),
            key=self._try("key", self._key),
            lost=self._try("failure queue", self.channel.lost),
            readers=self._try("subscriptions", lambda: self.channel.readers(self.watched.expected)),
        )

    def _pool(self) -> PoolSeen:
        try:
            settings = self.aws.pool(self.watched.pool_id).settings()
        except PoolGoneError:
            return PoolSeen(on=False, gone=True)
        changed = settings.raw.get("LastModifiedDate")
        return PoolSeen(
            on=Ownership.of(settings, self.watched.request()).our_trigger,
            sender=settings.sms_sender_arn,
            changed=datetime.fromtimestamp(changed, UTC) if isinstance(changed, int | float) else None,
        )

    def _key(self) -> str:
        try:
            return self.aws.key(self.watched.key_arn, None).state
        except RefusedError:
            return "gone"

    def _try(self, what: str, look: Callable[[], T]) -> T | None:
        try:
            return look()
        except (AttachmentError, *FAILURES) as error:
            logger.warning("could not look", extra={"at": what, "reason": str(error)})
            self.unseen.append(f"{what}: {error}")
            return None


def _name(error: Exception) -> str:
    response: Mapping[str, Any] = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code") or type(error).__name__)


def _metric(state: State) -> None:
    """In the embedded metric format, with every run: an alarm that ignores missing data changes with the state."""
    metrics = {"Namespace": "SmsRedirect", "Dimensions": [["UserPoolId"]], "Metrics": [{"Name": "WatchTroubles"}]}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]},
        "UserPoolId": state.pool_id,
        "WatchTroubles": len(state.troubles),
    }
    print(json.dumps(line))  # noqa: T201 - the embedded metric format is a line of standard output
