"""The doctor's answer to "No SMS?", for the page and for programs. Reads only."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sms_redirect.doctor.subject import OCCASIONS, Subject
from sms_redirect.inbox.parameters import BadParameter, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from sms_redirect.doctor.findings import Report

KNOWN = ("phone_number", "user_name", "flow", "minutes")
USUAL_MINUTES = 15
MOST_MINUTES = 7 * 24 * 60


class DiagnosisApi:
    """`examine` looks at the stack behind the inbox, in a worker thread; None: there is none.

    One diagnosis at a time: each asks AWS some twenty questions.
    """

    def __init__(self, examine: Callable[[Subject], Report] | None = None) -> None:
        self._examine = examine
        self._turn = asyncio.Lock()

    @property
    def available(self) -> bool:
        return self._examine is not None

    async def diagnose(self, request: Request) -> Response:
        subject = _subject(Parameters.parse(request.query_params.multi_items(), KNOWN))
        if self._examine is None:
            raise HTTPException(404, "There is no stack behind this inbox.")
        async with self._turn:
            report = await run_in_threadpool(self._examine, subject)
        return JSONResponse(report.for_reader_of_topic().as_document())

    def routes(self) -> list[Route]:
        return [Route("/api/diagnosis", self.diagnose, methods=["GET"])]


def _subject(parameters: Parameters) -> Subject:
    flow = parameters.values.get("flow")
    if flow is not None and flow not in OCCASIONS:
        raise BadParameter("flow", f"must be one of {', '.join(OCCASIONS)}, not {flow[:80]!r}.")
    return Subject.of(
        parameters.values.get("user_name"),
        _number(parameters.values.get("phone_number")),
        flow,
        timedelta(minutes=parameters.whole("minutes", USUAL_MINUTES, 1, MOST_MINUTES)),
    )


def _number(text: str | None) -> str | None:
    """E.164. A plus sign that was not percent-encoded arrives as a space."""
    if text is None:
        return None
    number = re.sub(r"[\s()./-]", "", re.sub(r"^ ?\+?", "+", text, count=1))
    if not re.fullmatch(r"\+[1-9][0-9]{1,14}", number):
        raise BadParameter("phone_number", f"must be E.164, such as +12065551212, not {text[:80]!r}.")
    return number
