"""The API of the Preview tab: a text as it would be sent, and in a sandbox the way into a pool and onto a phone."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sms_redirect.errors import SmsInboxError
from sms_redirect.gallery import preview
from sms_redirect.gallery.errors import GalleryError
from sms_redirect.inbox import bodies
from sms_redirect.inbox.parameters import BadParameter, Parameters
from sms_redirect.inbox.sources import TryOutError
from sms_sender.templates import SETTINGS

if TYPE_CHECKING:
    from starlette.requests import Request

    from sms_redirect.gallery.pool import Pool
    from sms_redirect.inbox.sources import Pools, PoolWriter
    from sms_sender.flows import Kind

LONGEST_TEXT = 1000  # characters; Cognito takes 140, a CustomMessage function's text may be tried out too
FRESH = 5  # seconds for which typing does without another look at the pools
READ_ONLY = "This inbox shows a deployed stack: it never changes a pool and never sends an SMS. Use a sandbox."


@dataclass(slots=True)
class PreviewApi:
    """What the handlers work on. `writer` None: this inbox writes nothing."""

    source: Pools | None
    writer: PoolWriter | None
    _known: dict[str, Pool] = field(default_factory=dict)  # so that typing reads no pool, while it is fresh
    _read_at: float = -math.inf  # as time.monotonic

    async def preview(self, request: Request) -> Response:
        body = await bodies.read(request, "template", "template_text", "user_pool_id")
        pool_id = body.get("user_pool_id")
        pool = preview.NO_POOL if pool_id is None else await self._recent(bodies.string(body, "user_pool_id"))
        return JSONResponse(preview.preview(preview.Draft(_kind(body.get("template")), _text(body), pool)))

    async def list_pools(self, request: Request) -> Response:
        Parameters.parse(request.query_params.multi_items(), ())
        found = await self._read()
        return JSONResponse({"pools": [preview.describe(pool) for pool in found], "writable": self.writer is not None})

    async def use_text(self, request: Request) -> Response:
        body = await bodies.read(request, "template_text")
        kind, text = _kind(request.path_params["template"]), _text(body)
        writer, pool = self._writer(), await self._pool(request.path_params["id"])
        await _tried(writer.use_text, str(pool.id), kind, text)
        return JSONResponse(preview.describe(await self._pool(str(pool.id))))

    async def send(self, request: Request) -> Response:
        body = await bodies.read(request, "sms")
        writer, pool = self._writer(), await self._pool(request.path_params["id"])
        sms = bodies.string(body, "sms")
        known = [each["id"] for each in preview.describe(pool)["sms"]]
        if sms not in known:
            raise BadParameter("sms", f"must be one of {', '.join(known)}.")
        sent = await _tried(writer.send, str(pool.id), sms)
        document = {"flow": sent.flow, "user_name": sent.user_name, "phone_number": sent.phone_number}
        return JSONResponse(document, status_code=202)

    async def _recent(self, pool_id: str) -> Pool:
        """A pool that was read a moment ago, at the most."""
        is_fresh = time.monotonic() - self._read_at < FRESH
        return self._known[pool_id] if is_fresh and pool_id in self._known else await self._pool(pool_id)

    async def _pool(self, pool_id: str) -> Pool:
        """A pool as it is now."""
        pool = next((each for each in await self._read() if each.id == pool_id), None)
        if pool is None:
            raise HTTPException(404, "There is no such user pool here.")
        return pool

    async def _read(self) -> list[Pool]:
        """Every pool anew.

        Raises:
            HTTPException: they cannot be read (502).
        """
        if self.source is None:
            return []
        read_at = time.monotonic()
        try:
            found = list(await run_in_threadpool(self.source.pools))
        except (SmsInboxError, GalleryError) as error:
            raise HTTPException(502, str(error)) from error
        if read_at >= self._read_at:  # a slow look does not replace a later one
            self._known, self._read_at = {str(pool.id): pool for pool in found}, read_at
        return found

    def _writer(self) -> PoolWriter:
        if self.writer is None:
            raise HTTPException(403, READ_ONLY)
        return self.writer


def routes(api: PreviewApi) -> list[Route]:
    return [
        Route("/api/preview", api.preview, methods=["POST"]),
        Route("/api/pools", api.list_pools, methods=["GET"]),
        Route("/api/pools/{id}/texts/{template}", api.use_text, methods=["PUT"]),
        Route("/api/pools/{id}/messages", api.send, methods=["POST"]),
    ]


async def _tried(call: Any, *arguments: str) -> Any:
    try:
        return await run_in_threadpool(call, *arguments)
    except TryOutError as error:
        raise HTTPException(409, str(error)) from error


def _text(body: Mapping[str, Any]) -> str:
    text = bodies.string(body, "template_text")
    if len(text) > LONGEST_TEXT:
        raise BadParameter("template_text", f"has {len(text):,} characters; the preview takes {LONGEST_TEXT:,}.")
    # A browser may send half of a pair; no phone could show it.
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def _kind(value: object) -> Kind:
    for kind in SETTINGS:
        if value == kind:
            return kind
    raise BadParameter("template", f"must be one of {', '.join(SETTINGS)}.")
