"""Reads the SMS of a deployed stack in a test: subscribes a temporary queue to its topic and waits for codes."""

from __future__ import annotations

import asyncio
import concurrent.futures
import math
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, overload

from sms_redirect import stack
from sms_redirect.aws import Aws
from sms_redirect.errors import BadInput, InboxClosed, SmsFailed, SmsTimeout
from sms_redirect.messages.flows import NOT_SMS
from sms_redirect.testkit.arrivals import Arrivals, Wait
from sms_redirect.testkit.cause import most_likely_cause
from sms_redirect.testkit.filter import Filter
from sms_redirect.testkit.report import timed_out
from sms_redirect.testkit.sandbox_emails import SandboxEmails
from sms_redirect.topic import sweep
from sms_redirect.topic.permissions import policy
from sms_redirect.topic.queue import SHORT_POLL, TemporaryQueue
from sms_redirect.topic.receiver import Receiver

if TYPE_CHECKING:
    from types import TracebackType

    import boto3

    from sms_redirect.messages.document import Message
    from sms_redirect.messages.email import Email
    from sms_redirect.messages.sms import Sms
    from sms_redirect.messages.store import Entry

TIMEOUT = 30.0  # seconds


class SmsInbox:
    """The SMS of a stack, from the moment that its `with` block is entered until it is left.

    Name the stack or the topic. `phone_number`, `phone_prefix`, `flow` and `user_name` restrict what SNS delivers to
    this inbox (a filter policy, which compares exactly), so that parallel runs do not read each other's messages.
    `endpoint_url` is for a sandbox. Threads and asyncio tasks may share one inbox.

        with SmsInbox(stack_name="sms-redirect") as inbox:
            app.sign_up("+12065550123")
            code = inbox.wait_for(phone_number="+12065550123", flow="SignUp").code

    Raises:
        BadInput: neither or both of stack and topic, not an ARN, a number that is not E.164.
        TopicElsewhere: the topic is in another region than the session works in.
        CannotReachAws: the AWS configuration cannot be read.
    """

    def __init__(
        self,
        stack_name: str | None = None,
        *,
        topic_arn: str | None = None,
        session: boto3.Session | None = None,
        endpoint_url: str | None = None,
        phone_number: str | None = None,
        phone_prefix: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
    ) -> None:
        if bool(stack_name) == bool(topic_arn):
            raise BadInput("Pass either stack_name or topic_arn: which stack's SMS should be read?")
        self._stack_name = stack_name
        self._topic_arn = topic_arn
        self._filter = Filter(phone_number, phone_prefix, flow, user_name)
        self._aws = _aws(session, endpoint_url)
        self._queue = self._queue_of(topic_arn) if topic_arn else None
        self._arrivals = Arrivals()
        self._receiver: Receiver | None = None
        self._emails = SandboxEmails(endpoint_url, self._arrivals.add)

    def _queue_of(self, topic_arn: str) -> TemporaryQueue:
        return TemporaryQueue(self._aws, topic_arn, self._filter.policy(), poll=SHORT_POLL)

    def __repr__(self) -> str:
        return f"SmsInbox({self._stack_name or self._topic_arn!r})"

    # ---- opening and closing ----

    def __enter__(self) -> Self:
        """Open the queue. Every SMS from now on is received.

        Raises:
            NoSuchStack, NoSuchTopic, TopicElsewhere, NotAllowed, CannotReachAws
        """
        if self._receiver is not None:
            raise InboxClosed("This inbox was opened before: create a new SmsInbox for each `with` statement.")
        if self._queue is None:
            name = self._stack_name or ""
            self._queue = self._queue_of(stack.topic_arn(self._aws, name, policy(stack_name=name)))
        queue = self._queue
        queue.open()
        self._emails.forget()
        try:
            self._receiver = Receiver(queue, self._arrived, self._arrivals.end)
            self._receiver.start()
        except BaseException:  # nobody calls __exit__ then
            queue.remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove queue and subscription. What cannot be removed causes a `LeftBehind` warning."""
        self._arrivals.end(InboxClosed("The inbox was closed: wait for SMS inside its `with` statement."))
        try:
            if self._receiver is not None:
                self._receiver.stop()
        finally:
            if self._queue is not None:
                self._queue.remove()

    def _arrived(self, sms: Sms) -> None:
        if sms.flow in NOT_SMS:
            return
        # SNS may deliver more than was asked for: filter policies take up to 15 minutes to take effect.
        if self._filter.matches(sms):
            self._arrivals.add(sms)

    # ---- reading ----

    @overload
    def wait_for(
        self,
        *,
        phone_number: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
        email: None = None,
        since: datetime | None = None,
        timeout: float = TIMEOUT,
    ) -> Sms: ...

    @overload
    def wait_for(
        self,
        *,
        email: str,
        flow: str | None = None,
        user_name: str | None = None,
        since: datetime | None = None,
        timeout: float = TIMEOUT,
    ) -> Email: ...

    def wait_for(
        self,
        *,
        phone_number: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
        email: str | None = None,
        since: datetime | None = None,
        timeout: float = TIMEOUT,
    ) -> Message:
        """The first matching SMS that no earlier `wait_for` returned, as soon as it arrives.

        Consecutive waits return consecutive SMS: SignUp, then ResendCode. Messages that do not match are kept for other
        waits. `flow` is the flow's name (SignUp, ResendCode, ForgotPassword, VerifyUserAttribute, UpdateUserAttribute,
        Authentication, AdminCreateUser), `user_name` also matches the user's `sub`, `since` is an aware time of receipt
        by this machine's clock. `timeout` is in seconds; 0 returns only what has arrived already.

        With `email`, an address, it waits for an email instead: one that a sandbox's user pool sent itself.

        Raises:
            SmsTimeout: none arrived; the text lists what did arrive.
            SmsFailed: the SMS was sent but cannot be shown.
            QueueGone, InboxClosed, NotAllowed: no more can arrive.
            BadInput
        """
        wanted = Filter(phone_number, None, flow, user_name, email)
        if email is not None:
            self._emails.fetch()
        wait = self._wait(wanted, since, timeout)
        try:
            with self._arriving(wanted):
                entry = wait.result.result(timeout)
        except concurrent.futures.TimeoutError:
            entry = self._arrivals.withdraw(wait)
            if entry is None:
                self._check_queue(timeout)
                raise self._timed_out(wait, timeout) from None
        except BaseException:  # Ctrl-C: the next wait gets what arrived just then
            self._abandon(wait)
            raise
        return self._taken(entry)

    @overload
    async def wait_for_async(
        self,
        *,
        phone_number: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
        email: None = None,
        since: datetime | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the same call as `wait_for`
    ) -> Sms: ...

    @overload
    async def wait_for_async(
        self,
        *,
        email: str,
        flow: str | None = None,
        user_name: str | None = None,
        since: datetime | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the same call as `wait_for`
    ) -> Email: ...

    async def wait_for_async(
        self,
        *,
        phone_number: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
        email: str | None = None,
        since: datetime | None = None,
        timeout: float = TIMEOUT,  # noqa: ASYNC109 - the same call as `wait_for`
    ) -> Message:
        """As `wait_for`, without blocking the event loop. A cancelled wait consumes no message."""
        wanted = Filter(phone_number, None, flow, user_name, email)
        if email is not None:
            await asyncio.to_thread(self._emails.fetch)
        wait = self._wait(wanted, since, timeout)
        try:
            with self._arriving(wanted):
                # Shielded: otherwise cancelling could reach the wait while a message is being handed to it.
                result = asyncio.shield(asyncio.wrap_future(wait.result))
                entry = await asyncio.wait_for(result, timeout) if timeout else self._arrivals.withdraw(wait)
        except TimeoutError:
            entry = self._arrivals.withdraw(wait)
        except BaseException:
            self._abandon(wait)
            raise
        if entry is None and self._arrivals.ended is None:
            await asyncio.to_thread(self._check_queue, timeout)
            raise await asyncio.to_thread(self._timed_out, wait, timeout)
        return self._taken(entry)

    @overload
    def messages(
        self,
        *,
        phone_number: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
        email: None = None,
        since: datetime | None = None,
    ) -> list[Sms]: ...

    @overload
    def messages(
        self,
        *,
        email: str,
        flow: str | None = None,
        user_name: str | None = None,
        since: datetime | None = None,
    ) -> list[Email]: ...

    def messages(
        self,
        *,
        phone_number: str | None = None,
        flow: str | None = None,
        user_name: str | None = None,
        email: str | None = None,
        since: datetime | None = None,
    ) -> list[Sms] | list[Email]:
        """What has arrived since the last `clear`, oldest first: failures and what `wait_for` returned included.

        With `email`, an address, the emails to it (see `wait_for`).
        """
        wanted = Filter(phone_number, None, flow, user_name, email)
        _check_time(since)
        if email is not None:
            self._emails.fetch()
        entries = self._arrivals.kept()
        found: Any = [
            each.message
            for each in entries
            if wanted.matches(each.message) and (not since or each.received_at >= since)
        ]
        return found  # type: ignore[no-any-return]  # of the kind that the filter lets through

    def clear(self) -> None:
        """Forget what has arrived; later waits do not return it."""
        self._emails.forget()
        self._arrivals.clear()

    @property
    def foreign_messages(self) -> int:
        """How many messages on the topic were not SMS; they are ignored."""
        return self._receiver.foreign if self._receiver else 0

    @staticmethod
    def sweep(
        older_than: timedelta = sweep.QUIET,
        *,
        session: boto3.Session | None = None,
        endpoint_url: str | None = None,
    ) -> sweep.Swept:
        """Remove the queues and subscriptions that killed runs left behind, in the session's account and region.

        A queue is removed if its process on this machine has ended, or if its tag has not been renewed for
        `older_than`; an inbox in use renews it every five minutes.

        Raises:
            NotAllowed, CannotReachAws
        """
        return sweep.sweep(_aws(session, endpoint_url), older_than)

    def _wait(self, wanted: Filter, since: datetime | None, timeout: float) -> Wait:
        _check_time(since)
        if not (isinstance(timeout, int | float) and 0 <= timeout < math.inf):
            raise BadInput(f"timeout must be a number of seconds, 0 or more, not {timeout!r}.")
        if self._receiver is None:
            raise InboxClosed("The inbox is not open: use it in a `with` statement.")
        return self._arrivals.wait(wanted, since)

    def _arriving(self, wanted: Filter) -> AbstractContextManager[None]:
        """SMS arrive by themselves."""
        return self._emails.arriving() if wanted.email else nullcontext()

    def _abandon(self, wait: Wait) -> None:
        entry = self._arrivals.withdraw(wait)
        if entry is not None:
            self._arrivals.put_back(entry)

    def _taken(self, entry: Entry | None) -> Message:
        if entry is None:
            raise self._arrivals.ended or InboxClosed("The inbox was closed.")
        entry.message.warn_if_newer(stacklevel=4)
        if entry.message.failure is not None:
            raise SmsFailed(entry.message)
        return entry.message

    def _check_queue(self, timeout: float) -> None:
        """Do not blame a timeout on the application if the queue is gone. Skipped for 0 s, which should be quick."""
        if self._queue is not None and timeout:
            self._queue.check()

    def _timed_out(self, wait: Wait, timeout: float) -> SmsTimeout:
        arrived = self._arrivals.instead_of(wait)
        source = self._emails if wait.wanted.email else self._receiver
        trouble = source.trouble if source else None
        # A wait of 0 s should be quick, and one for a topic does not know its stack. The doctor knows about SMS.
        asked = self._stack_name if timeout and not wait.wanted.email else None
        cause = most_likely_cause(self._aws, asked, wait.wanted) if asked else None
        return timed_out(wait.wanted, timeout, arrived, foreign=self.foreign_messages, trouble=trouble, cause=cause)


def _aws(session: boto3.Session | None, endpoint_url: str | None) -> Aws:
    return Aws(session, endpoint_url) if session else Aws.of(None, None, endpoint_url)


def _check_time(since: datetime | None) -> None:
    if since is not None and (not isinstance(since, datetime) or since.tzinfo is None):
        raise BadInput(f"since must be an aware datetime, such as datetime.now(UTC), not {since!r}.")
