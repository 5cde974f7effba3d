"""Plans a change of a pool, and carries it out: the attachment function's own code, with a person's credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from pool_attachment.attachment import Outcome, Timing, attach_pool, detach_pool, not_covered
from pool_attachment.errors import AttachmentError, RefusedError, TransientError
from pool_attachment.key import Key
from pool_attachment.plan import attach, detach
from pool_attachment.pool import Aws as PoolAws
from pool_attachment.request import Attachment, Request, RequestType
from pool_attachment.retry import BY_HAND, Clock, Limits, Retry
from pool_attachment.settings import Settings
from pool_attachment.tags import RedirectTags
from sms_redirect.attachment import remarks
from sms_redirect.attachment.deployed import Deployed
from sms_redirect.attachment.preview import Preview, refused
from sms_redirect.aws import EXPIRED, Aws, code_of, explained
from sms_redirect.errors import AttachmentFailed

# What stands for things that only a deployment makes.
NEW = "created-by-the-stack"
_FIRST_LOOK = Limits(transient=8.0, denied=0.0, sms_role=0.0)  # a wrong endpoint should not take a minute to notice
_LONGEST, _UNDO = 240.0, 90.0  # seconds


@dataclass(frozen=True)
class Wanted:
    """What a stack that is not deployed yet would be given. None: it makes that itself."""

    stack_name: str
    sender_arn: str | None = None
    key_arn: str | None = None
    max_users: int | None = None
    allow_production: bool | None = None


@dataclass
class ByHand:
    """One pool, looked at and changed from the command line.

    Every method raises AttachmentFailed with what to do, or CannotReachAws and NotAuthenticated as everywhere.
    """

    aws: Aws
    pool_id: str
    clock: Clock

    def __post_init__(self) -> None:
        with explained("Reading the AWS configuration"):
            self.calls = PoolAws.of(self.aws.session, self.aws.endpoint_url, caller="Your credentials")
        self.pool = self.calls.pool(self.pool_id)

    def settings(self) -> Settings:
        with _errors(f"Reading user pool {self.pool_id}"):
            return self._first_look().call(self.pool.settings)

    def preview_attach(self, settings: Settings, wanted: Wanted, deployed: Deployed | None) -> tuple[Preview, Request]:
        """What attaching would change, and the request that does it."""
        request = self._to_attach(settings, wanted, deployed)
        of_stack = (remarks.of_custom_message(settings, deployed), remarks.of_move(self.pool_id, deployed))
        said = tuple(filter(None, of_stack))
        with _errors(f"Planning to attach {self.pool_id}"):
            said += tuple(not_covered(self.pool))
            try:
                plan = attach(settings, request, self._key(request, settings), self.pool.model)
            except RefusedError as error:
                return refused("attach", settings, self.pool.region, str(error)), request
        preview = Preview("attach", self.pool_id, self.pool.region, settings.update, plan, (*plan.remarks, *said))
        return preview, request

    def preview_detach(self, settings: Settings, sender_arn: str | None = None) -> tuple[Preview, Request]:
        """What detaching would change, known from the pool's tags alone, and the request that does it.

        `sender_arn`: the redirect's function, for a pool whose tags are gone.
        """
        tags = RedirectTags.read(settings.tags)
        attachment = Attachment(
            pool_id=self.pool_id,
            sender_arn=tags.sender or sender_arn or "",
            key_arn="",
            key_is_ours=False,
            stack=tags.stack or tags.attaching or "",
            max_users=0,
        )
        senders = frozenset(filter(None, (tags.sender, sender_arn)))
        request = Request(RequestType.DELETE, attachment, senders)
        try:
            plan = detach(settings, request, self.pool.model)
        except RefusedError as error:
            return refused("detach", settings, self.pool.region, str(error)), request
        if not plan.request and not plan.untag:
            return Preview(
                "detach", self.pool_id, self.pool.region, settings.update, remarks.no_redirect(settings)
            ), request
        said = (*plan.remarks, *remarks.of_what_became(self.aws, settings, tags, plan))
        return Preview("detach", self.pool_id, self.pool.region, settings.update, plan, said), request

    def attach(self, request: Request) -> Outcome:
        with _errors(f"Attaching {self.pool_id}"):
            return attach_pool(request, self.calls, self._timing())

    def detach(self, request: Request) -> Outcome:
        with _errors(f"Detaching {self.pool_id}"):
            return detach_pool(request, self.calls, self._timing())

    def _to_attach(self, settings: Settings, wanted: Wanted, deployed: Deployed | None) -> Request:
        """As CloudFormation would send it; what is not deployed yet gets a name that says so."""
        _, partition, _, _, account, _ = settings.arn.split(":", 5)
        here = f"{self.pool.region}:{account}"
        sender_arn = wanted.sender_arn or (
            deployed.sender_arn if deployed else f"arn:{partition}:lambda:{here}:function:{wanted.stack_name}-{NEW}"
        )
        key_arn = wanted.key_arn or (deployed.key_arn if deployed else f"arn:{partition}:kms:{here}:key/{NEW}")
        max_users = wanted.max_users if wanted.max_users is not None else deployed.max_users if deployed else 1000
        allow_production = deployed.allow_production if deployed else False
        attachment = Attachment(
            pool_id=self.pool_id,
            sender_arn=sender_arn,
            key_arn=key_arn,
            key_is_ours=wanted.key_arn is None and (deployed.key_is_ours if deployed else True),
            stack=deployed.arn
            if deployed
            else f"arn:{partition}:cloudformation:{here}:stack/{wanted.stack_name}/{NEW}",
            max_users=max_users,
            allow_production=allow_production if wanted.allow_production is None else wanted.allow_production,
        )
        return Request(RequestType.CREATE, attachment, frozenset({sender_arn}))

    def _key(self, request: Request, settings: Settings) -> Key:
        key_arn = request.attachment.key_arn
        if key_arn.endswith(f":key/{NEW}"):
            return Key(key_arn)
        return self._first_look().call(lambda: self.calls.key(key_arn, settings.key))

    def _first_look(self) -> Retry:
        now = self.clock.now()
        return Retry(self.clock, _FIRST_LOOK, now, now + _LONGEST)

    def _timing(self) -> Timing:
        end = self.clock.now() + _LONGEST
        return Timing(self.clock, end, undo=_UNDO, attaching=BY_HAND, detaching=BY_HAND)


@contextmanager
def _errors(doing: str) -> Iterator[None]:
    """Of credentials and connections in the words of every command; all else as the attachment says it."""
    try:
        yield
    except AttachmentError as error:
        cause = error.__cause__
        known = isinstance(cause, BotoCoreError) or (isinstance(cause, ClientError) and code_of(cause) in EXPIRED)
        landed = isinstance(error, TransientError) and error.may_have_landed
        if known and isinstance(cause, Exception) and not landed:
            _explain(cause, doing)
        raise AttachmentFailed(str(error)) from error


def _explain(cause: Exception, doing: str) -> NoReturn:
    with explained(doing):
        raise cause
    raise AssertionError  # it always raises
