"""The door of the AWS port: what is not signed with a key of this run, or sent for another site, never reaches the
emulator, which would run anybody's code.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from sms_redirect.loopback.hosts import ONLY_LOOPBACK, Hosts
from sms_redirect.sandbox.doors import bodies, models, signature, unsigned
from sms_redirect.sandbox.doors.caller import CALLER, Caller
from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.origins import Origins
from sms_redirect.sandbox.doors.refusals import Failed, Missing, OtherSite, Refused, UnknownKey
from sms_redirect.sandbox.doors.reply import Reply, send_whole
from sms_redirect.sandbox.doors.unsigned import Open

logger = logging.getLogger(__name__)

METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
BODILESS = frozenset({"GET", "HEAD"})
# Who asked, and how, is for the door to say.
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto")

Words = Callable[[Refused, Incoming], tuple[int, dict[str, str], bytes]]
"""(refusal, request) -> status, headers and body of a response, as the service that was called words it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the door opens for. `service_of` names the service that a request is for.

    `hosts` are the names of this machine, and of no bucket, API or function on it.
    """

    keys: signature.Keys
    origins: Origins
    service_of: Callable[[Incoming], str]
    words: Words
    hosts: Hosts = ONLY_LOOPBACK


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may pass; without a `caller`, one that needs no signature."""

    body: bytes = field(repr=False)
    caller: Caller | None = None


class Door:
    """In front of the emulator and of everything else on the AWS port that does not ask who calls."""

    def __init__(self, inside: ASGIApp, policy: Policy, home: ASGIApp) -> None:
        self._inside = inside
        self._home = home
        self._policy = policy

    async def serve(self, request: Incoming, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or respond with the reason why not."""
        kind = unsigned.kind(request, plain_host=self._policy.hosts.has(request.header("host") or ""))
        if request.method == "OPTIONS":
            await self._serve_options(request, send)
            return
        try:
            if (refusal := self._policy.origins.refusal(request, kind)) is not None:
                raise OtherSite(refusal)
            admitted = await self._let_in(request, kind, receive)
        except Refused as refused:
            status, headers, content = self._policy.words(refused, request)
            await _send(send, status, headers | self._policy.origins.headers(request, kind), content)
            return
        if admitted is not None:
            cors = self._policy.origins.headers(request, kind)
            reply = Reply(send, cors, has_body=request.method != "HEAD")
            asked = self._home if kind is Open.PAGE else self._inside
            await self._ask(asked, request, _passed_on(scope, admitted), bodies.again(admitted.body, receive), reply)

    async def _ask(self, asked: ASGIApp, request: Incoming, scope: Scope, receive: Receive, reply: Reply) -> None:
        try:
            await asked(scope, receive, reply.send)
        except Exception:
            if reply.started:
                raise
            logger.exception("The emulator failed at %s %s.", request.method, request.path)
            status, headers, content = self._policy.words(Failed(), request)
            await _send(reply.send, status, headers, content)

    async def _let_in(self, request: Incoming, kind: Open | None, receive: Receive) -> Admitted | None:
        """A request that may pass; None if the client went away.

        Raises:
            Refused
        """
        service = self._policy.service_of(request)
        if kind is None:
            admitted = await self._signed(request, service, receive)
        else:
            body = await bodies.read(receive, request, bodies.USUAL)
            if request.method in BODILESS:
                return Admitted(b"")
            admitted = None if body is None else Admitted(body)
        if admitted is not None:
            models.check(request, service, admitted.body)
        return admitted

    async def _signed(self, request: Incoming, service: str, receive: Receive) -> Admitted | None:
        given = signature.read(request)
        if given is None:
            raise Missing(await bodies.read(receive, request, bodies.USUAL) or b"")
        key = self._key(given)
        now = datetime.now(UTC)  # the machine's: clients sign by it, also while the sandbox's clock is ahead
        declared = signature.payload_hash(request, given, None)
        if declared is not None:
            given.verify(request, key, declared, now)
        body = await bodies.read(receive, request, bodies.limit(service))
        if body is None:
            return None
        if declared is None:
            given.verify(request, key, signature.payload_hash(request, given, body) or "", now)
        signature.check_body(request, given, key, body)
        region = given.region if isinstance(given, signature.Signature) else None
        return Admitted(body, Caller(given.access_key_id, region, service))

    def _key(self, given: signature.Signature | signature.OldSignature) -> signature.Key:
        try:
            return self._policy.keys(given.access_key_id, given.token)
        except UnknownKey:
            logger.warning(
                "A request was signed with the access key id %r, which this sandbox did not give out, or with another "
                "session's token. Export the environment that it printed when it started.",
                given.access_key_id[:128],
            )
            raise

    async def _serve_options(self, request: Incoming, send: Send) -> None:
        if "access-control-request-method" not in request.headers:
            await _send(send, HTTPStatus.NO_CONTENT, {"Allow": METHODS}, b"")
            return
        cors = self._policy.origins.preflight(request, unsigned.preflight_kind(request))
        await _send(send, HTTPStatus.FORBIDDEN if cors is None else HTTPStatus.OK, cors or {}, b"")


def _passed_on(scope: Scope, admitted: Admitted) -> Scope:
    dropped = FORWARDED if admitted.body else (*FORWARDED, b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
    # A policy may demand TLS, as the topic's does. Traffic that never leaves the machine counts as such.
    return {**scope, "headers": [*headers, (b"x-forwarded-proto", b"https")], CALLER: admitted.caller}


async def _send(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    await send_whole(send, status, {"x-amzn-requestid": str(uuid.uuid4()), **headers}, content)
